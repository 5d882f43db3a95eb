// The demo for everybody: axe-core finds nothing in any look and state, a keyboard is enough for the
// whole way from an error to a settled conflict, and a narrow window cuts nothing off.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
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

const looks = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  "forced colours": { forcedColors: "active" },
  "320 px": { viewport: { width: 320, height: 568 } },
  "320 px, dark": { viewport: { width: 320, height: 568 }, colorScheme: "dark" },
};

async function open(t, look = {}) {
  const context = await browser.newContext({ bypassCSP: true, reducedMotion: "reduce", ...look });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(server.url + "/demo/");
  await page.waitForSelector("form:not([aria-busy=true])");
  return page;
}

const states = {
  "as it opens": async () => {},
  "with errors": async (page) => {
    await page.click("#mistakes");
    await page.click("button[type=submit]");
    await page.waitForSelector("[aria-invalid=true]");
  },
  "with a conflict": async (page) => {
    await page.fill("[name=city]", "Oak Park");
    await page.fill("[name=phone_mobile]", "+1 312 555 0199");
    await page.click("#meanwhile");
    await page.click("button[type=submit]");
    await page.waitForSelector(".torn");
  },
};

for (const [look, options] of Object.entries(looks)) {
  for (const [state, reach] of Object.entries(states)) {
    test(`axe finds nothing: ${look}, ${state}`, async (t) => {
      const page = await open(t, options);
      await reach(page);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => html + "\n" + failureSummary).join("\n")}`);
      assert.deepEqual(found, []);
    });
  }
}

/** Presses Tab until something has the focus that a selector names. */
async function tabTo(page, selector) {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
  }
  assert.fail(`Tab never comes to ${selector}`);
}

const focused = (page) => page.evaluate(() => document.activeElement.name);
const status = (page) => page.textContent("#status");

test("the whole way by keyboard: an error, a save, a conflict, a save", async (t) => {
  const page = await open(t);
  await tabTo(page, "[name=timezone]");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("america/chicago");
  await tabTo(page, "[name=city]");
  assert.equal(await page.getAttribute("[name=timezone]", "aria-invalid"), "true");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("Oak Park");
  await page.keyboard.press("Enter"); // a submit, which goes to the fault
  assert.equal(await focused(page), "timezone");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("America/New_York");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.getElementById("answer").textContent.includes("200"));
  assert.deepEqual(await page.locator("[aria-invalid=true]").count(), 0);

  await tabTo(page, "[name=city]");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("Cicero");
  await tabTo(page, "#meanwhile");
  await page.keyboard.press("Enter");
  await tabTo(page, "button[type=submit]");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".torn");
  // The focus is at the conflict, and its two buttons come next.
  assert.equal(await focused(page), "city", await status(page));
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => !!document.activeElement.closest(".torn [data-error-for]")), true);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => !document.querySelector(".torn"));
  await tabTo(page, "button[type=submit]");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.getElementById("answer").textContent.includes("200"));
});

test("what has the focus is seen to have it", async (t) => {
  for (const look of [{}, { forcedColors: "active" }]) {
    const page = await open(t, look);
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      const [what, seen] = await page.evaluate(() => {
        const el = document.activeElement;
        return [el.outerHTML.slice(0, 80), el == document.body || getComputedStyle(el).outlineStyle != "none"];
      });
      assert.ok(seen, what);
    }
  }
});

test("a window of 320 px cuts nothing off", async (t) => {
  const page = await open(t, { viewport: { width: 320, height: 568 } });
  for (const reach of [async () => {}, states["with a conflict"]]) {
    await reach(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
    const [has, needs] = await page.evaluate(() => {
      const el = document.querySelector("[name=birthdate]");
      const alone = el.cloneNode();
      Object.assign(alone.style, { position: "absolute", width: "max-content" });
      alone.removeAttribute("name");
      el.after(alone);
      const widths = [el.offsetWidth, alone.offsetWidth];
      alone.remove();
      return widths;
    });
    assert.ok(has >= needs, `the date has ${has} px and needs ${needs}`);
    const bar = await page.evaluate(() => document.querySelector(".bar").offsetHeight);
    assert.ok(bar <= 568 / 4, `the bar takes ${bar} px of 568`);
  }
});
