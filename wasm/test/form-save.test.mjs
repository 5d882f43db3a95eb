// The save: each answer that a server, or a line, may give.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bound, but, error, field, patch, save, stored } from "./forms.mjs";

const html = `<form id="form"><label>City <input name="city"></label><label>Zone <input name="timezone"></label>
  <label><input type="checkbox" name="sms_opted_in"> SMS</label><button>Save</button><p data-form-status></p></form>`;

/** Binds a form and a saver whose requests are kept and answered by `answers`, one after another. */
async function saving(t, answers) {
  const page = await bound(t, html);
  await page.evaluate(async (answers) => {
    const { save } = await import("/dist/form.js");
    window.requests = [];
    window.answers = answers;
    window.saver = save(binding, async (request) => {
      requests.push(request);
      const [status, body, headers] = answers.shift() ?? [500, "no more"];
      if (window.gate) await gate;
      if (!status) throw TypeError("Failed to fetch");
      return new Response(status == 204 ? null : body, { status, headers });
    });
  }, answers);
  return page;
}
const state = (page) => page.evaluate(() => saver.state);
const done = (page) => page.waitForFunction(() => saver.state != "none" && !saver.isSaving);
const said = (page) => page.textContent("[data-form-status]");
const requests = (page) => page.evaluate(() => requests.map(({ method, body, headers }) => ({ method, body: body && JSON.parse(body), key: headers["Idempotency-Key"] })));
const errors = (...list) => JSON.stringify({ errors: list });
const stale = errors({ code: "stale_update", title: "Stale", detail: "", meta: { rule: "stale" } });

test("a save: one request with the version and a key, the answer is what is stored", async (t) => {
  const page = await saving(t, [[200, but({ city: "Oslo", updated_at: "2030-01-01T00:00:00Z" })]]);
  await field(page, "city").fill("Oslo");
  assert.equal(await page.evaluate(() => binding.isDirty), true);
  await field(page, "city").press("Enter");
  await done(page);
  const [{ method, body, key }] = await requests(page);
  assert.deepEqual([method, body], ["PATCH", { updated_at: stored.updated_at, city: "Oslo" }]);
  assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual([await state(page), await said(page), await page.evaluate(() => [binding.isDirty, document.activeElement.name])], ["saved", "Saved.", [false, "city"]]);
  await save(page);
  await done(page);
  assert.equal(await said(page), "There is nothing to save.");
});

test("while a save is under way there is no other, and what is typed meanwhile stays", async (t) => {
  const page = await saving(t, [[200, but({ city: "Oslo" })]]);
  await page.evaluate(() => void (window.gate = new Promise((resolve) => (window.go = resolve))));
  await field(page, "city").fill("Oslo");
  await save(page);
  const button = page.getByRole("button");
  assert.deepEqual([await button.getAttribute("aria-disabled"), await button.getAttribute("disabled"), await said(page)], ["true", null, "Saving…"]);
  await field(page, "timezone").fill("UTC");
  await field(page, "timezone").press("Enter");
  await page.evaluate(() => go());
  await done(page);
  assert.equal((await requests(page)).length, 1);
  assert.deepEqual(await patch(page), { timezone: "UTC" });
  assert.equal(await button.getAttribute("aria-disabled"), null);
});

test("no answer: nothing is forgotten, and the retry has the key of what it repeats", async (t) => {
  const page = await saving(t, [[0], [500, "<h1>oops</h1>"], [200, but({ city: "Oslo" })]]);
  await field(page, "city").fill("Oslo");
  for (const want of ["offline", "failed", "saved"]) {
    await save(page);
    await done(page);
    await page.waitForFunction((want) => saver.state == want, want);
  }
  const keys = (await requests(page)).map(({ key }) => key);
  assert.equal(new Set(keys).size, 1);
  assert.deepEqual(await patch(page), {});
});

test("409 and 412: the changes of somebody else's are merged, or told", async (t) => {
  const theirs = but({ timezone: "UTC", updated_at: "2030-01-01T00:00:00Z" });
  for (const refusal of [[409, stale], [412, ""]]) {
    const page = await saving(t, [refusal, [200, theirs], [200, but({ city: "Oslo", timezone: "UTC" })]]);
    await field(page, "city").fill("Oslo");
    await save(page);
    await done(page);
    const sent = await requests(page);
    assert.deepEqual(sent.map(({ method }) => method), ["PATCH", "GET", "PATCH"]);
    assert.notEqual(sent[0].key, sent[2].key, "another body, another key");
    assert.deepEqual(sent[2].body, { updated_at: "2030-01-01T00:00:00Z", city: "Oslo" });
    assert.deepEqual([await state(page), await field(page, "timezone").inputValue()], ["merged", "UTC"]);
  }
  const page = await saving(t, [[409, stale], [200, but({ city: "Bonn" })]]);
  await field(page, "city").fill("Oslo");
  await save(page);
  await done(page);
  assert.equal(await state(page), "decide");
  assert.match(await error(page, "city").textContent(), /Bonn/);
  assert.equal(await page.evaluate(() => document.activeElement.name), "city");
});

test("what is ticked while a merge goes around is for the next save", async (t) => {
  const page = await saving(t, [[409, stale], [200, but({ timezone: "UTC" })]]);
  await field(page, "city").fill("Oslo");
  await page.evaluate(() => {
    const next = answers.shift.bind(answers);
    answers.shift = () => {
      if (requests.length == 2) document.querySelector("[type=checkbox]").click();
      return next();
    };
  });
  await save(page);
  await done(page);
  assert.deepEqual([await state(page), (await requests(page)).length], ["again", 2]);
});

test("a refusal is shown at its fields, whatever it is written in", async (t) => {
  const page = await saving(t, [
    [422, errors({ code: "validation_failed", title: "No", detail: "No such town.", source: { pointer: "/city" }, meta: { rule: "meta" } })],
    [422, JSON.stringify({ type: "about:blank", title: "Town unknown", status: 422 })],
    [400, "<html>Bad gateway</html>"],
    [401, errors({ code: "scope_missing", title: "No", detail: "", meta: { rule: "scope" } })],
    [404, ""],
  ]);
  await field(page, "city").fill("Oslo");
  await save(page);
  await done(page);
  assert.equal(await error(page, "city").textContent(), "No such town.");
  assert.deepEqual([await page.evaluate(() => document.activeElement.name), await state(page)], ["city", "refused"]);
  for (const [want, text] of [["refused", "Town unknown"], ["failed", /not certain/], ["forbidden", /Sign in/], ["gone", /not exist/]]) {
    await save(page);
    await page.waitForFunction((want) => !saver.isSaving && saver.state == want, want);
    assert.match(await said(page), typeof text == "string" ? RegExp(text) : text);
    assert.deepEqual(await patch(page), { city: "Oslo" });
  }
});

test("a busy service is asked again as it says; a page in place of an answer is none", async (t) => {
  const page = await saving(t, [
    [429, "<h1>slow down</h1>", { "Retry-After": "0" }], [503, "", { "Retry-After": "0" }], [200, but({ city: "Oslo" })],
    [429, "", { "Retry-After": "3600" }], [200, "<h1>Log in to the hotel's network</h1>"], [204, ""], [200, but({ city: "Ulm" })],
  ]);
  await field(page, "city").fill("Oslo");
  await save(page);
  await page.waitForFunction(() => saver.state == "saved");
  assert.equal(new Set((await requests(page)).map(({ key }) => key)).size, 1);
  await field(page, "city").fill("Ulm");
  for (const want of ["busy", "failed", "saved"]) {
    await save(page);
    await page.waitForFunction((want) => !saver.isSaving && saver.state == want, want);
  }
  assert.deepEqual(await patch(page), {});
});

test("a contact that the service has to repair is not saved again", async (t) => {
  const broken = errors({ code: "stored_contact_invalid", title: "Stored contact is invalid", detail: "", meta: { rule: "stored_contact_invalid" } });
  const page = await saving(t, [[500, broken], [500, "<h1>Oops</h1>"]]);
  await field(page, "city").fill("Oslo");
  for (const want of ["broken", "failed"]) {
    await save(page);
    await page.waitForFunction((want) => !saver.isSaving && saver.state == want, want);
  }
  assert.deepEqual(await patch(page), { city: "Oslo" });
});

test("a page with changes is not left without a question", async (t) => {
  const page = await saving(t, []);
  const asks = () => page.evaluate(() => !dispatchEvent(new Event("beforeunload", { cancelable: true })));
  assert.equal(await asks(), false);
  await field(page, "city").fill("Oslo");
  assert.equal(await asks(), true);
  await page.evaluate(() => saver.stop());
  assert.equal(await asks(), false);
  await page.evaluate(() => void binding.discard());
});
