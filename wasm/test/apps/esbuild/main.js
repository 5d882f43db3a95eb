// esbuild does not know new URL("./contact.wasm", import.meta.url): the module comes in the script.
import { load } from "@partner-contacts/contact/inline";
import { start } from "../shared/form.js";

start(document.getElementById("form"), load());
