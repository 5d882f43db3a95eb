// The engine for Node, whose fetch reads no files.
import { readFile } from "node:fs/promises";
import { load as loadFrom, type Engine, type Source } from "./contact.js";

export * from "./contact.js";

/** Loads the engine, by default from contact.wasm beside this file. A file: URL is read from the disk. */
export async function load(source: Source = new URL("./contact.wasm", import.meta.url)): Promise<Engine> {
  return loadFrom(source instanceof URL && source.protocol == "file:" ? await readFile(source) : source);
}
