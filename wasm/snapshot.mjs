// Starts a WebAssembly program of Go's and writes the module of the state it then is in, so that nobody waits for Go's
// runtime to start.
import { strip } from "./strip.mjs";

const sections = { memory: 5, global: 6, exports: 7, dataCount: 12, data: 11, custom: 0 };
const types = { i32: 0x7f, i64: 0x7e };
const ops = { i32const: 0x41, i64const: 0x42, end: 0x0b };
const kinds = { global: 3 };
const pageSize = 65536;

/** Reads numbers and bytes one after another. */
class Reader {
  at = 0;
  constructor(bytes) {
    this.bytes = bytes;
  }
  byte() {
    return this.bytes[this.at++];
  }
  take(n) {
    return this.bytes.subarray(this.at, (this.at += n));
  }
  /** An unsigned number in LEB128. */
  number() {
    let n = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      n += (byte & 127) * 2 ** shift;
      if (byte < 128) return n;
    }
  }
}

/** A signed number in LEB128, which is also the form of an unsigned one with a zero above it. */
function signed(value) {
  const bytes = [];
  let n = BigInt(value);
  for (; n > 63n || n < -64n; n >>= 7n) bytes.push(Number(n & 127n) | 128);
  return [...bytes, Number(n & 127n)];
}

function unsigned(n) {
  const bytes = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push((n % 128) | 128);
  return [...bytes, n];
}

const section = (id, ...parts) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([id, ...unsigned(body.length)]), body]);
};

function sectionsOf(wasm) {
  const reader = new Reader(wasm);
  reader.take(8);
  const found = [];
  while (reader.at < wasm.length) {
    const id = reader.byte();
    found.push({ id, body: reader.take(reader.number()) });
  }
  return found;
}

/** The exports, each with its bytes as they stand. */
function exportsOf(body) {
  const reader = new Reader(body);
  return Array.from({ length: reader.number() }, () => {
    const from = reader.at;
    const name = reader.take(reader.number()).toString();
    const kind = reader.byte();
    reader.number();
    return { name, kind, bytes: body.subarray(from, reader.at) };
  });
}

/** The types of the globals. Go has numbers only, each at first a constant of one byte. */
function globalsOf(body) {
  const reader = new Reader(body);
  return Array.from({ length: reader.number() }, () => {
    const type = reader.byte();
    const mutable = reader.byte();
    const op = reader.byte();
    reader.number();
    if (reader.byte() != ops.end || (op != ops.i32const && op != ops.i64const)) throw Error("a global of a kind that is not expected");
    return { type, mutable };
  });
}

/** The module with its sections replaced where `change` has something for their id. */
const rebuild = (wasm, change) =>
  Buffer.concat([wasm.subarray(0, 8), ...sectionsOf(wasm).map(({ id, body }) => change[id]?.(body) ?? section(id, body))]);

/**
 * Starts the program in a world in which every start is the same: the clock ticks a microsecond a look, and random bytes
 * are all 1. The snapshot is public, so that no seed in it can be a secret; bytes that repeat compress.
 */
function start(wasm, environment) {
  let memory;
  let clock = 0n;
  const view = () => new DataView(memory.buffer);
  const text = Buffer.from(environment.map((entry) => entry + "\0").join(""));
  const wasi = {
    clock_time_get(_id, _precision, p) {
      view().setBigUint64(p, (clock += 1000n), true);
      return 0;
    },
    random_get(p, n) {
      Buffer.from(memory.buffer, p, n).fill(1);
      return 0;
    },
    environ_sizes_get(count, size) {
      view().setUint32(count, environment.length, true);
      view().setUint32(size, text.length, true);
      return 0;
    },
    environ_get(pointers, p) {
      let at = p;
      environment.forEach((entry, i) => {
        view().setUint32(pointers + 4 * i, at, true);
        at += Buffer.byteLength(entry) + 1;
      });
      Buffer.from(memory.buffer, p).set(text);
      return 0;
    },
    proc_exit(code) {
      throw Error("the program ended with " + code);
    },
  };
  // All else is done, or on files 8, no such file.
  const imports = { wasi_snapshot_preview1: new Proxy(wasi, { get: (_, name) => wasi[name] ?? (() => (name.startsWith("fd_") ? 8 : 0)) }) };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), imports);
  memory = exports.memory;
  exports._initialize();
  return exports;
}

/**
 * The data section that fills a memory so, in few segments. Only long runs of zeros end a segment: the tens of thousands
 * of segment headers that skipping each run would take compress worse than the zeros do, by 10 to 40 KB.
 */
function dataOf(memory) {
  const zeros = Buffer.alloc(1024);
  const segments = [];
  for (let from = 0; from < memory.length; ) {
    if (memory[from] == 0) {
      from++;
      continue;
    }
    const gap = memory.indexOf(zeros, from);
    const to = gap < 0 ? memory.length : gap;
    segments.push([0, ops.i32const, ...signed(from), ops.end, ...unsigned(to - from)], memory.subarray(from, to));
    from = to;
  }
  return { count: unsigned(segments.length / 2), segments };
}

/** The module of the state that the program is in once it has started with this environment. */
export function snapshot(wasm, environment) {
  const globals = globalsOf(sectionsOf(wasm).find(({ id }) => id == sections.global).body);
  const name = (i) => "global " + i;

  // What the start does to the globals is seen from outside only if they are exported.
  const open = rebuild(wasm, {
    [sections.exports](body) {
      const own = exportsOf(body).map(({ bytes }) => bytes);
      const more = globals.map((_, i) => Buffer.from([name(i).length, ...Buffer.from(name(i)), kinds.global, ...unsigned(i)]));
      return section(sections.exports, unsigned(own.length + more.length), ...own, ...more);
    },
  });
  const state = start(open, environment);
  const memory = Buffer.from(state.memory.buffer);
  strip(memory);
  const { count, segments } = dataOf(memory);

  return rebuild(wasm, {
    // Names and the like are for debuggers.
    [sections.custom]: () => Buffer.alloc(0),
    [sections.memory]: () => section(sections.memory, [1, 0], unsigned(memory.length / pageSize)),
    [sections.global]: () =>
      section(
        sections.global,
        unsigned(globals.length),
        ...globals.map(({ type, mutable }, i) => {
          const op = type == types.i64 ? ops.i64const : ops.i32const;
          return [type, mutable, op, ...signed(state[name(i)].value), ops.end];
        }),
      ),
    [sections.exports](body) {
      const kept = exportsOf(body).filter((entry) => entry.name != "_initialize").map(({ bytes }) => bytes);
      return section(sections.exports, unsigned(kept.length), ...kept);
    },
    [sections.dataCount]: () => section(sections.dataCount, count),
    [sections.data]: () => section(sections.data, count, ...segments),
  });
}
