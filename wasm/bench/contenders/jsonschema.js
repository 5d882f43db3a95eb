import { start } from "../../src/shim.ts";

export const load = async () => {
  const call = await start(await WebAssembly.compileStreaming(fetch(new URL("./jsonschema.wasm", import.meta.url))));
  return (text) => {
    const refused = call(0, [text], []);
    return refused ? JSON.parse(refused).errors : [];
  };
};
