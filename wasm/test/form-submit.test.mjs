// When a form speaks, what a submit does, and how the person gets to the first fault.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bound, but, check, contact, error, field, open, patch, save, stored, submits, told } from "./forms.mjs";

const form = (controls, attributes = "") => `<form id="form" ${attributes}>${controls}<button>Save</button></form>`;
const focused = (page) => page.evaluate(() => document.activeElement.name ?? document.activeElement.dataset.errorFor ?? document.activeElement.tagName);
const serverError = (pointer, rule, detail = "No.") => ({ code: "validation_failed", title: "No", detail, source: { pointer }, meta: { rule } });

test("validate says when a field is judged first", async (t) => {
  const html = form(`<input name="timezone"><input name="city"><input type="radio" name="email_opted_in" value="true">`);
  const says = async (page) => !!(await error(page, "timezone").textContent());
  for (const [validate, typing, leaving] of [["input", true, true], [undefined, false, true], ["submit", false, false]]) {
    const page = await bound(t, html, { options: { validate } });
    await field(page, "timezone").fill("");
    await field(page, "timezone").pressSequentially("PST");
    assert.equal(await says(page), typing, `${validate}, typing`);
    await field(page, "city").focus();
    assert.equal(await says(page), leaving, `${validate}, leaving`);
    await save(page);
    assert.equal(await says(page), true, `${validate}, submit`);
    assert.equal(await submits(page), 0);
    // What is shown is judged anew with every key.
    await field(page, "timezone").press("End");
    await field(page, "timezone").press("8");
    await field(page, "timezone").press("P");
    assert.equal(await says(page), true);
    await field(page, "timezone").fill("PST8PD");
    await field(page, "timezone").press("End");
    await field(page, "timezone").press("T");
    assert.equal(await says(page), false);
    await save(page);
    assert.equal(await submits(page), 1);
  }
});

test("a message that comes up on leaving a field does not move the button away under the click", async (t) => {
  const page = await bound(t, form(`<p><input name="timezone"></p>`));
  await field(page, "timezone").fill("PST");
  const box = await page.getByRole("button").boundingBox();
  await page.mouse.move(box.x + 5, box.y + 5);
  await page.mouse.down();
  assert.deepEqual(await page.getByRole("button").boundingBox(), box);
  await page.mouse.up();
  assert.equal(await focused(page), "timezone", "the click has come to the button");
  assert.notEqual(await error(page, "timezone").textContent(), "");
});

test("nothing is said while a character is composed", async (t) => {
  const page = await bound(t, form(`<input name="timezone">`), { options: { validate: "input" } });
  const compose = (type, value, init = {}) =>
    field(page, "timezone").evaluate(
      (el, { type, value, init }) => {
        el.value = value;
        el.dispatchEvent(new (type == "input" ? InputEvent : CompositionEvent)(type, { bubbles: true, ...init }));
        return new Promise((resolve) => setTimeout(resolve));
      },
      { type, value, init },
    );
  await compose("compositionstart", "");
  await compose("input", "ㄱ", { isComposing: true });
  assert.equal(await error(page, "timezone").textContent(), "");
  assert.deepEqual(await patch(page), {}, "but known");
  assert.deepEqual(await page.evaluate(() => binding.changed), ["timezone"]);
  await compose("compositionend", "가");
  assert.match(await error(page, "timezone").textContent(), /time zone/);
});

test("the platform's own validation stays on for what is not ours", async (t) => {
  const page = await bound(t, form(`<input name="city"><input type="checkbox" id="terms" required><input type="email" id="other">`));
  await field(page, "city").fill("Oak Park");
  await save(page);
  assert.deepEqual([await submits(page), await page.evaluate(() => document.activeElement.id)], [0, "terms"]);
  await page.locator("#terms").check();
  await page.locator("#other").fill("nobody");
  await save(page);
  assert.deepEqual([await submits(page), await page.evaluate(() => document.activeElement.id)], [0, "other"]);
  await page.locator("#other").fill("somebody@example.org");
  await save(page);
  assert.equal(await submits(page), 1);
  // A page that switches it off has it off.
  const off = await bound(t, form(`<input name="city"><input id="terms" required>`, "novalidate"));
  await save(off);
  assert.equal(await submits(off), 1);
});

test("the platform judges what a person edits of ours, too, and so does a script of the page's", async (t) => {
  const page = await bound(t, form(`<input name="city" required><input type="email" name="email"><input name="state" maxlength="2" pattern="[A-Z]*">`));
  await field(page, "city").fill("");
  await field(page, "email").fill("nobody");
  await field(page, "state").fill("x");
  assert.equal(await check(page), false);
  for (const name of ["city", "email", "state"]) assert.equal((await told(page, name)).invalid, "true", name);
  assert.deepEqual(await patch(page), {});
  await field(page, "city").fill("Bonn");
  await field(page, "email").fill("a@example.org");
  await field(page, "state").fill("NY");
  await page.evaluate(() => form.elements.city.setCustomValidity("Not that town."));
  assert.equal(await check(page), false);
  assert.equal((await told(page, "city")).message, "Not that town.");
  await page.evaluate(() => form.elements.city.setCustomValidity(""));
  assert.equal(await check(page), true);
});

test("what is stored never blocks, whatever the platform or today's rules have against it", async (t) => {
  const page = await bound(
    t,
    form(`<input type="email" name="email"><input name="timezone" required><input name="county" required><input name="birthdate">
      <input type="datetime-local" name="last_seen_at"><textarea name="active_journey_ids"></textarea><input name="city">`),
    { body: but({ email: "no mail", timezone: "US/Somewhere", county: null, birthdate: "1990-02-31", active_journey_ids: ["old"], team_id: "1" }) },
  );
  assert.equal(await check(page), true);
  await field(page, "city").fill("Oak Park");
  await save(page);
  assert.equal(await submits(page), 1);
  assert.deepEqual(await patch(page), { city: "Oak Park" });
});

test("formnovalidate and dialogs", async (t) => {
  const page = await bound(t, form(`<input name="timezone"><input required id="own"><button formnovalidate>Later</button>`));
  await field(page, "timezone").fill("PST");
  await page.getByRole("button", { name: "Later" }).click();
  assert.equal(await submits(page), 1);
  assert.deepEqual(await patch(page), {});

  const html = `<dialog id="dialog">${form(
    `<input name="timezone"><button formnovalidate value="cancel">Cancel</button>`,
    'method="dialog"',
  )}</dialog>`;
  const dialog = await open(t, html);
  await dialog.evaluate(async (contact) => {
    const [{ load }, { bindForm }] = await Promise.all([import("/dist/contact.js"), import("/dist/form.js")]);
    window.binding = bindForm(document.getElementById("form"), await load(), { contact });
  }, contact);
  const closes = async (name) => {
    await dialog.evaluate(() => document.getElementById("dialog").open || document.getElementById("dialog").showModal());
    await dialog.getByRole("button", { name, exact: true }).click();
    return !(await dialog.evaluate(() => document.getElementById("dialog").open));
  };
  await dialog.evaluate(() => document.getElementById("dialog").showModal());
  await field(dialog, "timezone").fill("PST");
  assert.equal(await closes("Save"), false);
  assert.equal(await closes("Cancel"), true);
  assert.equal(await dialog.evaluate(() => document.getElementById("dialog").returnValue), "cancel");
  await dialog.evaluate(() => document.getElementById("dialog").showModal());
  await field(dialog, "timezone").fill("UTC");
  assert.equal(await closes("Save"), true);
});

test("a submit before the engine is there never leaves the page", async (t) => {
  const html = form(`<input name="city"><textarea name="meta_public"></textarea><input name="timezone">`);
  // The page has no listener of its own yet: `open` has it that the address stays.
  const bare = await open(t, html);
  await bare.evaluate(async (contact) => {
    const { bindForm } = await import("/dist/form.js");
    window.binding = bindForm(document.getElementById("form"), new Promise(() => {}), { contact });
  }, contact);
  await field(bare, "city").fill("Oak Park");
  await save(bare);
  await field(bare, "timezone").fill("PST");
  await save(bare);
  assert.match(await error(bare, "timezone").textContent(), /time zone/);

  const page = await bound(t, html, { late: true });
  await field(page, "city").fill("Oak Park");
  await save(page);
  assert.equal(await submits(page), 1, "what needs no engine does not wait for it");
  await field(page, "meta_public").fill('{"a":1}');
  await save(page);
  await save(page);
  assert.equal(await submits(page), 1);
  assert.equal(await page.getAttribute("#form", "aria-busy"), "true");
  assert.deepEqual(await patch(page), { city: "Oak Park" });
  await page.evaluate(() => arrive());
  await page.waitForFunction(() => submits == 2);
  assert.equal(await page.getAttribute("#form", "aria-busy"), null);
  assert.equal((await patch(page)).meta_public.a, 1);
});

test("a submit that waits for the engine is withdrawn by another, and by a reset", async (t) => {
  const html = form(`<input name="city"><textarea name="meta_public"></textarea><button type="reset">Reset</button>`);
  for (const withdraw of ["submit", "reset", "contact"]) {
    const page = await bound(t, html, { late: true });
    await field(page, "city").fill("Oslo");
    await field(page, "meta_public").fill('{"a":1}');
    await save(page);
    assert.equal(await page.getAttribute("#form", "aria-busy"), "true");
    if (withdraw == "submit") {
      await field(page, "meta_public").fill(JSON.stringify(stored.meta_public));
      await page.evaluate(() => binding.saved(contact));
      await field(page, "city").fill("Oslo");
      await save(page);
    } else if (withdraw == "reset") await page.getByRole("button", { name: "Reset" }).click();
    else await page.evaluate(() => binding.saved(contact));
    const before = withdraw == "submit" ? 1 : 0;
    await page.waitForFunction(() => !document.getElementById("form").hasAttribute("aria-busy"));
    await field(page, "city").pressSequentially("x");
    await page.evaluate(() => arrive());
    await page.waitForTimeout(200);
    assert.equal(await submits(page), before, withdraw);
  }
});

test("without an engine the form judges, saves, rebases and shows the server's errors", async (t) => {
  const html = form(`<input name="city"><input name="timezone"><input type="checkbox" name="email_opted_in"><textarea name="meta_public"></textarea>`);
  const page = await bound(t, html, { late: true });
  await field(page, "meta_public").fill('{"a":1}');
  await save(page);
  await page.evaluate(() => fail());
  await page.waitForFunction(() => reasons.length == 1);
  assert.equal(await submits(page), 0);
  assert.match(await error(page, "meta_public").textContent(), /part of the page did not load/);
  await field(page, "meta_public").fill(await page.evaluate(() => JSON.stringify(JSON.parse(contact).meta_public)));
  await page.evaluate(() => binding.saved(contact));
  await field(page, "city").fill("Oak Park");
  await field(page, "email_opted_in").check();
  await field(page, "timezone").fill("PST");
  await save(page);
  assert.equal(await submits(page), 0);
  assert.match(await error(page, "timezone").textContent(), /time zone/);
  await field(page, "timezone").fill("UTC");
  await save(page);
  assert.equal(await submits(page), 1);
  assert.deepEqual(await patch(page, { version: true }), { updated_at: stored.updated_at, city: "Oak Park", timezone: "UTC", email_opted_in: true });
  const rest = await page.evaluate((errors) => binding.showErrors(errors), [serverError("/city", "meta", "No such town."), serverError("/team_id", "uuid")]);
  assert.equal(rest.length, 1);
  assert.equal(await error(page, "city").textContent(), "No such town.");
  assert.deepEqual(await page.evaluate((body) => binding.rebase(body), but({ city: "Bonn", timezone: "UTC" })), ["city"]);
  assert.deepEqual(await patch(page), { email_opted_in: true });
});

test("errors of the server go when a field they may be due to changes, or at the next submit", async (t) => {
  const page = await bound(t, form(`<input name="city"><input name="state"><input name="timezone"><input name="country">`));
  await page.evaluate((errors) => binding.showErrors(errors), [serverError("/city", "meta"), serverError("/timezone", "timezone")]);
  assert.equal(await check(page), false);
  await field(page, "state").fill("NY");
  assert.equal(await error(page, "city").textContent(), "", "the rule may be about the city and the state");
  assert.notEqual(await error(page, "timezone").textContent(), "", "this rule is about the timezone alone");
  await save(page);
  assert.equal(await submits(page), 1);
  assert.equal(await error(page, "timezone").textContent(), "");
});

test("controls that are readonly or disabled are told about as well", async (t) => {
  const page = await bound(t, form(`<input name="timezone" readonly><input name="birthdate" disabled><input name="city">`));
  await page.evaluate(() => {
    for (const name of ["timezone", "birthdate"]) {
      form.elements[name].value = "wrong";
      form.elements[name].dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  await field(page, "city").fill("Oak Park");
  assert.equal(await check(page), false);
  assert.deepEqual(await patch(page), { city: "Oak Park" });
  for (const name of ["timezone", "birthdate"]) assert.notEqual(await error(page, name).textContent(), "", name);
  await save(page);
  assert.equal(await focused(page), "timezone");
  await page.evaluate(() => binding.saved(contact));
  await page.evaluate((errors) => binding.showErrors(errors), [serverError("/birthdate", "meta", "Too young.")]);
  assert.equal(await error(page, "birthdate").textContent(), "Too young.");
  assert.equal(await check(page), false);
});

test("the first fault can be reached wherever it is", async (t) => {
  const page = await bound(
    t,
    form(`<details><summary>More</summary><input name="timezone"></details>
      <div id="panel" hidden><input name="birthdate"></div><input type="hidden" name="country">
      <div id="step"><input name="last_seen_at"></div><fieldset disabled><input name="active" id="x"></fieldset>`),
  );
  await page.evaluate(() => {
    window.revealed = [];
    form.addEventListener("reveal", ({ detail }) => revealed.push(detail.field));
    const wrong = (name) => {
      form.elements[name].value = "wrong";
      form.elements[name].dispatchEvent(new Event("change", { bubbles: true }));
    };
    ["timezone", "birthdate", "last_seen_at"].forEach(wrong);
  });
  await save(page);
  assert.deepEqual([await focused(page), await page.locator("details").getAttribute("open")], ["timezone", ""]);
  await page.evaluate(() => binding.saved(contact));

  // A panel that nobody opens: there is a message that can be seen, and it has the focus.
  const wrong = (name) =>
    page.evaluate((name) => {
      form.elements[name].value = "wrong";
      form.elements[name].dispatchEvent(new Event("change", { bubbles: true }));
    }, name);
  await wrong("birthdate");
  await save(page);
  await page.waitForSelector("[data-error-summary]:focus");
  assert.match(await page.locator("[data-error-summary]").textContent(), /^Birthdate: .*day/);
  // One that is opened when it is asked for.
  await page.evaluate(() =>
    document.getElementById("panel").addEventListener("reveal", ({ currentTarget }) => setTimeout(() => (currentTarget.hidden = false), 10)),
  );
  await save(page);
  await page.waitForFunction(() => document.activeElement.name == "birthdate");
  assert.equal(await page.locator("[data-error-summary]").count(), 0);
  assert.ok((await page.evaluate(() => revealed)).includes("birthdate"));
  await page.evaluate(() => binding.saved(contact));

  // A step that has gone.
  await wrong("last_seen_at");
  await page.evaluate(() => document.getElementById("step").firstChild.remove());
  await save(page);
  await page.waitForSelector("[data-error-summary]:focus");
  assert.match(await page.locator("[data-error-summary]").textContent(), /^Last seen at: /);
  assert.equal(await submits(page), 0);
});

test("conflict buttons name their field", async (t) => {
  const page = await bound(
    t,
    form(`<label>Town <input name="city"></label><fieldset><legend>Text messages</legend>
      <label><input type="radio" name="name_title" value="Mr."> Mr.</label><label><input type="radio" name="name_title" value="Ms."> Ms.</label></fieldset>`),
  );
  await field(page, "city").fill("Ulm");
  await page.locator("[value='Ms.']").check();
  await page.evaluate((body) => binding.rebase(body), but({ city: "Bonn", name_title: "Mr." }));
  await page.getByRole("button", { name: "Keep mine: Town" }).click();
  await page.getByRole("button", { name: "Use theirs: Text messages" }).click();
  assert.equal(await page.locator("[value='Mr.']").isChecked(), true);
  assert.deepEqual(await patch(page), { city: "Ulm" });
});

test("messages: in a language, in words of the page's, and where these are empty", async (t) => {
  const html = form(`<input name="timezone"><input name="birthdate" aria-describedby="contact-error-1x">`);
  const page = await bound(t, html);
  await page.evaluate(async () => {
    binding.unbind();
    const { default: messages } = await import("/dist/messages/de.js");
    window.binding = bindForm(form, engine, {
      contact,
      messages,
      message: (issue, field) => (field.name == "birthdate" ? "When?" : ""),
    });
  });
  await field(page, "timezone").fill("PST");
  await field(page, "birthdate").fill("x");
  assert.equal(await check(page), false);
  assert.match(await error(page, "timezone").textContent(), /Zeitzone/);
  assert.equal(await error(page, "birthdate").textContent(), "When?");
  // Ids are compared whole, not by their beginnings.
  const ids = (await field(page, "birthdate").getAttribute("aria-describedby")).split(" ");
  assert.deepEqual([ids.length, ids[0]], [2, "contact-error-1x"]);
});
