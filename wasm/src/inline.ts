// The package for servers, tests and wherever a file beside the script is in the way: the module is in the scripts.
import { own, open } from "./inline-source.js";
import { loader } from "./load.js";

export * from "./engine.js";
export { LoadError, type LoadFault, type Source } from "./load.js";

/**
 * Loads the engine, by default from what this package holds. Calls for one place share one engine.
 *
 * A page under a Content-Security-Policy needs 'wasm-unsafe-eval' in its script-src. Rejects with a {@link LoadError}.
 */
export const load = loader(own, open);
