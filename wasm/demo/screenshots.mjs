// Takes the pictures of the README: node demo/screenshots.mjs, or npm run screenshots.
import { launch } from "../test/browser.mjs";
import { serve } from "./serve.mjs";

const server = await serve();
const browser = await launch();

async function shoot(name, look, reach) {
  const context = await browser.newContext({ reducedMotion: "reduce", ...look });
  const page = await context.newPage();
  await page.goto(server.url + "/demo/");
  await page.waitForSelector("form:not([aria-busy=true])");
  await reach(page);
  await page.screenshot({ path: new URL(`../docs/${name}.png`, import.meta.url).pathname });
  await context.close();
}

await shoot("demo", { viewport: { width: 1280, height: 860 } }, async (page) => {
  await page.fill("[name=timezone]", "america/chicago");
  await page.fill("[name=city]", "Oak Park");
  await page.uncheck("[name=email_verified]");
  await page.locator("[name=timezone]").focus();
  await page.locator("[name=phone_home]").focus();
});
await shoot("demo-conflict", { viewport: { width: 320, height: 640 }, colorScheme: "dark" }, async (page) => {
  await page.fill("[name=phone_mobile]", "+1 312 555 0199");
  await page.click("#meanwhile");
  await page.click("button[type=submit]");
  await page.waitForSelector(".torn");
});
await browser.close();
server.close();
