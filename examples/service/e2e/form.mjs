// Edits a contact in the form as a person would, while a second writer is at
// the same contact, and checks what the person gets to see. The Go test that
// starts it (form_test.go) looks into the database afterwards.
//
//	node form.mjs <address of the service> <contact id> <token> <folder for screenshots>
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [address, contact, token, shots] = process.argv.slice(2);
const api = `${address}/v2/partner/contacts/${contact}`;
const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
const stored = async () => (await fetch(api, { headers })).json();
const secondWriter = async (patch) => {
  const response = await fetch(api, { method: "PATCH", headers, body: JSON.stringify(patch) });
  assert.equal(response.status, 200);
};

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const page = await browser.newPage({ viewport: { width: 1100, height: 1250 } });
page.setDefaultTimeout(30_000);
const faults = [];
try {
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    // Chromium logs every 4xx as an error; the ones meant to come are asserted on where they do.
    if (message.type() == "error" && !message.text().startsWith("Failed to load resource")) faults.push(message.text());
  });
  const saves = [];
  page.on("response", (response) => {
    if (response.request().method() == "PATCH") saves.push(response);
  });

  const field = (name) => page.locator(`#contact [name=${name}]`);
  const message = (name) => page.locator(`[data-error-for=${name}]`);
  const says = (text) => page.locator("[data-form-status]", { hasText: text }).waitFor();
  const save = () => page.click("#save");

  // Without an address the page says how to go on.
  await page.goto(address);
  assert.match(await page.textContent("#open"), /Enter the contact’s id and your access token/);
  await page.screenshot({ path: `${shots}/0-empty.png` });

  // The address that the service prints opens the contact, and loses the token at once.
  await page.goto(`${address}/#contact=${contact}&token=${token}`);
  await page.reload();
  await field("timezone").waitFor();
  assert.equal(page.url(), `${address}/#contact=${contact}`);
  assert.equal(await field("timezone").inputValue(), "America/Chicago");
  assert.ok((await page.locator("#zones option").count()) > 400);
  await page.screenshot({ path: `${shots}/1-loaded.png` });

  // A wrong timezone is told at its field when the person leaves it, and is not sent.
  await field("timezone").fill("america/denver");
  assert.equal(await message("timezone").textContent(), "");
  await field("timezone").blur();
  assert.match(await message("timezone").textContent(), /Did you mean America\/Denver\?$/);
  assert.equal(await field("timezone").getAttribute("aria-invalid"), "true");
  await field("email").focus();
  await save();
  assert.equal(await page.evaluate(() => document.activeElement.name), "timezone");
  assert.equal(saves.length, 0);
  await page.screenshot({ path: `${shots}/2-wrong-timezone.png` });

  // Corrected, it is saved.
  await field("timezone").fill("America/Denver");
  assert.equal(await message("timezone").textContent(), "");
  await save();
  await says("Saved.");
  assert.equal((await stored()).timezone, "America/Denver");

  // Somebody else changes another field meanwhile: both changes survive.
  await field("phone_mobile").fill("+1 303 555 0100");
  await secondWriter({ city: "Denver", meta_public: { visits: 1 } });
  await save();
  await says("together with changes of somebody else’s");
  assert.equal(await field("city").inputValue(), "Denver");
  let now = await stored();
  assert.deepEqual([now.phone_mobile, now.city, now.meta_public.visits], ["+1 303 555 0100", "Denver", 1]);

  // The same field: the person sees both values, and decides.
  for (const [mine, theirs, choice] of [["Aurora", "Boulder", "Keep mine"], ["Golden", "Arvada", "Use theirs"]]) {
    await field("city").fill(mine);
    await secondWriter({ city: theirs });
    await save();
    await says("Somebody else changed the same fields");
    assert.equal(await field("city").inputValue(), mine);
    assert.ok((await message("city").textContent()).startsWith(`Somebody else changed this to “${theirs}”.`));
    assert.equal((await stored()).city, theirs, "nothing is overwritten unasked");
    await page.screenshot({ path: `${shots}/3-conflict.png` });
    await message("city").getByRole("button", { name: choice }).click();
    assert.equal(await message("city").textContent(), "");
    await save();
    await says(choice == "Keep mine" ? "Saved." : "There is nothing to save.");
    assert.equal((await stored()).city, choice == "Keep mine" ? mine : theirs);
  }

  const saveWithoutAnswer = async () => {
    await page.route(api, async (route) => {
      await route.fetch();
      await route.abort();
    }, { times: 1 });
    await save();
    await says("There is no connection");
  };

  // The answer to a save is lost on the way: saving again is a replay.
  await field("name_last").fill("Okafor-Reyes");
  await saveWithoutAnswer();
  now = await stored();
  assert.equal(now.name_last, "Okafor-Reyes");
  await save();
  await says("Saved.");
  assert.equal(await saves.at(-1).headerValue("x-idempotent-replay"), "true");
  assert.equal((await stored()).updated_at, now.updated_at);

  // The answer is lost, and the consent that was given is taken back: what may be stored is overwritten.
  const { email_opted_in } = now;
  await field("email_opted_in").setChecked(!email_opted_in);
  await saveWithoutAnswer();
  assert.equal((await stored()).email_opted_in, !email_opted_in);
  await field("email_opted_in").setChecked(email_opted_in);
  await save();
  await says("Saved");
  assert.equal((await stored()).email_opted_in, email_opted_in);

  // What is ticked while a save goes around is for the next one.
  await field("state").fill("Colorado");
  await secondWriter({ county: "Adams" });
  await page.route(api, async (route) => {
    const response = await route.fetch();
    await field("sms_unsubscribed").check();
    await route.fulfill({ response });
  }, { times: 1 });
  await save();
  await says("Look at it, then save again");
  assert.equal((await stored()).sms_unsubscribed, false);
  assert.notEqual((await stored()).state, "Colorado");
  await field("sms_unsubscribed").uncheck();
  await save();
  await says("Saved");
  assert.equal((await stored()).state, "Colorado");

  // Discarding asks, and can be undone.
  await field("county").fill("Weld");
  await page.click("#discard");
  await page.getByRole("button", { name: "Keep editing" }).click();
  assert.equal(await field("county").inputValue(), "Weld");
  await page.click("#discard");
  await page.locator("#confirm").getByRole("button", { name: "Discard" }).click();
  assert.equal(await field("county").inputValue(), "Adams");
  await page.click("#undo");
  assert.equal(await field("county").inputValue(), "Weld");

  // To leave with changes is asked about; the same contact is there after a reload, without them.
  let asked = 0;
  page.on("dialog", (dialog) => {
    asked++;
    dialog.accept();
  });
  await page.reload();
  await field("county").waitFor();
  assert.equal(asked, 1);
  assert.equal(await field("county").inputValue(), "Adams");

  // Whoever goes on without saving and comes back finds what was entered, marked.
  await field("county").fill("Weld");
  await page.goto(`${address}/healthz`);
  await page.goBack();
  await page.waitForFunction(() => document.querySelector("#summary")?.textContent.includes("1 unsaved change"));
  assert.equal(await field("county").inputValue(), "Weld");
  assert.equal((await stored()).county, "Adams");
  await page.click("#discard");
  await page.locator("#confirm").getByRole("button", { name: "Discard" }).click();

  // What only the service can find is shown in words for people.
  const other = await browser.newPage();
  await other.goto(`${address}/#contact=${contact}&token=nobody.nothing`);
  await other.locator("#note", { hasText: "This token does not open the contact" }).waitFor();
  await other.fill("#open [name=token]", token);
  await other.click("#open button");
  await other.locator("#contact [name=city]").waitFor();

  // Without the engine the form is there, but for what only the engine can do.
  const second = await browser.newPage();
  await second.route("**/contact.wasm", (route) => route.abort());
  await second.goto(`${address}/#contact=${contact}&token=${token}`);
  await second.locator("#contact [name=city]").waitFor();
  assert.equal(await second.locator("#contact [name=city]").inputValue(), "Arvada");
  await second.locator("#note", { hasText: "did not load" }).waitFor();
} catch (error) {
  await page.screenshot({ path: `${shots}/failed.png` });
  throw error;
} finally {
  await browser.close();
  assert.deepEqual(faults, []);
}
