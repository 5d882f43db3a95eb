// In Chromium: a React form on the schemas, typed into and submitted; and a page without
// WebAssembly, which judges all the same.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { buildSync } from "esbuild";
import { serve } from "../demo/serve.mjs";
import { launch } from "./browser.mjs";

const reactForm = `
  import { createElement as h } from "react";
  import { createRoot } from "react-dom/client";
  import { useForm } from "react-hook-form";
  import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
  import * as instant from "@partner-contacts/contact/instant";
  import { sentence } from "@partner-contacts/contact/messages";
  import de from "@partner-contacts/contact/messages/de";
  import { standard } from "@partner-contacts/contact/standard";

  const { patch } = standard(instant, { message: (error, field) => sentence(de, error, field) });
  function Form() {
    const { register, handleSubmit, formState } = useForm({
      mode: "onBlur",
      defaultValues: { birthdate: "1990-02-28", timezone: "UTC", sms_opted_in: false },
      resolver: standardSchemaResolver(patch),
    });
    const field = (name, type) => h("label", null, name, h("input", { type, ...register(name) }));
    // Below all controls: a message that appears must not move what is being clicked.
    const error = (name) => h("p", { id: "error-" + name }, formState.errors[name]?.message);
    const sent = (values) => (document.title = JSON.stringify(values));
    return h("form", { onSubmit: handleSubmit(sent) },
      field("birthdate"), field("timezone"), field("sms_opted_in", "checkbox"), h("button"),
      error("birthdate"), error("timezone"), error("sms_opted_in"));
  }
  createRoot(document.querySelector("main")).render(h(Form));
`;

let browser, server;

before(async () => {
  const [script] = buildSync({
    stdin: { contents: reactForm, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: "esm",
    define: { "process.env.NODE_ENV": '"production"' },
  }).outputFiles;
  server = await serve({
    pages: {
      "/react.html": '<!doctype html><main></main><script type="module" src="/react.js"></script>',
      "/react.js": script.text,
      "/blank.html": "<!doctype html>",
    },
  });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
});

test("React Hook Form in a page: typed into, refused, corrected, submitted", async () => {
  const page = await browser.newPage();
  await page.goto(server.url + "/react.html");
  const errors = async () => {
    const texts = {};
    for (const name of ["birthdate", "timezone", "sms_opted_in"])
      texts[name] = await page.locator("#error-" + name).textContent();
    return texts;
  };
  await page.getByLabel("birthdate").fill("1990-02-30");
  await page.getByLabel("timezone").fill("america/chicago");
  await page.getByLabel("sms_opted_in").check();
  await page.locator("button").click();
  await page.waitForFunction(() => document.querySelector("#error-timezone").textContent);
  assert.deepEqual(await errors(), {
    birthdate: "Geben Sie einen Tag ein, den es gibt, in der Form Jahr-Monat-Tag, zum Beispiel 2000-02-29.",
    timezone:
      "Geben Sie den Namen einer Zeitzone ein, zum Beispiel America/Chicago. " +
      "Meinten Sie America/Chicago?",
    sms_opted_in: "",
  });
  assert.equal(await page.title(), "");

  await page.getByLabel("birthdate").fill("1990-02-27");
  await page.getByLabel("timezone").fill("America/Chicago");
  await page.locator("button").click();
  await page.waitForFunction(() => document.title);
  assert.deepEqual(await errors(), { birthdate: "", timezone: "", sms_opted_in: "" });
  assert.deepEqual(JSON.parse(await page.title()), {
    birthdate: "1990-02-27",
    timezone: "America/Chicago",
    sms_opted_in: true,
  });
  await page.close();
});

test("without WebAssembly the instant tier judges as the engine does", async () => {
  const page = await browser.newPage();
  await page.goto(server.url + "/blank.html");
  const values = [
    "1990-02-28",
    "1990-02-30",
    "0000-01-01",
    "2024-01-02T23:59:60Z",
    "UTC",
    "Etc/Gmt+5",
  ];
  const ask = async (from, values) => {
    const { load, ...rest } = await import(from);
    const { checkField } = load ? await load() : rest;
    const names = ["birthdate", "last_seen_at", "timezone", "team_id", "sms_opted_in"];
    return names.map((name) => values.map((value) => checkField(name, value)));
  };
  const wanted = await page.evaluate(`(${ask})("/dist/contact.js", ${JSON.stringify(values)})`);
  await page.reload();
  await page.evaluate(() => delete globalThis.WebAssembly);
  assert.equal(await page.evaluate(() => typeof WebAssembly), "undefined");
  const have = await page.evaluate(`(${ask})("/dist/instant.js", ${JSON.stringify(values)})`);
  assert.deepEqual(have, wanted);
  await page.close();
});
