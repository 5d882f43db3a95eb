import { load } from "@partner-contacts/contact";
import { start } from "../shared/form.js";

start(document.getElementById("form"), load());
