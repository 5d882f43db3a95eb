// Builds the package into dist/: the WebAssembly module, the scripts and their types. Then it reports the sizes and
// fails where one is over its budget. With --faults it also builds into test/build the module that fails on demand.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, buildSync } from "esbuild";
import { snapshot } from "./snapshot.mjs";

const here = dirname(fileURLToPath(import.meta.url));
process.chdir(here);
const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync("package.json", "utf8"));

/** The scripts that pages and servers import, without .ts: each is a file of its own. */
const languages = ["en", "es", "fr", "de"].map((name) => `messages/${name}`);
const entries = ["contact", "inline", "server", "form", "instant", "standard", "messages/index", ...languages];

/** The most that files may take in brotli together. */
const budgets = [
  { what: "the engine with Go's runtime", files: ["contact.wasm"], bytes: 456 * 1024 },
  { what: "loader and border", files: ["contact.js"], bytes: 2.5 * 1024 },
  { what: "the form, its save included", files: ["form.js"], bytes: 12 * 1024 },
  { what: "the instant tier", files: ["instant.js"], bytes: 8 * 1024 },
  ...languages.map((name) => ({ what: name, files: [`${name}.js`], bytes: 2 * 1024 })),
];

const run = (file, ...args) => execFileSync(file, args, { stdio: "inherit", env: { ...process.env, GOOS: "wasip1", GOARCH: "wasm" } });

/**
 * Compiles the Go program of a folder. The same tree gives the same bytes, wherever it is and whatever its commit. The tag
 * contact_small leaves out of package contact what a page does not need.
 */
export function compile(folder, out, { flags = [], tags = [] } = {}) {
  const tag = ["-tags=contact_small", ...tags].join();
  run("go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", tag, ...flags, "-o", out, folder);
}

// Inlining costs bytes. Only where bodies are read does it gain time: in the engine and its scanner.
const engine = "github.com/partner-contacts/contact";
const small = ["-gcflags=all=-l", `-gcflags=${engine}=`, `-gcflags=${engine}/internal/scan=`];

/** Builds the engine as it ships. */
function ship(to, ...tags) {
  compile(".", to, { flags: small, tags });
  // The heap may be 8 MB before a collection, not 4: the setting is in the snapshot, as the runtime reads it once.
  writeFileSync(to, snapshot(readFileSync(to), ["GOGC=200"]));
}

export const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }).length;

const common = { target: "es2022", minify: true, charset: "utf8", legalComments: "none", logLevel: "warning" };

/** Bundles the entries, which import each other as files, as modules (js) or for require (cjs). */
async function bundle(format, extension) {
  const apart = {
    name: "entries import each other",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, kind, resolveDir }) => {
        if (kind == "entry-point") return;
        const name = fileURLToPath(new URL(path, `file://${resolveDir}/`)).slice(`${here}/src/`.length).replace(/\.js$/, "");
        if (name == "bytes" || entries.includes(name)) return { path: path.replace(/\.js$/, extension), external: true };
      });
    },
  };
  await build({
    ...common,
    format,
    bundle: true,
    entryPoints: entries.filter((name) => format == "esm" || name != "contact").map((name) => `src/${name}.ts`),
    outdir: "dist",
    outbase: "src",
    outExtension: { ".js": extension },
    plugins: [apart],
    define: { VERSION: JSON.stringify(version) },
    // What require loads, Jest for one, has no import().
    supported: { "dynamic-import": format == "esm" },
  });
}

/** Writes the module as the scripts that the entry inline loads. */
function writeBytes(wasm) {
  const source = `export const base64 = "${gzipSync(wasm, { level: 9 }).toString("base64")}";`;
  for (const [format, extension] of [["esm", "js"], ["cjs", "cjs"]])
    buildSync({ ...common, format, stdin: { contents: source }, outfile: "dist/bytes." + extension, minify: format == "esm" });
}

/** Writes the types: those of a file for require are the same, but name files for require. */
function writeTypes() {
  run(process.execPath, require.resolve("typescript/package.json").replace("package.json", "bin/tsc"));
  for (const file of readdirSync("dist", { recursive: true }).filter((file) => file.endsWith(".d.ts")))
    writeFileSync(
      "dist/" + file.replace(/\.ts$/, ".cts"),
      readFileSync("dist/" + file, "utf8").replace(/(["'])(\.\.?\/[^"']*)\.js\1/g, "$1$2.cjs$1"),
    );
}

/** Tells the sizes and whether they are within their budgets. */
function checkBudgets() {
  for (const { what, files, bytes: budget } of budgets) {
    const bytes = files.reduce((sum, file) => sum + brotli(readFileSync("dist/" + file)), 0);
    console.log(`${bytes <= budget ? "ok  " : "OVER"} ${what}: ${bytes} of ${budget} bytes in brotli`);
    if (bytes > budget) process.exitCode = 1;
  }
}

if (process.argv[1] == fileURLToPath(import.meta.url)) {
  rmSync("dist", { recursive: true, force: true });
  mkdirSync("dist");
  ship("dist/contact.wasm");
  if (process.argv.includes("--faults")) {
    mkdirSync("test/build", { recursive: true });
    ship("test/build/faults.wasm", "faults");
  }
  await bundle("esm", ".js");
  await bundle("cjs", ".cjs");
  writeBytes(readFileSync("dist/contact.wasm"));
  writeTypes();
  // npm packs this file from the package's own folder only.
  copyFileSync("../LICENSE", "LICENSE");
  checkBudgets();
}
