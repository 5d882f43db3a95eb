// Forms in Chromium, for the tests of the binding: pages made on the spot, bound, typed into.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { serve } from "../demo/serve.mjs";
import { launch } from "./browser.mjs";

export const contact = await readFile(new URL("../../testdata/contact.json", import.meta.url), "utf8");
export const stored = JSON.parse(contact);

/** What the server has besides the files of this package, by path. */
export const pages = { "/favicon.ico": "" };
let browser;
export let server;

before(async () => {
  server = await serve({ pages });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** A script for a page, with React and Vue in it. */
export const bundle = (contents) =>
  buildSync({
    stdin: { contents, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    format: "esm",
    write: false,
    external: ["/dist/*"],
    define: {
      "process.env.NODE_ENV": '"production"', __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
  }).outputFiles[0].text;

/**
 * Opens a page with everything that went wrong on it; at the end of the test nothing may have, but
 * for what `expected` says. A page is a path, or HTML and a script that is a module.
 */
export async function open(t, page, { script, expected = [], leaves = false, ignore, headers, timezoneId } = {}) {
  let path = page;
  if (!page.startsWith("/")) {
    path = `/${Object.keys(pages).length}.html`;
    pages[path] = `<!doctype html><html lang="en"><title>test</title>${page}`;
    if (script) {
      pages[path + ".js"] = script;
      pages[path] += `<script type="module" src="${path}.js"></script>`;
    }
    if (headers) pages[path] = { body: pages[path], headers };
  }
  const tab = await browser.newPage({ timezoneId });
  tab.setDefaultTimeout(20_000);
  const faults = [];
  tab.on("pageerror", (error) => faults.push(`${error}`));
  tab.on("console", (message) => ["error", "warning"].includes(message.type()) && !ignore?.test(message.text()) && faults.push(message.text()));
  tab.on("request", (request) => request.url().startsWith(server.url) || faults.push("a request to " + request.url()));
  tab.on("framenavigated", (frame) => leaves || frame.url() == server.url + path || faults.push("left for " + frame.url()));
  tab.on("dialog", (dialog) => {
    faults.push("a dialog");
    dialog.dismiss();
  });
  t.after(async () => {
    await tab.close();
    assert.deepEqual(faults, expected);
  });
  await tab.addInitScript((body) => (window.contact = body), contact);
  await tab.goto(server.url + path);
  return tab;
}

/**
 * Opens a page and binds #form to a contact. `late` binds it to a promise: the page's `arrive()`
 * and `fail()` settle it.
 */
export async function bound(t, html, { body = contact, options = {}, late = false, expected, timezoneId } = {}) {
  const page = await open(t, html, { expected, timezoneId });
  await page.evaluate(bind, { body, options, late });
  return page;
}

/** Binds #form in the page. */
export async function bind({ body, options, late }) {
  const [{ load }, { bindForm }] = await Promise.all([import("/dist/contact.js"), import("/dist/form.js")]);
  const form = document.getElementById("form");
  window.submits ??= 0;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    window.submits++;
  });
  window.reasons = [];
  const engine = late
    ? new Promise((resolve, reject) => {
        window.arrive = async () => resolve(await load());
        window.fail = () => reject(Error("no engine"));
      })
    : await load();
  const more = { contact: body, onerror: (reason) => reasons.push(String(reason)), ...options };
  if (options.roots) more.roots = options.roots.map((id) => document.getElementById(id).shadowRoot);
  Object.assign(window, { load, bindForm, engine, options: more, binding: bindForm(form, engine, more) });
}

export const field = (page, name) => page.locator(`[name=${name}]`);
export const error = (page, name) => page.locator(`[data-error-for=${name}]`);
export const patch = async (page, options) =>
  JSON.parse(await page.evaluate((options) => binding.patch({ version: false, ...options }), options));
export const check = (page) => page.evaluate(() => binding.validate());
export const submits = (page) => page.evaluate(() => submits);
export const save = (page) => page.getByRole("button", { name: "Save", exact: true }).click();

/** The contact with other values, as JSON text. */
export const but = (changes) => JSON.stringify({ ...stored, ...changes });

/** What a control tells a person and their screen reader. */
export const told = (page, name) =>
  field(page, name).first().evaluate((el) => {
    const ids = (el.getAttribute("aria-describedby") ?? "").split(/\s+/);
    const message = document.querySelector(`[data-error-for="${el.name}"]`);
    return {
      valid: el.validity.valid,
      invalid: el.getAttribute("aria-invalid"),
      message: message.textContent,
      linked: ids.includes(message.id),
      said: document.querySelector("[data-contact-made][role=status]")?.textContent ?? "",
    };
  });
