import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

// Only since the applications here share one node_modules: the package itself needs no line.
export default { turbopack: { root: dirname(dirname(fileURLToPath(import.meta.url))) } };
