import { start } from "../../src/shim.ts";

export const load = async () => {
  const call = await start(await WebAssembly.compileStreaming(fetch(new URL("./empty.wasm", import.meta.url))));
  return (text) => [...call(0, [text], [])];
};
