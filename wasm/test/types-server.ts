// Compiled, not run, without the library dom: all entries but the form are for servers, too.
import { load as own } from "@partner-contacts/contact";
import { load as inline } from "@partner-contacts/contact/inline";
import { checkPatch } from "@partner-contacts/contact/instant";
import { sentence } from "@partner-contacts/contact/messages";
import de from "@partner-contacts/contact/messages/de";
import { load, type Update } from "@partner-contacts/contact/server";
import { fromForm, standard } from "@partner-contacts/contact/standard";

export async function use(body: string): Promise<Update | undefined> {
  const engine = await load();
  const { patch } = standard(engine, { engine: () => Promise.all([own(), inline()]).then(([first]) => first) });
  const [error] = checkPatch(fromForm({ city: body })) ?? [];
  const update = engine.parseUpdate({ pathId: body, scopes: [], contentType: sentence(de, error), body });
  return update.ok && patch["~standard"].version == 1 ? update : undefined;
}
