// The contact editor for everybody: axe-core finds nothing in any look and state, a keyboard is enough,
// nothing is cut off or hidden, and no state is told by colour alone.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { looks, show, sizes, states } from "../demo/screenshots.mjs";
import { serve } from "../demo/serve.mjs";
import { launch } from "./browser.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let server, browser;
before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

async function open(t, state = "opened", look = {}) {
  const page = await show(browser, server.url, state, { bypassCSP: true, ...look });
  t.after(() => page.context().close());
  return page;
}

for (const state of Object.keys(states).filter((state) => state != "no-javascript"))
  test(`axe finds nothing and nothing is cut off: ${state}`, async (t) => {
    const page = await open(t, state);
    await page.evaluate(axe);
    const [wide, , narrow] = sizes;
    // Colours and widths are apart from each other: each is looked at once.
    for (const [look, size] of [...Object.keys(looks).map((look) => [look, wide]), ["light", narrow]]) {
      await page.emulateMedia(looks[look]);
      await page.setViewportSize(size);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      const found = violations.map(({ id, nodes }) => `${look}, ${id}: ${nodes.map(({ html, failureSummary }) => html + "\n" + failureSummary).join("\n")}`);
      assert.deepEqual(found, []);
    }
    for (const size of sizes) {
      await page.setViewportSize(size);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${size.width}: it scrolls sideways`);
      const bar = await page.evaluate(() => document.querySelector(".bar").offsetHeight / innerHeight);
      assert.ok(bar <= 0.25, `${size.width}: the bar takes ${bar} of the window`);
    }
  });

test("without JavaScript the page says so", async (t) => {
  const page = await open(t, "no-javascript");
  assert.match(await page.locator("noscript").innerText(), /needs JavaScript/);
  assert.equal(await page.locator("#contact").isVisible(), false);
});

test("nothing that is typed on a slow line gets into an address", async (t) => {
  const page = await open(t, "loading");
  assert.equal(await page.locator("#contact").isVisible(), false);
  await page.keyboard.press("Tab");
  await page.keyboard.type("Oslo");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => location.search), "?slow=60000");
  assert.deepEqual(await page.evaluate(() => [...document.forms].map((form) => form.method)), ["post", "post", "dialog"]);
});

test("with the engine refused the form judges and saves", async (t) => {
  const page = await open(t, "failed-engine");
  await page.fill("[name=timezone]", "america/chicago");
  await page.locator("[name=city]").focus();
  assert.match(await page.textContent("[data-error-for=timezone]"), /America\/Chicago/);
  await page.fill("[name=timezone]", "UTC");
  await page.fill("[name=city]", "Oslo");
  assert.equal(await page.textContent("#summary"), "● 2 unsaved changes.");
});

const focused = (page) => page.evaluate(() => document.activeElement.name || document.activeElement.id);

test("by keyboard: two tabs to Save, Ctrl+S, and the way through faults and conflicts", async (t) => {
  const page = await open(t);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await focused(page), "save");

  await page.locator("[name=city]").focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("Oak Park");
  await page.keyboard.press("Control+S");
  await page.waitForSelector("[data-state=saved]");
  assert.equal(await focused(page), "city", "the focus stays");

  await page.locator("[name=timezone]").focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("america/chicago");
  await page.keyboard.press("Enter");
  assert.equal(await focused(page), "timezone");
  assert.equal(await page.textContent("#summary"), "✗ 1 field to correct: Time zone.");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("America/New_York");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("[data-state=saved]")?.textContent);

  await page.locator("[name=phone_mobile]").focus();
  await page.keyboard.type("9");
  await page.click("#meanwhile");
  await page.waitForTimeout(100);
  await page.keyboard.press("Control+S");
  await page.waitForSelector("[data-state=decide]");
  assert.equal(await focused(page), "phone_mobile");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Keep mine: Mobile phone");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+S");
  await page.waitForFunction(() => document.querySelector("[data-state=saved]")?.textContent);
});

test("what has the focus is seen, and not under the bar", async (t) => {
  for (const look of [{ viewport: { width: 320, height: 568 } }, { forcedColors: "active", viewport: { width: 768, height: 600 } }]) {
    const page = await open(t, "faults", look);
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      const [what, seen, clear] = await page.evaluate(() => {
        const el = document.activeElement;
        const box = el.getBoundingClientRect();
        const bar = document.querySelector(".bar");
        const sticks = getComputedStyle(bar).position == "sticky" && !bar.contains(el) && document.getElementById("contact").contains(el);
        return [
          el.outerHTML.slice(0, 80),
          el == document.body || getComputedStyle(el).outlineStyle != "none",
          !sticks || box.bottom <= bar.getBoundingClientRect().top + 1 || box.height > innerHeight / 2,
        ];
      });
      assert.ok(seen, `no outline: ${what}`);
      assert.ok(clear, `under the bar: ${what}`);
    }
  }
});

test("a change and a conflict are told in words, also where colours are forced", async (t) => {
  for (const [state, words] of [["changed", "● Changed"], ["conflict", "▲ Decide"]]) {
    const page = await open(t, state, { forcedColors: "active" });
    assert.ok((await page.locator(".mark").allTextContents()).includes(words));
  }
});

test("discarding asks, and can be undone; the developers' part keeps the last request", async (t) => {
  const page = await open(t, "saved");
  await page.locator("#developers summary").click();
  await page.locator("#last", { hasText: "PATCH" }).waitFor();
  assert.match(await page.textContent("#last"), /^PATCH \/v2\/partner\/contacts\/.*"city": "Oak Park"/s);
  assert.equal(await page.textContent("#patch"), "{}");
  await page.uncheck("[name=sms_opted_in]");
  await page.click("#discard");
  await page.getByRole("button", { name: "Keep editing" }).click();
  assert.equal(await page.isChecked("[name=sms_opted_in]"), false);
  await page.click("#discard");
  await page.locator("#confirm").getByRole("button", { name: "Discard" }).click();
  assert.equal(await page.isChecked("[name=sms_opted_in]"), true);
  await page.click("#undo");
  assert.equal(await page.isChecked("[name=sms_opted_in]"), false);
});

test("nobody who edits a contact meets the speech of developers", async (t) => {
  const page = await open(t, "faults");
  await page.evaluate(() => document.getElementById("developers").remove());
  const text = await page.evaluate(() => document.body.innerText);
  assert.doesNotMatch(text, /UUID|RFC|\b4(09|12|22)\b|tzdb|header|patch|token/i);
});
