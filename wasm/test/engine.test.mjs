// The engine in Node.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { strip } from "../strip.mjs";
import { load } from "@partner-contacts/contact/server";
import { fields } from "@partner-contacts/contact/instant";
import { runVectors } from "./vectors.mjs";

const data = new URL("../../testdata/", import.meta.url);
const read = (name) => readFile(new URL(name, data), "utf8");
const contact = await read("contact.json");
const patch = await read("patch.json");
const invalid = await read("invalid-patch.json");

/** Loads an engine and tells its instances and the size of its memory. */
async function watched(source) {
  const { instantiate, Instance } = WebAssembly;
  const instances = [];
  WebAssembly.instantiate = async (...args) => {
    const instance = await instantiate(...args);
    instances.push(instance);
    return instance;
  };
  WebAssembly.Instance = function (...args) {
    instances.push(new Instance(...args));
    return instances.at(-1);
  };
  const engine = await load(source);
  return { engine, instances, memory: () => instances.at(-1).exports.memory.buffer.byteLength };
}

const engine = await load();
const rules = (errors) => errors.map((e) => `${e.meta.rule} ${e.source?.pointer}`);

test("all vectors give what they say", async () => {
  const files = (await readdir(new URL("vectors/", data))).filter((name) => name.endsWith(".json"));
  assert.ok(files.length > 0, "there are no vectors");
  for (const name of files) {
    const { count, failures } = runVectors(engine, await read("vectors/" + name));
    assert.ok(count > 0, name + " is empty");
    assert.deepEqual(failures, []);
  }
});

test("the package tells what a form needs", () => {
  assert.deepEqual(engine.fields, fields);
  assert.deepEqual(engine.fields.find((f) => f.name == "timezone"), {
    name: "timezone", kind: "timezone", required: false, writable: true, clearable: true,
  });
  assert.deepEqual(engine.fields.filter((f) => !f.writable).map((f) => f.name), ["id", "type", "team_id", "inserted_at", "updated_at"]);
  assert.ok(engine.timezones.includes("Asia/Kolkata") && engine.timezones.includes("UTC") && !engine.timezones.includes("PST"));
  assert.equal(new Set(engine.timezones).size, engine.timezones.length);
  for (const zone of engine.timezones) assert.deepEqual(engine.checkField("timezone", zone), []);
  assert.match(engine.tzdb, /^20\d\d[a-z]$/);
  assert.match(engine.version, /^\d+\.\d+\.\d+$/);
});

test("numbers keep their digits, and objects are a convenience", () => {
  const big = engine.merge(contact, '{"meta_public":{"n":9007199254740993,"e":1e400,"z":1.0}}');
  assert.match(big.text, /"n":9007199254740993,"e":1e400,"z":1\.0/);
  assert.equal(big.value.name_first, "María");
  assert.deepEqual(engine.check(JSON.parse(contact)), []);
  assert.deepEqual(engine.check(new TextEncoder().encode(contact)), []);
  assert.deepEqual(engine.checkPatch({ sms_opted_in: "true" }).map((e) => e.meta.rule), ["type"]);
  assert.deepEqual(rules(engine.checkPatch(null)), ["type "]);
  assert.throws(() => engine.check(undefined), TypeError);
});

test("merge, diff and merge3 fit together", () => {
  const now = new Date("2026-06-01T00:00:00.123Z");
  const merged = engine.merge(contact, patch, { now });
  assert.equal(merged.ok, true);
  assert.equal(merged.value.updated_at, "2026-06-01T00:00:00.123Z");
  assert.ok(merged.changed.includes("updated_at") && merged.changed.includes("city"));
  const diff = engine.diff(contact, merged.text);
  assert.equal(engine.merge(contact, diff.text, { now }).text, merged.text);
  const theirs = engine.merge(contact, { city: "Evanston", state: "MI" }, { now: "2026-06-01T00:00:01Z" });
  const three = engine.merge3(contact, merged.text, theirs.text);
  assert.deepEqual(three.conflicts, [{ pointer: "/city", base: '"Chicago"', ours: '"Oak Park"', theirs: '"Evanston"' }]);
  assert.equal(three.value.state, "MI");
  assert.equal(engine.diff(contact, { ...JSON.parse(contact), state: null, meta_public: { source: "spring-2026" } }).text,
    '{"state":null,"meta_public":{"score":null,"ledger":null,"prefs":null}}');
  const same = engine.merge(contact, "{}");
  assert.deepEqual(same.changed, []);
});

test("the caller's faults throw, the data's do not", () => {
  assert.throws(() => engine.merge("{}", "{}"), /existing/);
  for (const now of ["yesterday", "null", '"', '""', new Date(NaN)])
    assert.throws(() => engine.merge(contact, "{}", { now }), { message: "!now: not a timestamp" });
  assert.throws(() => engine.checkField("__proto__", 1), /no such field/);
  assert.equal(engine.merge(contact, "{").status, 400);
  assert.equal(engine.merge(contact, '{"id":null}').status, 422);
  assert.equal(engine.merge(contact, '{"updated_at":"2020-01-01T00:00:00Z"}').status, 409);
});

test("hostile strings", () => {
  const before = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
  const polluted = engine.merge(contact, '{"meta_public":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}');
  assert.equal(polluted.value.polluted, undefined);
  assert.deepEqual(Object.keys(polluted.value.meta_public).slice(-2), ["__proto__", "constructor"]);
  assert.equal({}.polluted, undefined);
  assert.equal(JSON.stringify(Object.getOwnPropertyNames(Object.prototype)), before);

  // A lone surrogate has no UTF-8 form; it must not become another character on the way.
  for (const text of ['{"city":"\ud800"}', '{"city":"a\udfff"}', '{"city":"\ud800\ud800\udc00"}'])
    assert.deepEqual(rules(engine.checkPatch(text)), ["syntax "], JSON.stringify(text));
  assert.deepEqual(rules(engine.checkField("city", "\ud800")), ["syntax "]);
  assert.deepEqual(rules(engine.checkPatch(new Uint8Array([123, 255, 125]))), ["syntax "]);
  for (const city of ["\u0000", "\u2028", "\x1e", "𝒳", "<script>", "\\", '"', "!", "ÿ".repeat(70000)]) {
    const r = engine.merge(contact, { city });
    assert.equal(r.value.city, city);
    const key = engine.merge3(contact, engine.merge(contact, { meta_public: { [city]: 1 } }).text, engine.merge(contact, { meta_public: { [city]: 2 } }).text);
    assert.deepEqual(key.conflicts.map((c) => [c.ours, c.theirs]), [["1", "2"]]);
    const token = city.replaceAll("~", "~0").replaceAll("/", "~1");
    assert.equal(key.conflicts[0].pointer, token.length < 80 ? "/meta_public/" + token : "/meta_public", "a pointer is cut after 100 characters");
  }
  assert.deepEqual(rules(engine.checkPatch("[".repeat(1e5))), ["depth "]);
  assert.deepEqual(rules(engine.checkPatch(" ".repeat(2e7))), ["size "]);
  assert.throws(() => engine.checkPatch(" ".repeat(3e7)), RangeError);
  assert.throws(() => engine.merge3(" ".repeat(5e8), " ".repeat(5e8), " ".repeat(5e8)), RangeError);
  assert.throws(() => engine.checkPatch(new Uint8Array(2 ** 26)), RangeError);
  assert.deepEqual(engine.check(contact), []);
});

test("a bad call is answered and the next one works", async () => {
  const { instances } = await watched(engine.module);
  const { buffer, call, memory } = instances[0].exports;
  const text = (p) => Buffer.from(memory.buffer, (p >>> 0) + 4, new DataView(memory.buffer).getUint32(p >>> 0, true)).toString();
  assert.equal(buffer(2 ** 26 + 1), 0);
  assert.equal(buffer(-1), 0);
  for (const [op, n, length, answer] of [
    [99, 4, 0, "!no such operation"],
    [-1, 4, 0, "!no such operation"],
    [2, 0, 0, "!argument missing"],
    [2, 3, 0, "!argument missing"],
    [2, 4, 1, "!argument longer than the input"],
    [2, 4, 0xffffffff, "!argument longer than the input"],
    [2, 9, 4, "!bytes after the last argument"],
    [2, 0xffffffff, 4, "!input longer than the buffer"],
  ]) {
    const at = buffer(16) >>> 0;
    new DataView(memory.buffer).setUint32(at, length, true);
    assert.equal(text(call(op, n, 0, 0, 0, 0, 0, 0, 0, 0)), answer);
  }
  const at = buffer(16) >>> 0;
  new DataView(memory.buffer).setUint32(at, 2, true);
  new Uint8Array(memory.buffer).set([123, 125], at + 4);
  assert.equal(call(3, 6, 0, 0, 0, 0, 0, 0, 0, 0), 0);
});

test("a panic is answered; what is fatal costs the call and nothing more", async () => {
  const { engine, instances } = await watched(await readFile(new URL("build/faults.wasm", import.meta.url)));
  const errors = engine.checkPatch(invalid);
  assert.ok(errors.length > 9);
  const works = () => {
    assert.deepEqual(engine.check(contact), []);
    assert.deepEqual(engine.checkPatch(invalid), errors);
  };
  for (const fault of ["panic", "index"]) {
    assert.throws(() => engine.checkPatch(fault), { message: "!internal error" });
    works();
  }
  assert.equal(instances.length, 1);
  for (const fault of ["stack", "memory", "stack"]) {
    assert.throws(() => engine.checkPatch(fault), { message: "engine stopped" });
    works();
  }
  assert.equal(instances.length, 4);
});

test("memory stays flat over a million calls", async () => {
  const { engine, instances, memory } = await watched(await readFile(new URL("../dist/contact.wasm", import.meta.url)));
  const round = (n) => {
    for (let i = 0; i < n; i++) {
      engine.checkField("timezone", "America/Chicago");
      if (i % 10 == 0) engine.check(contact);
      if (i % 20 == 0) engine.checkPatch(invalid);
      if (i % 20 == 0) engine.merge(contact, patch);
    }
  };
  round(1e5);
  const before = memory();
  round(75e4);
  assert.equal(memory(), before);
  assert.ok(before < 16 << 20, `${before} bytes`);
  assert.equal(instances.length, 1);
});

test("the answers do not depend on what was asked before", async () => {
  const fresh = await load(engine.module);
  const asked = [contact, patch, invalid, "", "{", '{"city":1}'];
  for (const body of asked) assert.deepEqual(engine.checkPatch(body), fresh.checkPatch(body));
  const first = asked.map((body) => JSON.stringify(fresh.checkPatch(body)));
  for (let i = 0; i < 200; i++) {
    const j = (i * 7) % asked.length;
    assert.equal(JSON.stringify(fresh.checkPatch(asked[j])), first[j]);
  }
});

test("sources", async () => {
  const file = new URL("../dist/contact.wasm", import.meta.url);
  const bytes = await readFile(file);
  for (const source of [file, bytes, bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), engine.module,
    new Response(bytes, { headers: { "content-type": "application/wasm" } }), Promise.resolve(new Response(bytes))])
    assert.deepEqual((await load(source)).check(contact), []);
  await assert.rejects(load(new Response("", { status: 404 })), /HTTP 404/);
  await assert.rejects(load(new Response("<!doctype html>", { headers: { "content-type": "text/html" } })), {
    name: "LoadError",
    fault: "format",
    message: /its type is text\/html.*Serve dist\/contact\.wasm/,
  });
});

test("calls of load share one engine, and try anew after a failure", async () => {
  const file = new URL("../dist/contact.wasm", import.meta.url);
  for (const source of [undefined, file])
    assert.equal(new Set(await Promise.all(Array.from({ length: 10 }, () => load(source)))).size, 1);

  const { fetch } = globalThis;
  const url = "https://example.com/contact.wasm";
  try {
    globalThis.fetch = async () => { throw TypeError("offline"); };
    await assert.rejects(load(url), { fault: "network", url, message: /example\.com\/contact\.wasm.*Check the connection/ });
    globalThis.fetch = async () => new Response(await readFile(file));
    assert.deepEqual((await load(url)).check(contact), []);
  } finally {
    globalThis.fetch = fetch;
  }
});

test("without WebAssembly the import works, and load tells", () => {
  const script = `
    delete globalThis.WebAssembly;
    const { load } = await import("@partner-contacts/contact");
    await load().catch((error) => console.log(error.fault));`;
  assert.equal(execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }), "unsupported\n");
});

test("the module holds no names of functions and files", async () => {
  const bytes = await readFile(new URL("../dist/contact.wasm", import.meta.url));
  for (const name of ["runtime.mallocgc", "proc.go"]) assert.ok(!bytes.includes(name), name);
  assert.throws(() => strip(Buffer.alloc(100)), /not where/);
});
