// Compiled, not run: the types of the instant tier, the schemas and the messages.
import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import {
  load,
  type Contact,
  type ContactError,
  type ContactPatch,
} from "@partner-contacts/contact";
import * as instant from "@partner-contacts/contact/instant";
import { sentence, type Catalogue } from "@partner-contacts/contact/messages";
import de from "@partner-contacts/contact/messages/de";
import { standard } from "@partner-contacts/contact/standard";

export async function use() {
  const errors: ContactError[] | undefined = instant.checkField("city", 1, { requireComplete: true });
  // @ts-expect-error no such field
  instant.checkField("citty", 1);
  // @ts-expect-error it may be silent
  instant.checkPatch({}).length;

  const catalogue: Catalogue = de;
  const schemas = standard(instant, {
    engine: load,
    maxErrors: 5,
    message: (error, field) => sentence(catalogue, error, field),
  });
  standard(await load());

  const contact: StandardSchemaV1<Contact> = schemas.contact;
  const patch: StandardSchemaV1<ContactPatch> = schemas.patch;
  const city: StandardSchemaV1<string | null | undefined> = schemas.fields.city;
  const consent: StandardSchemaV1<boolean | undefined> = schemas.fields.sms_opted_in;
  // @ts-expect-error a city is no number
  const wrong: StandardSchemaV1<number> = schemas.fields.city;
  const output: StandardSchemaV1.InferOutput<typeof schemas.patch> = { city: null };
  return [errors, contact, patch, city, consent, wrong, output, standardSchemaResolver(patch)];
}
