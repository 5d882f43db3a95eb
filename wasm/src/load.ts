// Gets the module from where it is, and says what to do where that fails.
import { engineOf, type Engine } from "./engine.js";
import type { Module } from "./shim.js";

/** The bytes of a file. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** Where the module comes from. */
export type Source = string | URL | Response | PromiseLike<Response> | Bytes | Module;

/** Why the engine did not come. */
export type LoadFault =
  /** There is no WebAssembly here. */
  | "unsupported"
  /** WebAssembly is there, but the page or the platform forbids to compile any. */
  | "forbidden"
  /** Nothing answered: offline, or forbidden by the page's connect-src. */
  | "network"
  /** The server answered with an error status. */
  | "status"
  /** What came is not this package's module. */
  | "format";

const cures: Record<LoadFault, string> = {
  unsupported: "Forms work without it: bindForm goes on with the instant tier, and the server judges",
  forbidden: "Add 'wasm-unsafe-eval' to script-src of the Content-Security-Policy, or give load() a compiled module",
  network: "Check the connection, and connect-src of the page's Content-Security-Policy",
  status: "Serve dist/contact.wasm of the package at that URL, or give load() the URL where it is",
  format: "Serve dist/contact.wasm of the package at that URL, or give load() the URL where it is",
};

/** The engine did not come. The message names the URL, what went wrong there and the cure. */
export class LoadError extends Error {
  override readonly name = "LoadError";
  /** For programs. */
  readonly fault: LoadFault;
  /** Where the module was to come from; undefined where it came as bytes. */
  readonly url: string | undefined;

  constructor(fault: LoadFault, url: string | undefined, what: string, cause?: unknown) {
    super(`The contact engine was not loaded${url ? " from " + url : ""}: ${what}. ${cures[fault]}.`, { cause });
    this.fault = fault;
    this.url = url;
  }
}

/** Gets what is at a URL. */
export type Open = (url: string | URL) => PromiseLike<Response | Bytes>;

const emptyModule = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** By its tag, since a test environment may have a WebAssembly of its own beside Node's. */
const isModule = (content: object) =>
  Object.prototype.toString.call(content) == "[object WebAssembly.Module]";

/** Tells before the download that it would be for nothing. */
function expectCompiler(url?: string) {
  try {
    new WebAssembly.Module(emptyModule);
  } catch (cause) {
    throw new LoadError("forbidden", url, "to compile WebAssembly is forbidden here", cause);
  }
}

async function compile(content: Response | Bytes, url?: string) {
  let type: string | null = null;
  try {
    if ("byteLength" in content) return await WebAssembly.compile(content as BufferSource);
    type = content.headers.get("content-type");
    // compileStreaming takes this media type alone; servers that do not know it are common.
    return await (type == "application/wasm"
      ? WebAssembly.compileStreaming(content)
      : WebAssembly.compile(await content.arrayBuffer()));
  } catch (cause) {
    throw new LoadError("format", url, `what came is no WebAssembly module${type ? `, its type is ${type}` : ""}`, cause);
  }
}

async function moduleOf(source: Source, open: Open): Promise<Module> {
  const asked = typeof source == "string" || source instanceof URL ? source : undefined;
  const address = asked && String(asked);
  if (typeof WebAssembly != "object") throw new LoadError("unsupported", address, "there is no WebAssembly here");
  if (typeof source == "object" && isModule(source)) return source as Module;
  expectCompiler(address);

  let content: Response | Bytes;
  try {
    content = await (asked ? open(asked) : (source as Response | Bytes | PromiseLike<Response>));
  } catch (cause) {
    throw new LoadError("network", address, "it could not be fetched", cause);
  }
  if ("byteLength" in content) return compile(content, address);
  const url = content.url || address;
  if (!content.ok) throw new LoadError("status", url, "the answer was HTTP " + content.status);
  return compile(content, url);
}

/** Lets the script of a page that is opening come to its end first: what is typed then finds a bound form. */
async function opened() {
  if (globalThis.document && document.readyState != "complete") await new Promise((resolve) => setTimeout(resolve));
}

/**
 * The function load of an entry whose module is, unless the caller has another, what `own` gives. However often one
 * place is asked for, it is fetched, compiled and started once; what failed is tried anew at the next call.
 */
export function loader<E extends Engine = Engine>(
  own: () => Source | Promise<Source>,
  open: Open = (url) => fetch(url),
  begin = engineOf as (module: Module) => Promise<E>,
) {
  const engines = new Map<string | undefined, Promise<E>>();
  const start = async (source?: Source) => {
    await opened();
    return begin(await moduleOf(source ?? (await own()), open));
  };

  return (source?: Source): Promise<E> => {
    if (typeof source == "object" && !(source instanceof URL)) return start(source);
    const key = source && String(source);
    let engine = engines.get(key);
    if (!engine) {
      engine = start(source);
      engines.set(key, engine);
      engine.catch(() => engines.delete(key));
    }
    return engine;
  };
}
