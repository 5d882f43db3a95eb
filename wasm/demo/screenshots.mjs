// Takes the pictures of the editor: node demo/screenshots.mjs, or npm run screenshots. A second
// argument names the states.
import { mkdirSync } from "node:fs";
import { launch } from "../test/browser.mjs";
import { serve } from "./serve.mjs";

const looks = {
  1280: { viewport: { width: 1280, height: 860 } },
  768: { viewport: { width: 768, height: 900 } },
  320: { viewport: { width: 320, height: 640 } },
  "1280-dark": { viewport: { width: 1280, height: 860 }, colorScheme: "dark" },
  "320-dark": { viewport: { width: 320, height: 640 }, colorScheme: "dark" },
  "768-forced": { viewport: { width: 768, height: 900 }, forcedColors: "active" },
};

const ready = (page) => page.waitForSelector("#contact:not([hidden])");
const click = (page, id) => page.locator(`#${id}`).click();
export const states = {
  opened: { reach: ready },
  loading: { query: "?slow=60000", reach: (page) => page.waitForSelector("#loading:not([hidden])") },
  empty: { query: "?empty", reach: (page) => page.waitForSelector("#open:not([hidden])") },
  "no-javascript": { context: { javaScriptEnabled: false }, reach: () => {} },
  "failed-engine": {
    before: (page) => page.route("**/contact.wasm", (route) => route.abort()),
    reach: (page) => page.waitForSelector("#note:not(:empty)"),
  },
  changed: {
    async reach(page) {
      await ready(page);
      await page.fill("[name=city]", "Oak Park");
      await page.uncheck("[name=sms_opted_in]");
      await page.locator("[name=phone_work]").focus();
    },
  },
  faults: {
    async reach(page) {
      await ready(page);
      await page.waitForSelector("#mistakes");
      await click(page, "mistakes");
      await click(page, "save");
      await page.waitForSelector("[aria-invalid=true]");
    },
  },
  saving: {
    query: "?latency=60000",
    async reach(page) {
      await ready(page);
      await page.fill("[name=city]", "Oak Park");
      await click(page, "save");
    },
  },
  saved: {
    async reach(page) {
      await ready(page);
      await page.fill("[name=city]", "Oak Park");
      await click(page, "save");
      await page.waitForSelector("[data-state=saved]");
    },
  },
  offline: {
    query: "?offline",
    async reach(page) {
      await ready(page);
      await page.fill("[name=city]", "Oak Park");
      await click(page, "save");
      await page.waitForSelector("[data-state=offline]");
    },
  },
  conflict: {
    async reach(page) {
      await ready(page);
      await page.fill("[name=phone_mobile]", "+1 312 555 0199");
      await page.waitForSelector("#meanwhile");
      await click(page, "meanwhile");
      await page.waitForTimeout(300);
      await click(page, "save");
      await page.waitForSelector("[data-state=decide]");
    },
  },
};

/** Opens the editor in a state. */
export async function show(browser, url, name, look = {}) {
  const { query = "", context = {}, before, reach } = states[name];
  const opened = await browser.newContext({ reducedMotion: "reduce", timezoneId: "America/Chicago", locale: "en-US", ...look, ...context });
  const page = await opened.newPage();
  await before?.(page);
  await page.goto(`${url}/demo/${query}`);
  await reach(page);
  return page;
}

if (import.meta.url == `file://${process.argv[1]}`) {
  const server = await serve();
  const browser = await launch();
  const folder = new URL("../docs/", import.meta.url).pathname;
  mkdirSync(folder, { recursive: true });
  const wanted = process.argv[2]?.split(",") ?? Object.keys(states);
  for (const name of wanted)
    for (const [look, options] of Object.entries(looks)) {
      // Every state at 1280 and 320; the other looks where they differ most.
      if (!["1280", "320"].includes(look) && !["opened", "faults", "conflict", "changed"].includes(name)) continue;
      const page = await show(browser, server.url, name, options);
      await page.screenshot({ path: `${folder}${name}-${look}.png` });
      await page.context().close();
    }
  await browser.close();
  server.close();
}
