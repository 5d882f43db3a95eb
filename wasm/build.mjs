// Builds the package into dist/: the WebAssembly module, the scripts and their types. Then it reports the sizes and
// fails where one is over its budget. With --faults it also builds into test/build the module that fails on demand.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import wizer from "@bytecodealliance/wizer";
import { buildSync } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
process.chdir(here);
const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync("package.json", "utf8"));

const run = (file, ...args) => execFileSync(file, args, { stdio: "inherit", env: { ...process.env, GOOS: "wasip1", GOARCH: "wasm" } });

/** Compiles the Go program of a folder. */
export function compile(folder, out, ...flags) {
  run("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", ...flags, "-o", out, folder);
}

// Inlining costs bytes. Only where bodies are read does it gain time: in the engine and its scanner.
const engine = "github.com/partner-contacts/contact";
export const small = ["-gcflags=all=-l", `-gcflags=${engine}=`, `-gcflags=${engine}/internal/scan=`];

/** Starts a program and writes the module of the state it then is in, so that nobody waits for Go's runtime to start. */
export function snapshot(from, to) {
  // The heap may be 8 MB before a collection, not 4: the setting is in the snapshot, as the runtime reads it once.
  run("env", "-i", "GOGC=200", wizer, "--init-func", "_initialize", "--allow-wasi", "--inherit-env", "true", "-o", to, from);
}

/**
 * Writes the module's data in few segments. Go's linker and Wizer leave out every short run of zeros; the tens of
 * thousands of segment headers that this takes compress worse than the zeros would: 10 to 40 KB.
 */
export function pack(file) {
  const wasm = readFileSync(file);
  let at = 8;
  const unsigned = () => {
    let n = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      n += (byte & 127) * 2 ** shift;
      if (byte < 128) return n;
    }
  };
  const number = (n) => {
    const bytes = [];
    for (; n > 63; n = Math.floor(n / 128)) bytes.push((n % 128) | 128);
    return [...bytes, n];
  };
  const section = (id, body) => [Buffer.from([id, ...number(body.length)]), body];

  const sections = [];
  let memory = Buffer.alloc(0);
  while (at < wasm.length) {
    const id = wasm[at++];
    const length = unsigned();
    const end = at + length;
    sections.push([id, wasm.subarray(at, end)]);
    if (id == 11) {
      for (let count = unsigned(); count > 0; count--) {
        // Wizer leaves empty passive segments behind (1, 0). All others are active, in memory 0, at a constant offset,
        // which is signed but never negative here.
        const kind = wasm.readUInt16BE(at);
        at += 2;
        if (kind == 0x0100) continue;
        if (kind != 0x0041) throw Error("a data segment of a kind that is not expected");
        const offset = unsigned();
        at++;
        const size = unsigned();
        if (offset + size > memory.length) memory = Buffer.concat([memory, Buffer.alloc(offset + size)]);
        wasm.copy(memory, offset, at, at + size);
        at += size;
      }
    }
    at = end;
  }
  const zeros = Buffer.alloc(1024);
  const segments = [];
  for (let from = 0; from < memory.length; ) {
    if (memory[from] == 0) {
      from++;
      continue;
    }
    const gap = memory.indexOf(zeros, from);
    const to = gap < 0 ? memory.length : gap;
    segments.push(Buffer.from([0, 0x41, ...number(from), 0x0b, ...number(to - from)]), memory.subarray(from, to));
    from = to;
  }
  const count = Buffer.from(number(segments.length / 2));
  const parts = sections.flatMap(([id, body]) =>
    // Section 12 repeats the number of segments; those with id 0 are for debuggers.
    id == 0 ? [] : section(id, id == 11 ? Buffer.concat([count, ...segments]) : id == 12 ? count : body),
  );
  writeFileSync(file, Buffer.concat([wasm.subarray(0, 8), ...parts]));
}

/** Builds a program as it ships. */
function ship(to, ...flags) {
  compile(".", to + ".raw", ...small, ...flags);
  snapshot(to + ".raw", to);
  rmSync(to + ".raw");
  pack(to);
}

export const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }).length;

if (process.argv[1] == fileURLToPath(import.meta.url)) {
  rmSync("dist", { recursive: true, force: true });
  mkdirSync("dist");
  ship("dist/contact.wasm");
  if (process.argv.includes("--faults")) {
    mkdirSync("test/build", { recursive: true });
    ship("test/build/faults.wasm", "-tags=faults");
  }

  const common = { format: "esm", target: "es2022", minify: true, charset: "utf8", legalComments: "none", define: { VERSION: JSON.stringify(version) } };
  buildSync({ ...common, bundle: true, entryPoints: ["src/contact.ts", "src/form.ts"], outdir: "dist" });
  buildSync({ ...common, entryPoints: ["src/node.ts"], outdir: "dist" });
  run(process.execPath, require.resolve("typescript/package.json").replace("package.json", "bin/tsc"));

  // The budgets: 48 KiB of engine above what Go itself costs; 6 KiB of script; and of these 1 KB for the border.
  compile("./floor", "dist/floor.wasm");
  const floor = brotli(readFileSync("dist/floor.wasm"));
  rmSync("dist/floor.wasm");
  const wasm = readFileSync("dist/contact.wasm");
  const size = (file) => readFileSync(file).length;
  const shim = buildSync({ ...common, bundle: true, write: false, entryPoints: ["src/shim.ts"] }).outputFiles[0].contents.length;
  const rows = [
    ["contact.wasm above the floor, brotli", brotli(wasm) - floor, 48 * 1024],
    ["contact.js and form.js", size("dist/contact.js") + size("dist/form.js"), 6 * 1024],
    ["the border in contact.js", shim, 1024],
  ];
  console.log(`floor ${floor} brotli, contact.wasm ${floor + rows[0][1]} brotli (${wasm.length} plain), contact.js ${size("dist/contact.js")}, form.js ${size("dist/form.js")}`);
  for (const [what, bytes, budget] of rows) {
    console.log(`${bytes <= budget ? "ok  " : "OVER"} ${what}: ${bytes} of ${budget} bytes`);
    if (bytes > budget) process.exitCode = 1;
  }
}
