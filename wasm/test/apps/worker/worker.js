import { load } from "@partner-contacts/contact";

const engine = load();
onmessage = async ({ data }) => postMessage(await engine.then((engine) => engine.checkPatch(data)[0].meta.rule, String));
