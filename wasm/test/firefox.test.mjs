// Where a browser's own behaviour counts, the form in Firefox: what it restores, and the attributes that
// screen readers go by. Firefox ESR is driven by WebDriver BiDi: apt-get install firefox-esr.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import puppeteer from "puppeteer-core";
import { serve } from "../demo/serve.mjs";

const contact = await readFile(new URL("../../testdata/contact.json", import.meta.url), "utf8");
const stored = JSON.parse(contact);
const html = `<!doctype html><html lang="en"><title>test</title><form id="form">
  <input name="city"><input name="timezone" list="zones"><datalist id="zones"></datalist>
  <select name="country"><option value=""></option><option>DE</option><option>US</option></select>
  <input type="date" name="birthdate"><textarea name="address"></textarea>
  <input type="checkbox" name="sms_opted_in"><input type="checkbox" name="email_opted_in"><button>Save</button></form>`;
const script = (wait) => `
  import { load } from "/dist/contact.js";
  import { bindForm } from "/dist/form.js";
  const text = await (await fetch("/contact.json")).text();
  await new Promise((resolve) => setTimeout(resolve, ${wait}));
  window.binding = bindForm(document.getElementById("form"), load(), { contact: text });`;
const pages = {
  "/favicon.ico": "", "/contact.json": contact, "/elsewhere.html": "<!doctype html><title>elsewhere</title>",
  "/form.html": `${html}<script type="module" src="/form.js"></script>`, "/form.js": script(0),
  "/late.html": `${html}<script type="module" src="/late.js"></script>`, "/late.js": script(300),
};
// Of a page that is not to be stored Firefox keeps no entries.
for (const path of ["/form.html", "/late.html"]) pages[path] = { body: pages[path], headers: { "cache-control": "no-cache" } };

let server, browser;
before(async () => {
  server = await serve({ pages });
  browser = await puppeteer.launch({
    browser: "firefox", executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr", headless: true,
    extraPrefsFirefox: { "browser.sessionhistory.max_total_viewers": 0 },
  });
});
after(async () => {
  await browser?.close();
  server?.close();
});

const shown = (page) =>
  page.evaluate(() => Object.fromEntries([...document.querySelectorAll("form [name]")].map((el) => [el.name, el.type == "checkbox" ? el.checked : el.value])));
const isBound = (page) => page.waitForFunction(() => window.binding, { timeout: 30_000 });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function open(t, path) {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(server.url + path);
  await isBound(page);
  return page;
}

for (const path of ["/form.html", "/late.html"])
  test(`back and reload agree with the page: ${path}`, async (t) => {
    for (const way of ["back", "reload"]) {
      const page = await open(t, path);
      await page.click("[name=city]", { count: 3 });
      await page.keyboard.type("Oslo");
      await page.select("[name=country]", "DE");
      await page.click("[name=sms_opted_in]");
      await page.click("[name=email_opted_in]");
      const edits = await page.evaluate(() => binding.patch({ version: false }));
      assert.deepEqual(JSON.parse(edits), { city: "Oslo", country: "DE", sms_opted_in: false, email_opted_in: true });
      if (way == "back") {
        await page.goto(server.url + "/elsewhere.html");
        await page.goBack();
      } else await page.reload();
      await isBound(page);
      await pause(500);
      const now = await shown(page);
      const patch = JSON.parse(await page.evaluate(() => binding.patch({ version: false })));
      const changed = await page.evaluate(() => binding.changed);
      for (const [name, value] of Object.entries(now)) {
        assert.equal(value, name in patch ? (patch[name] ?? "") : (stored[name] ?? ""), `${way}: ${name} shows what is known`);
        assert.equal(changed.includes(name), name in patch, `${way}: ${name} is marked`);
      }
      // Firefox restores all of it, consents among it, after a reload as well.
      assert.deepEqual(patch, JSON.parse(edits), way);
    }
  });

test("messages and ARIA are attributes", async (t) => {
  const page = await open(t, "/form.html");
  await page.click("[name=timezone]", { count: 3 });
  await page.keyboard.type("PST");
  await page.click("[name=city]");
  const [invalid, described, role] = await page.evaluate(() => {
    const el = document.querySelector("[name=timezone]");
    return [el.getAttribute("aria-invalid"), document.getElementById(el.getAttribute("aria-describedby"))?.textContent, document.querySelector("[data-contact-made][role=status]")?.textContent];
  });
  assert.equal(invalid, "true");
  assert.match(described, /time zone/);
  assert.match(role, /^Timezone: /);
});
