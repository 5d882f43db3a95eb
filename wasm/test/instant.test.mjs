// The instant tier never says anything else than the engine.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { load } from "@partner-contacts/contact";
import * as instant from "@partner-contacts/contact/instant";

const engine = await load();
const names = new Set(engine.fields.map(({ name }) => name));
const data = new URL("../../testdata/", import.meta.url);

/** Counts what the tier says, and fails where the engine says something else. */
function comparison() {
  const counts = { asked: 0, silent: 0, valid: 0, errors: 0 };
  const compare = (method, ...args) => {
    counts.asked++;
    const verdict = instant[method](...args);
    if (!verdict) return counts.silent++;
    const wanted = engine[method](...args);
    // The texts are compared first because that is quick, and finds a difference in order as well.
    if (JSON.stringify(verdict) != JSON.stringify(wanted)) {
      assert.deepEqual(verdict, wanted, `${method} ${args.map((arg) => JSON.stringify(arg))}`);
      assert.fail("the members of the errors are in another order");
    }
    if (wanted.length) counts.errors++;
    else counts.valid++;
  };
  return { counts, compare };
}

test("the tables are the engine's", () => {
  assert.deepEqual(instant.fields, engine.fields);
  assert.deepEqual(instant.timezones, engine.timezones);
  assert.equal(instant.tzdb, engine.tzdb);
});

test("all vectors", async () => {
  const { counts, compare } = comparison();
  for (const name of await readdir(new URL("vectors/", data))) {
    if (!name.endsWith(".json")) continue;
    const { cases, texts } = JSON.parse(await readFile(new URL("vectors/" + name, data)));
    const fill = (text) => text.replace(/<<([^<>]+)>>/g, (whole, name) => texts[name] ?? whole);
    const camel = (name) => name.replace(/_(.)/g, (_, c) => c.toUpperCase());
    for (const c of cases) {
      const options = {};
      for (const [name, value] of Object.entries(c.options ?? {})) options[camel(name)] = value;
      for (const text of [c.body, c.patch, c.existing, c.from, c.to, c.base, c.ours, c.theirs])
        if (text !== undefined) compare("checkPatch", fill(text), options);
      if (c.body_base64)
        compare("checkPatch", new Uint8Array(Buffer.from(c.body_base64, "base64")), options);
      if (c.op == "check_field") compare("checkField", c.field, fill(c.value), { ...options, json: true });
    }
  }
  console.log("vectors:", counts);
  assert.ok(counts.valid > 100 && counts.errors > 100, "the vectors have not been asked");
});

test("each timezone, and what a person may write in its place", () => {
  const { counts, compare } = comparison();
  const judge = (text) => compare("checkField", "timezone", text);
  for (const name of instant.timezones) {
    for (let i = 0; i <= name.length; i++) {
      const [before, after] = [name.slice(0, i), name.slice(i)];
      for (const text of [
        before,
        after,
        before + after.slice(1),
        before + "o" + after,
        before + "é" + after.slice(1),
        before + after.slice(1, 2) + after.slice(0, 1) + after.slice(2),
        before + "xy" + after.slice(2),
      ])
        judge(text);
    }
    for (const text of [
      name.toLowerCase(),
      name.toUpperCase(),
      name.replaceAll("_", " "),
      name.replaceAll("_", ""),
      name + " ",
      "posix/" + name,
      name.replace(/.*\//, "").toLowerCase(),
      name.replace("/", " - "),
      "right/" + name.toLowerCase(),
    ])
      judge(text);
  }
  for (const text of [
    "São Paulo",
    "Zürich",
    "K".repeat(64),
    "\u212aingston",
    "+05:00",
    "UTC+5",
    "日本",
  ])
    judge(text);
  console.log("timezones:", counts);
  assert.equal(counts.silent, 0);
});

test("a million bodies and a value of each", async () => {
  const { counts, compare } = comparison();
  const values = comparison();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const variants = [undefined, undefined, { requireComplete: true }, { ignoreUnknown: true }];
  const judge = (bytes) => {
    const options = variants[counts.asked % variants.length];
    let text;
    try {
      text = decoder.decode(bytes);
    } catch {
      return compare("checkPatch", new Uint8Array(bytes), options);
    }
    compare("checkPatch", text, options);
    let members;
    try {
      members = Object.entries(JSON.parse(text));
    } catch {
      return;
    }
    const known = members.filter(([key]) => names.has(key));
    if (!known.length) return;
    const [name, value] = known[counts.asked % known.length];
    values.compare("checkField", name, value, options);
    // Where there is one member its value can be cut out, with its own spelling.
    const single = members.length == 1 && /^\s*\{\s*"\w+"\s*:([^]*)\}\s*$/.exec(text);
    if (single) values.compare("checkField", name, single[1], { ...options, json: true });
  };
  const bodies = spawn("go", ["run", "./test/bodies", "1000000", "12"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(bodies, "close");
  let rest = Buffer.alloc(0);
  for await (const chunk of bodies.stdout) {
    rest = Buffer.concat([rest, chunk]);
    let at = 0;
    for (
      let end;
      at + 4 <= rest.length && (end = at + 4 + rest.readUInt32LE(at)) <= rest.length;
      at = end
    )
      judge(rest.subarray(at + 4, end));
    rest = rest.subarray(at);
  }
  assert.deepEqual(await ended, [0, null]);
  console.log("bodies:", counts, "values:", values.counts);
  assert.ok(counts.asked > 1e6, "there were fewer bodies");
  for (const { valid, errors } of [counts, values.counts])
    assert.ok(valid > 1e5 && errors > 1e5, "too few of a kind were judged");
});
