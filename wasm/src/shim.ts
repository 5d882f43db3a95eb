// The border to the WebAssembly module: enough WASI for the Go runtime to start, and calls with texts in and a text
// out. The protocol is written down in main.go.
import { decoder, encoder } from "./text.js";

/** A JSON text: a string, or its bytes in UTF-8. */
export type Text = string | Uint8Array;

/** A compiled WebAssembly.Module; its type is of the library dom, which a server's program may lack. */
export type Module = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object;

interface Exports {
  memory: WebAssembly.Memory;
  /** Absent where the module is a snapshot of a started program. */
  _initialize?(): void;
  buffer(n: number): number;
  call(op: number, n: number, ...rules: unknown[]): number;
}

/** Starts the module and returns the function that calls it, whose answer is "" where there is nothing to tell. */
export async function start(module: Module) {
  const utf8 = decoder();
  let exports: Exports | undefined;
  let view: DataView;

  // Memory that has grown is another buffer.
  const look = () => (view = new DataView(exports!.memory.buffer));
  const bytes = (p: number, n?: number) => new Uint8Array(view.buffer as ArrayBuffer, p, n);

  const wasi: Record<string, (...args: any[]) => void> = {
    // The clock of a snapshot has run for some milliseconds already and must not go back: hence the ten seconds.
    clock_time_get: (_id, _precision, p) =>
      look().setBigInt64(p >>> 0, BigInt(Math.ceil(performance.now()) + 1e4) * 1000000n, true),
    random_get: (p, n) => {
      look();
      crypto.getRandomValues(bytes(p >>> 0, n));
    },
    proc_exit: (code) => {
      throw code;
    },
  };
  const imports = {
    // All else answers 0, done, or on files 8, no such file.
    wasi_snapshot_preview1: new Proxy(wasi, { get: (_, name: string) => wasi[name] ?? (() => (name[0] == "f" ? 8 : 0)) }),
  };
  const run = (instance: WebAssembly.Instance) => {
    exports = instance.exports as unknown as Exports;
    exports._initialize?.();
  };
  run(await WebAssembly.instantiate(module, imports));

  return (op: number, texts: Text[], rules: unknown[]): string => {
    let room = 0;
    for (const text of texts) room += 4 + text.length * 3;
    // maxInput in main.go
    if (room > 2 ** 26) throw RangeError("too large");
    let answer = "";
    try {
      // A call that ended in a trap or an exit has taken its instance with it.
      if (!exports) run(new WebAssembly.Instance(module, imports));
      const begin = exports!.buffer(room) >>> 0;
      let p = begin;
      look();
      for (const text of texts) {
        let n = text.length;
        // A lone surrogate has no UTF-8 form: U+0000 in its place makes the engine refuse the text there.
        if (typeof text == "string")
          n = encoder.encodeInto(text.isWellFormed?.() ? text : text.replace(/\p{Cs}/gu, "\0"), bytes(p + 4)).written;
        else bytes(p + 4).set(text);
        view.setUint32(p, n, true);
        p += 4 + n;
      }
      const at = exports!.call(op, p - begin, ...rules) >>> 0;
      if (at) {
        look();
        answer = utf8.decode(bytes(at + 4, view.getUint32(at, true)));
      }
    } catch (cause) {
      exports = undefined;
      throw Error("engine stopped", { cause });
    }
    if (answer[0] == "!") throw Error(answer);
    return answer;
  };
}
