// Where the module is that the scripts hold.
import { LoadError, type Source } from "./load.js";

// Not imported: a bundle for browsers would lack them, and a page needs none.
const node = globalThis.process?.getBuiltinModule as typeof process.getBuiltinModule | undefined;

export async function own(): Promise<Source> {
  const { base64 } = await import("./bytes.js");
  const packed = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  // jsdom under Jest hides the platform's streams, but not Node's modules.
  if (node) return node("node:zlib").gunzipSync(packed);
  if (!globalThis.DecompressionStream)
    throw new LoadError("unsupported", undefined, "there is no DecompressionStream here, of Chrome 80, Firefox 113 and Safari 16.4");
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

// Node's fetch reads no files.
export const open = (url: string | URL) =>
  node && String(url).startsWith("file:") ? node("node:fs/promises").readFile(new URL(url)) : fetch(url);
