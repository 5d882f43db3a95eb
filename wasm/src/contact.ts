// The package for pages and workers: the engine, from the file contact.wasm beside this one.
import { LoadError, loader } from "./load.js";

export * from "./engine.js";
export { LoadError, type LoadFault, type Source } from "./load.js";

function own() {
  try {
    // Bundlers know these words: they put the file into what they build, and its address here.
    return new URL("./contact.wasm", import.meta.url);
  } catch (cause) {
    throw new LoadError("status", "./contact.wasm", "a script that is no module does not know its own URL", cause);
  }
}

/**
 * Loads the engine, by default from contact.wasm beside this file. Calls for one place share one engine.
 *
 * A page under a Content-Security-Policy needs 'wasm-unsafe-eval' in its script-src. Rejects with a {@link LoadError}.
 */
export const load = loader(own);
