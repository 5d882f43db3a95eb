// The platform's encoder and decoder of UTF-8. jsdom under Jest hides them, but not Node's modules.
const platform = globalThis.TextEncoder ? globalThis : process.getBuiltinModule("node:util");

export const encoder = /* @__PURE__ */ new platform.TextEncoder();

export const decoder = (options?: TextDecoderOptions) => new platform.TextDecoder("utf-8", options);
