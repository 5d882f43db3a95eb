// Compiled, not run: the types as a program that uses the package sees them.
import { load, type Contact, type ContactError, type ContactPatch, type Engine, type FieldName } from "@partner-contacts/contact";
import { bindForm, save, type FormBinding } from "@partner-contacts/contact/form";
import es from "@partner-contacts/contact/messages/es";

// With exactOptionalPropertyTypes what may be undefined has to say so.
declare const maybe: boolean;

export async function use(form: HTMLFormElement, response: Response, module: WebAssembly.Module): Promise<FormBinding> {
  const engine: Engine = await load();
  await load("/contact.wasm");
  await load(response);
  await load(fetch("/contact.wasm"));
  await load(module);
  await load(new Uint8Array(8));

  const errors: ContactError[] = engine.check("{}", { requireComplete: true, maxBytes: -1 });
  const rule: "timezone" | string = errors[0].meta.rule;
  // @ts-expect-error no such rule
  if (errors[0].meta.rule == "nonsense") throw rule;
  const { meta } = errors[0];
  // @ts-expect-error only some rules have a limit
  const most: number = meta.limit;
  const limit: number = meta.rule == "size" || meta.rule == "depth" ? meta.limit : most;
  const at: number = meta.rule == "syntax" ? meta.offset : limit;
  const scope: string = meta.rule == "scope" ? meta.required_scope : `${at}`;
  engine.checkField("timezone", scope);
  // @ts-expect-error no such field
  engine.checkField("time_zone", "UTC");

  const parsed = engine.parse("{}");
  // @ts-expect-error a refusal has no document
  parsed.value;
  if (parsed.ok) {
    const contact: Contact = parsed.value;
    const id: string = contact.id;
    const city: string | undefined = contact.city;
    // @ts-expect-error an optional field may be absent
    const state: string = contact.state;
    engine.diff(contact, { ...contact, city: city ?? id + state });
  } else {
    const status: number = parsed.status;
    throw parsed.errors.concat(errors)[status];
  }

  const patch: ContactPatch = { city: null, sms_opted_in: true };
  // @ts-expect-error consent cannot be cleared
  const bad: ContactPatch = { sms_opted_in: null };
  const merged = engine.merge("{}", patch, { now: new Date(), allowStale: true });
  const changed: FieldName[] = merged.ok ? merged.changed : [];
  const three = engine.merge3("{}", "{}", bad);
  const theirs: string | undefined = three.ok ? three.conflicts[0].theirs : undefined;

  const binding = bindForm(form, engine, {
    contact: "{}",
    message: (issue, field) =>
      ("theirs" in issue ? issue.theirs : "validity" in issue ? issue.validity : issue.detail) + field.name + changed + theirs,
    messages: maybe ? es : undefined,
    validate: "blur",
    roots: maybe ? [form] : undefined,
  });
  save(binding, (request) => fetch("/contact", request), { status: maybe ? form : undefined });
  engine.check("{}", { requireComplete: maybe ? true : undefined });
  const stop: () => void = binding.subscribe((b) => void b.patch());
  const left: ContactError[] = binding.showErrors(errors);
  stop();
  binding.rebase(left.length ? "{}" : new Uint8Array());
  return binding;
}
