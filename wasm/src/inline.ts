// The package for servers, tests and wherever a file beside the script is in the way: the module is in the scripts.
import { loader, type Source } from "./load.js";

export * from "./engine.js";
export { LoadError, type LoadFault, type Source } from "./load.js";

// Not imported: a bundle for browsers would lack them, and a page needs none.
const node = globalThis.process?.getBuiltinModule as typeof process.getBuiltinModule | undefined;

async function own(): Promise<Source> {
  const { base64 } = await import("./bytes.js");
  const packed = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  // jsdom under Jest hides the platform's streams, but not Node's modules.
  if (node) return node("node:zlib").gunzipSync(packed);
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

// Node's fetch reads no files.
const open = (url: string | URL) =>
  node && String(url).startsWith("file:") ? node("node:fs/promises").readFile(new URL(url)) : fetch(url);

/**
 * Loads the engine, by default from what this package holds. Calls for one place share one engine.
 *
 * A page under a Content-Security-Policy needs 'wasm-unsafe-eval' in its script-src. Rejects with a {@link LoadError}.
 */
export const load = loader(own, open);
