// Takes the pictures of the editor, npm run screenshots: of each look a sheet with every state at every
// width, and one of a form with changes for the READMEs.
import { mkdirSync, writeFileSync } from "node:fs";
import { launch } from "../test/browser.mjs";
import { serve } from "./serve.mjs";

/** How the page may look. */
export const looks = {
  light: { colorScheme: "light", forcedColors: "none" },
  dark: { colorScheme: "dark", forcedColors: "none" },
  forced: { colorScheme: "light", forcedColors: "active" },
};
export const sizes = [{ width: 1280, height: 860 }, { width: 768, height: 900 }, { width: 320, height: 640 }];

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

/** Draws pictures into one, a row for each state, at half their size. It runs in a page. */
async function drawSheet(rows, scale) {
  const [gap, head] = [12, 24];
  const images = await Promise.all(
    rows.map(async ([name, pictures]) => [name, await Promise.all(pictures.map(async (url) => createImageBitmap(await (await fetch(url)).blob())))]),
  );
  const height = ([, row]) => head + gap + Math.max(...row.map((image) => image.height)) * scale;
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(...images.map(([, row]) => row.reduce((sum, image) => sum + image.width * scale + gap, gap)));
  canvas.height = images.reduce((sum, row) => sum + height(row), 0);
  const context = canvas.getContext("2d");
  context.fillStyle = "#888";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.font = "16px sans-serif";
  let y = 0;
  for (const row of images) {
    context.fillStyle = "#000";
    if (scale < 1) context.fillText(row[0], gap, y + 18);
    let x = gap;
    for (const image of row[1]) {
      context.drawImage(image, x, y + head, image.width * scale, image.height * scale);
      x += image.width * scale + gap;
    }
    y += height(row);
  }
  return canvas.toDataURL("image/webp", 0.6);
}

if (import.meta.url == `file://${process.argv[1]}`) {
  const server = await serve();
  const browser = await launch();
  const folder = new URL("../docs/", import.meta.url).pathname;
  mkdirSync(folder, { recursive: true });
  const taken = Object.fromEntries(Object.keys(looks).map((look) => [look, []]));
  for (const state of Object.keys(states)) {
    const page = await show(browser, server.url, state);
    for (const [look, media] of Object.entries(looks)) {
      await page.emulateMedia(media);
      const pictures = [];
      for (const size of sizes) {
        await page.setViewportSize(size);
        pictures.push(`data:image/png;base64,${(await page.screenshot()).toString("base64")}`);
      }
      taken[look].push([state, pictures]);
    }
    await page.context().close();
  }
  const table = await browser.newPage();
  const write = async (name, rows, scale) => {
    const url = await table.evaluate(`(${drawSheet})(${JSON.stringify(rows)}, ${scale})`);
    writeFileSync(`${folder}${name}.webp`, Buffer.from(url.split(",")[1], "base64"));
  };
  for (const [look, rows] of Object.entries(taken)) await write(look, rows, 0.5);
  await write("changed", [["", [taken.light.find(([state]) => state == "changed")[1][0]]]], 0.75);
  await browser.close();
  server.close();
}
