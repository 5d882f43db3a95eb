// A server component: the same engine judges on the server.
import { load } from "@partner-contacts/contact";
import Form from "./form.js";

export const dynamic = "force-dynamic";

export default async function Page() {
  const engine = await load();
  return (
    <>
      <output id="server">{engine.checkPatch('{"timezone":"PST"}')[0].meta.rule}</output>
      <Form />
    </>
  );
}
