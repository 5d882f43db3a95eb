// Standard Schema, with the libraries that take it: React Hook Form, TanStack Form and Hono.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { sValidator } from "@hono/standard-validator";
import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import { FieldApi, FormApi } from "@tanstack/form-core";
import { Hono } from "hono";
import { createFormControl } from "react-hook-form";
import { load } from "@partner-contacts/contact";
import * as instant from "@partner-contacts/contact/instant";
import { sentence } from "@partner-contacts/contact/messages";
import es from "@partner-contacts/contact/messages/es";
import { fromForm, standard } from "@partner-contacts/contact/standard";

const engine = await load();
const data = new URL("../../testdata/", import.meta.url);
const contact = JSON.parse(await readFile(new URL("contact.json", data)));

const judges = { engine, instant };
const validate = (schema, value) => schema["~standard"].validate(value);
/** The paths and rules of what is wrong. */
const told = ({ issues = [] }) =>
  issues.map(({ path, error }) => `${path.join(".")} ${error?.meta.rule}`);

for (const [name, judge] of Object.entries(judges)) {
  const schemas = standard(judge);

  test(`${name}: contact, patch and each field`, () => {
    for (const schema of [schemas.contact, schemas.patch, ...Object.values(schemas.fields)])
      assert.deepEqual(
        [schema["~standard"].version, schema["~standard"].vendor],
        [1, "partner-contacts"],
      );
    assert.deepEqual(
      Object.keys(schemas.fields),
      engine.fields.map((field) => field.name),
    );

    assert.equal(validate(schemas.contact, contact).value, contact);
    const { sms_opted_in, ...partial } = contact;
    assert.deepEqual(
      told(validate(schemas.contact, { ...partial, city: null, birthdate: "1990-02-30" })),
      ["city null", "birthdate date", "sms_opted_in required"],
    );

    assert.deepEqual(
      told(validate(schemas.patch, { city: null, state: undefined, timezone: "UTC" })),
      [],
    );
    assert.deepEqual(
      told(
        validate(schemas.patch, { sms_opted_in: null, active_journey_ids: [contact.id, "x", 1] }),
      ),
      ["sms_opted_in null", "active_journey_ids.1 uuid", "active_journey_ids.2 type"],
    );
    const [issue] = validate(schemas.patch, { active_journey_ids: ["x"] }).issues;
    assert.deepEqual(issue.path, ["active_journey_ids", 0]);
    assert.deepEqual([issue.error], engine.checkPatch({ active_journey_ids: ["x"] }));

    for (const [field, value] of Object.entries(contact)) {
      assert.deepEqual(validate(schemas.fields[field], value), { value });
      assert.deepEqual(validate(schemas.fields[field], undefined), { value: undefined });
      assert.notDeepEqual(told(validate(schemas.fields[field], 7)), []);
    }
    assert.deepEqual(told(validate(schemas.fields.birthdate, "x")), [" date"]);
    assert.deepEqual(told(validate(schemas.fields.active_journey_ids, ["x"])), ["0 uuid"]);
    assert.deepEqual(told(validate(schemas.fields.city, null)), []);
    assert.deepEqual(told(validate(schemas.fields.email_opted_in, null)), [" null"]);
  });

  test(`${name}: what has no JSON text is refused`, () => {
    const circle = {};
    circle.meta_public = circle;
    for (const value of [undefined, () => 1, Symbol("x"), 1n, circle, "{}", "", null, [], 7]) {
      assert.deepEqual(told(validate(schemas.contact, value)), [" type"]);
      assert.deepEqual(told(validate(schemas.patch, value)), [" type"]);
    }
    for (const value of [() => 1, Symbol("x"), 1n, circle])
      assert.deepEqual(told(validate(schemas.fields.city, value)), [" type"]);
  });

  test(`${name}: sentences are the page's choice`, () => {
    const spanish = standard(judge, { message: (error, field) => sentence(es, error, field) });
    const [{ message }] = validate(spanish.patch, { timezone: "america/chicago" }).issues;
    assert.equal(
      message,
      "Escriba el nombre de una zona horaria, como America/Chicago. ¿Quiso decir America/Chicago?",
    );
    assert.match(
      validate(schemas.patch, { timezone: "america/chicago" }).issues[0].message,
      /Did you mean America\/Chicago\?$/,
    );
  });

  test(`${name}: React Hook Form`, async () => {
    const submit = async (values) => {
      const { handleSubmit } = createFormControl({
        defaultValues: values,
        resolver: standardSchemaResolver(schemas.patch),
      });
      const outcome = {};
      await handleSubmit(
        (sent) => (outcome.sent = sent),
        (errors) => (outcome.errors = errors),
      )();
      return outcome;
    };
    assert.deepEqual(await submit({ city: "Oak Park", sms_opted_in: true }), {
      sent: { city: "Oak Park", sms_opted_in: true },
    });
    const { sent, errors } = await submit({
      birthdate: "1990-02-30",
      active_journey_ids: [contact.id, "x"],
      city: "Oak Park",
    });
    assert.equal(sent, undefined);
    assert.match(errors.birthdate.message, /a day that exists/);
    assert.equal(errors.active_journey_ids[1].message, "Line 2: Enter an id, such as 919108f7-52d1-4320-9bac-f847db4148a8.");
    assert.equal(errors.city, undefined);
  });

  test(`${name}: TanStack Form`, async (t) => {
    let sent;
    const form = new FormApi({
      defaultValues: { birthdate: "1990-02-28", timezone: "UTC" },
      validators: { onChange: schemas.patch },
      onSubmit: ({ value }) => (sent = value),
    });
    t.after(form.mount());
    const birthdate = new FieldApi({ form, name: "birthdate" });
    // This one is judged by the schema of its own field as well.
    const timezone = new FieldApi({
      form,
      name: "timezone",
      validators: { onBlur: schemas.fields.timezone },
    });
    t.after(birthdate.mount());
    t.after(timezone.mount());

    birthdate.handleChange("1990-02-30");
    assert.deepEqual(
      birthdate.state.meta.errors.map(({ error }) => error.meta.rule),
      ["date"],
    );
    await form.handleSubmit();
    assert.equal(sent, undefined);

    birthdate.handleChange("1990-02-27");
    timezone.handleChange("PST");
    timezone.handleBlur();
    assert.deepEqual(
      timezone.state.meta.errorMap.onBlur.map(({ path, error }) => [path, error.meta.rule]),
      [[[], "timezone"]],
    );
    timezone.handleChange("America/Chicago");
    timezone.handleBlur();
    assert.deepEqual(
      [birthdate, timezone].flatMap((field) => field.state.meta.errors),
      [],
    );
    await form.handleSubmit();
    assert.deepEqual(sent, { birthdate: "1990-02-27", timezone: "America/Chicago" });
  });

  test(`${name}: Hono`, async () => {
    const app = new Hono();
    app.patch("/contacts/:id", sValidator("json", schemas.patch), (c) =>
      c.json(c.req.valid("json")),
    );
    // The API's own envelope is made of the issues' errors.
    const envelope = (result, c) => {
      if (!result.success) return c.json({ errors: result.error.map(({ error }) => error) }, 422);
    };
    app.put("/contacts/:id", sValidator("json", schemas.contact, envelope), (c) =>
      c.json(c.req.valid("json")),
    );
    const ask = (method, body) =>
      app.request("/contacts/1", {
        method,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });

    const good = await ask("PATCH", { city: null, sms_opted_in: false });
    assert.deepEqual([good.status, await good.json()], [200, { city: null, sms_opted_in: false }]);
    const bad = await ask("PATCH", { sms_opted_in: "yes" });
    assert.equal(bad.status, 400);
    assert.deepEqual(
      (await bad.json()).error.map(({ path }) => path),
      [["sms_opted_in"]],
    );
    const whole = await ask("PUT", contact);
    assert.deepEqual([whole.status, await whole.json()], [200, contact]);
    const lacking = await ask("PUT", { ...contact, updated_at: undefined, timezone: "PST" });
    assert.equal(lacking.status, 422);
    assert.deepEqual(await lacking.json(), {
      errors: engine.check({ ...contact, updated_at: undefined, timezone: "PST" }),
    });
  });
}

test("what the instant tier cannot tell is asked of the engine, or refused", async () => {
  // It does not know what an unknown member was meant to be.
  const patch = { citty: "Oak Park" };
  let loads = 0;
  const both = standard(instant, { engine: async () => (loads++, engine) });
  assert.deepEqual(told(validate(both.patch, { city: 7 })), ["city type"]);
  assert.equal(loads, 0);
  const later = validate(both.patch, patch);
  assert.ok(later instanceof Promise);
  assert.deepEqual(told(await later), ["citty unknown"]);
  assert.equal((await later).issues[0].error.meta.suggestion, "city");
  assert.equal(loads, 1);

  const alone = validate(standard(instant).patch, patch);
  assert.deepEqual(told(alone), [" undefined"]);
  await assert.rejects(
    validate(standard(instant, { engine: () => Promise.reject(Error("offline")) }).patch, patch),
    /offline/,
  );

  const lenient = standard(instant, { ignoreUnknown: true });
  assert.deepEqual(validate(lenient.patch, patch), { value: patch });
});

test("TanStack Form waits for the engine in its asynchronous validators", async (t) => {
  const early = standard(instant, { engine: async () => engine });
  const form = new FormApi({
    defaultValues: { city: "Chicago" },
    validators: { onChangeAsync: early.patch },
  });
  const city = new FieldApi({ form, name: "city" });
  const citty = new FieldApi({ form, name: "citty" });
  for (const part of [form, city, citty]) t.after(part.mount());
  const rules = async (field, value) => {
    field.handleChange(value);
    await form.validateAllFields("change");
    await form.validate("change");
    return field.state.meta.errors.map(({ error }) => error.meta.rule);
  };
  assert.deepEqual(await rules(city, 7), ["type"]);
  assert.deepEqual(await rules(city, "Oak Park"), []);
  assert.deepEqual(await rules(citty, "Oak Park"), ["unknown"]);
});

test("the schema of a contact is the engine's check", async () => {
  const { cases } = JSON.parse(await readFile(new URL("vectors/validate.json", data)));
  const { contact: schema } = standard(engine);
  let judged = 0;
  for (const { body } of cases) {
    let value;
    try {
      value = JSON.parse(body);
    } catch {
      continue;
    }
    const { issues = [] } = validate(schema, value);
    assert.deepEqual(
      issues.map(({ error }) => error),
      engine.check(JSON.stringify(value)),
    );
    judged++;
  }
  assert.ok(judged > 200, `${judged} bodies`);
});

test("paths come from pointers", () => {
  const { contact: schema } = standard({
    checkPatch: () =>
      ["/a~1b/~0/0", "/list/0/x/1", "", "/"].map((pointer) => ({
        detail: "",
        source: { pointer },
        meta: {},
      })),
    checkField: () => [],
  });
  const value = { "a/b": { "~": { 0: 1 } }, list: [{ x: [1, 2] }] };
  assert.deepEqual(
    validate(schema, value).issues.map(({ path }) => path),
    [["a/b", "~", "0"], ["list", 0, "x", 1], [], [""]],
  );
});

test("a schema tells its form as JSON Schema, and takes what native controls hold", async () => {
  const { contact, patch, fields } = standard(instant);
  const { required, properties } = contact["~standard"].jsonSchema.input({ target: "draft-2020-12" });
  assert.ok(required.includes("id") && !required.includes("city"));
  assert.deepEqual(properties.type, { enum: ["contact"] });
  assert.deepEqual(patch["~standard"].jsonSchema.output({ target: "draft-07" }).properties.sms_opted_in, { type: "boolean" });
  assert.deepEqual(fields.birthdate["~standard"].jsonSchema.input({ target: "draft-07" }).anyOf, [{ type: "string", format: "date" }, { type: "null" }]);
  assert.throws(() => patch["~standard"].jsonSchema.input({ target: "openapi-2.0" }), /openapi-2.0/);
  const form = new FormData();
  for (const [name, value] of Object.entries({ city: "", birthdate: "", sms_opted_in: "on", meta_public: '{"a":1}', completed_objective_keys: "a\r\nb\n", other: "" })) form.set(name, value);
  const values = fromForm(form);
  assert.deepEqual(values, { city: null, birthdate: null, sms_opted_in: true, meta_public: { a: 1 }, completed_objective_keys: ["a", "b"], other: "" });
  delete values.other;
  assert.equal(patch["~standard"].validate(values).issues, undefined);
});
