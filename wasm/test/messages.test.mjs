// The catalogues: nothing lacks its sentence, in any language.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { load } from "@partner-contacts/contact";
import { say, sentence } from "@partner-contacts/contact/messages";
import de from "@partner-contacts/contact/messages/de";
import en from "@partner-contacts/contact/messages/en";
import es from "@partner-contacts/contact/messages/es";
import fr from "@partner-contacts/contact/messages/fr";

const engine = await load();
const catalogues = [en, es, fr, de];
const data = new URL("../../testdata/vectors/", import.meta.url);

test("every rule has its sentence in every language", async () => {
  const schema = await readFile(
    new URL("../../schema/errors.schema.json", import.meta.url),
    "utf8",
  );
  const rules = /"title": "Rule",[^[\]]*"enum": (\[[^\]]*\])/.exec(schema);
  assert.ok(rules, "the schema of the errors lists no rules");
  for (const catalogue of catalogues)
    for (const rule of JSON.parse(rules[1]))
      assert.ok(Object.hasOwn(catalogue.sentences, rule), `${catalogue.language} has no ${rule}`);
});

test("the languages say the same, each in its own words", () => {
  const holes = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const { language, sentences } of catalogues) {
    assert.deepEqual(Object.keys(sentences), Object.keys(en.sentences), language);
    const texts = Object.values(sentences);
    assert.equal(new Set(texts).size, texts.length, `${language} says two things alike`);
    for (const [key, text] of Object.entries(sentences)) {
      assert.deepEqual(holes(text), holes(en.sentences[key]), `${language} ${key}`);
      assert.equal(text, text.trim());
      assert.doesNotMatch(text, /\p{Cc}/u);
      if (language != "en") assert.notEqual(text, en.sentences[key], `${language} ${key}`);
    }
  }
});

test("every error of the vectors has a whole sentence, without the API's words", async () => {
  const said = new Set();
  let errors = 0;
  for (const file of ["validate.json", "merge.json", "update.json"]) {
    const { cases } = JSON.parse(await readFile(new URL(file, data)));
    for (const { errors: list = [] } of cases)
      for (const error of list) {
        errors++;
        const { rule, pointer, suggestion, detail = "" } = error;
        const issue = { code: error.code, detail, source: { pointer }, meta: { rule, suggestion } };
        const field = engine.fields.find(({ name }) => name == pointer?.split("/")[1]);
        for (const catalogue of catalogues) {
          const text = sentence(catalogue, issue, field);
          assert.match(text, /^[^{}]+[.?]$|\{\}\.$/, `${catalogue.language} ${rule}`);
          assert.doesNotMatch(text, /undefined|JSON|UUID|RFC|null/);
          if (catalogue == en) said.add(text);
        }
      }
  }
  assert.ok(errors > 300 && said.size > 25, `${errors} errors, ${said.size} sentences`);
});

test("each syntax fault is told apart", () => {
  const texts = {
    empty: " ",
    bom: "\ufeff{}",
    end: '{"a":',
    trailing: "{} 1",
    value: '{"a":x}',
    name: "{a:1}",
    colon: '{"a" 1}',
    comma: '{"a":1 "b":2}',
    number: '{"a":01}',
    control: '{"a":"\n"}',
    escape: '{"a":"\\x"}',
    surrogate: '{"a":"\\ud800"}',
    utf8: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
  };
  const keys = Object.keys(en.sentences).filter((key) => key.startsWith("syntax."));
  assert.deepEqual(
    Object.keys(texts).map((fault) => `syntax.${fault}`),
    keys,
  );
  const field = engine.fields.find(({ name }) => name == "meta_public");
  for (const [fault, text] of Object.entries(texts)) {
    const [error] = engine.checkField("meta_public", text, { json: true });
    for (const catalogue of catalogues)
      assert.equal(sentence(catalogue, error, field), catalogue.sentences[`syntax.${fault}`]);
  }
});

test("sentences name lines, limits, suggestions, and fit the kind of the field", () => {
  const say1 = (name, value, options, catalogue = en) => {
    const [error] = engine.checkField(name, value, options);
    return sentence(
      catalogue,
      error,
      engine.fields.find((field) => field.name == name),
      options,
    );
  };
  assert.equal(
    say1("timezone", "america/chicago"),
    "Enter the name of a time zone, such as America/Chicago. Did you mean America/Chicago?",
  );
  assert.equal(
    say1("active_journey_ids", ["919108f7-52d1-4320-9bac-f847db4148a8", "x"]),
    `Line 2: ${en.sentences.uuid}`,
  );
  assert.equal(
    say1("completed_objective_keys", ["a", "b", 3]),
    `Line 3: ${en.sentences["type.string"]}`,
  );
  assert.equal(say1("birthdate", 7), en.sentences.date);
  assert.equal(say1("sms_opted_in", "yes"), "Choose yes or no.");
  assert.equal(say1("meta_public", []), en.sentences["type.object"]);
  assert.equal(say1("city", "x".repeat(2e6)), "This is too much at once: at most 1,048,576 bytes.");
  assert.equal(
    say1("city", "x".repeat(2e6), {}, de),
    "Das ist zu viel auf einmal: höchstens 1.048.576 Bytes.",
  );
  assert.equal(
    say1("city", "x".repeat(5000), { maxBytes: 4000 }),
    "This is too much at once: at most 4,000 bytes.",
  );
  assert.equal(
    say1("meta_public", { a: [[]] }, { maxDepth: 3 }),
    "This is nested too deeply: at most 3 levels.",
  );
  const { errors } = engine.merge(
    {
      id: "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b",
      type: "contact",
      team_id: "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b",
      inserted_at: "2024-01-02T03:04:05Z",
      updated_at: "2024-01-02T03:04:05Z",
      sms_verified: true,
      sms_opted_in: true,
      sms_authorized: true,
      sms_unsubscribed: true,
      email_verified: true,
      email_opted_in: true,
      email_authorized: true,
      email_unsubscribed: true,
      meta_public: {},
      active_journey_ids: [],
      completed_objective_keys: [],
    },
    { meta_public: { a: "x".repeat(100) } },
    { maxMeta: 99 },
  );
  assert.equal(
    sentence(en, errors[0], { kind: "object" }, { maxMeta: 99 }),
    "This is too long: at most 99 bytes.",
  );
});

test("conflicts, and rules that nobody knows", () => {
  assert.equal(
    sentence(en, { theirs: "Oak {line} Park" }),
    "Somebody else changed this to “Oak {line} Park”.",
  );
  assert.equal(sentence(es, { theirs: "" }), "Otra persona ha cambiado esto por «(vacío)».");
  const own = { code: "validation_failed", title: "", detail: "", meta: { rule: "team_rule" } };
  assert.equal(sentence(en, own), en.sentences.meta);
  assert.equal(sentence(en, { ...own, meta: { rule: "toString" } }), en.sentences.meta);
  assert.equal(
    say(fr, "line", { line: 1234, sentence: "x" }),
    `Ligne ${(1234).toLocaleString("fr")}\u00a0: x`,
  );
});
