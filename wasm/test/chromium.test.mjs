// The engine in Chromium: in a page and in a worker the same answers as in Node, from any server.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { load } from "@partner-contacts/contact/server";
import { serve } from "../demo/serve.mjs";
import { launch } from "./browser.mjs";
import { runVectors } from "./vectors.mjs";

const data = new URL("../../testdata/", import.meta.url);
const read = (name) => readFile(new URL(name, data), "utf8");
const contact = await read("contact.json");
const invalid = await read("invalid-patch.json");
const blank = "<!doctype html><title>test</title>";

let browser, server, page;

before(async () => {
  server = await serve({
    pages: {
      "/blank.html": blank,
      "/worker.mjs": `
        import { load } from "/dist/contact.js";
        onmessage = async ({ data: [source, body] }) => postMessage((await load(source)).checkPatch(body));
      `,
    },
  });
  browser = await launch();
  page = await browser.newPage();
  await page.goto(server.url + "/blank.html");
});

after(async () => {
  await browser?.close();
  server?.close();
});

test("all vectors give in Chromium what they give in Node", async () => {
  const node = await load();
  const files = (await readdir(new URL("vectors/", data))).filter((name) => name.endsWith(".json"));
  assert.ok(files.length > 0, "there are no vectors");
  for (const name of files) {
    const file = await read("vectors/" + name);
    const here = runVectors(node, file);
    const there = await page.evaluate(async (file) => {
      const { load } = await import("/dist/server.js");
      const { runVectors } = await import("/test/vectors.mjs");
      const { count, results, failures } = runVectors(await load("/dist/contact.wasm"), file);
      return { count, results: JSON.stringify(results), failures };
    }, file);
    assert.deepEqual(there.failures, []);
    assert.equal(there.count, here.count);
    assert.ok(there.count > 0);
    assert.equal(there.results, JSON.stringify(here.results));
  }
});

test("hostile strings come through a page", async () => {
  assert.deepEqual(
    await page.evaluate(async () => {
      const engine = await (await import("/dist/contact.js")).load();
      const rule = (body) => engine.checkPatch(body).map((e) => e.meta.rule).join();
      return [
        rule('{"city":"\ud800"}'),
        rule("[".repeat(1e6)),
        rule("x".repeat(2e7)),
        rule('{"__proto__":{"polluted":1}}'),
        rule(JSON.stringify({ city: "\u0000\u2028𝒳<script>" })),
        {}.polluted === undefined,
        engine.checkField("city", "\udfff")[0].meta.rule,
      ];
    }),
    ["syntax", "depth", "size", "unknown", "", true, "syntax"],
  );
});

test("a worker loads the module that the page has compiled, and its own", async () => {
  const node = await load();
  const answers = await page.evaluate(async (body) => {
    const engine = await (await import("/dist/contact.js")).load();
    const ask = (source) =>
      new Promise((resolve, reject) => {
        const worker = new Worker("/worker.mjs", { type: "module" });
        worker.onerror = reject;
        worker.onmessage = (event) => resolve(event.data);
        worker.postMessage([source, body]);
      });
    return Promise.all([ask(engine.module), ask(undefined)]);
  }, invalid);
  assert.deepEqual(answers, [node.checkPatch(invalid), node.checkPatch(invalid)]);
});

test("a server with the wrong media type is no hindrance, one without the module is told", async () => {
  const other = await serve({ wrong: "/dist/contact.wasm", pages: { "/blank.html": blank } });
  try {
    const tab = await browser.newPage();
    await tab.goto(other.url + "/blank.html");
    const type = await tab.evaluate(async () => (await fetch("/dist/contact.wasm")).headers.get("content-type"));
    assert.notEqual(type, "application/wasm");
    const errors = await tab.evaluate(async (body) => (await (await import("/dist/contact.js")).load()).check(body), contact);
    assert.deepEqual(errors, []);
    const missing = await tab.evaluate(async () => (await import("/dist/contact.js")).load("/nothing.wasm").catch(String));
    assert.match(missing, /^LoadError: .*\/nothing\.wasm: the answer was HTTP 404\. Serve /);
    await tab.close();
  } finally {
    other.close();
  }
});

test("a browser without DecompressionStream is told that inline needs it, and for load it takes none", async () => {
  const tab = await browser.newPage();
  await tab.goto(server.url + "/blank.html");
  const [name, fault, message, errors] = await tab.evaluate(async (body) => {
    delete window.DecompressionStream;
    const error = await (await import("/dist/inline.js")).load().catch((error) => error);
    const engine = await (await import("/dist/contact.js")).load();
    return [error.name, error.fault, error.message, engine.check(body)];
  }, contact);
  assert.deepEqual([name, fault, errors], ["LoadError", "unsupported", []]);
  assert.match(message, /no DecompressionStream here, of Chrome 80, Firefox 113 and Safari 16\.4/);
  await tab.close();
});

test("a cold start ends in a verdict, and the restart after a fault in another", async () => {
  const [cold, again] = await page.evaluate(async (body) => {
    const { load } = await import("/dist/contact.js");
    const begin = performance.now();
    const engine = await load("/test/build/faults.wasm");
    const first = engine.check(body);
    const cold = performance.now() - begin;
    let message;
    try {
      engine.checkPatch("stack");
    } catch (error) {
      ({ message } = error);
    }
    return [[first, cold], [message, engine.check(body)]];
  }, contact);
  assert.deepEqual(cold[0], []);
  assert.ok(cold[1] < 30_000, `${cold[1]} ms`);
  assert.deepEqual(again, ["engine stopped", []]);
});

test("memory stays flat over a million calls in a page", async () => {
  const [before, later] = await page.evaluate(
    async ([body, invalid]) => {
      const { instantiate } = WebAssembly;
      let memory;
      WebAssembly.instantiate = async (...args) => {
        const instance = await instantiate(...args);
        memory = instance.exports.memory;
        return instance;
      };
      // A response of its own: an engine that an earlier test has loaded would be shared.
      const engine = await (await import("/dist/contact.js")).load(fetch("/dist/contact.wasm"));
      WebAssembly.instantiate = instantiate;
      const round = (n) => {
        for (let i = 0; i < n; i++) {
          engine.checkField("timezone", "America/Chicago");
          if (i % 20 == 0) engine.check(body);
          if (i % 20 == 0) engine.checkPatch(invalid);
        }
      };
      // The runtime takes its last page after some collections, in one run sooner than in another.
      round(5e5);
      const before = memory.buffer.byteLength;
      round(1e6);
      return [before, memory.buffer.byteLength];
    },
    [contact, invalid],
  );
  assert.equal(later, before);
  assert.ok(later < 12 << 20, `${later} bytes`);
});
