// Every kind of control shows its field and edits it, or is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bound, but, check, contact, error, field, open, pages, patch, stored } from "./forms.mjs";

const form = (controls) => `<form id="form">${controls}<button>Save</button></form>`;
const [first, second] = stored.active_journey_ids;
const third = "11111111-1111-4111-8111-111111111111";

test("radio buttons", async (t) => {
  const page = await bound(t, form(`
    <input type="radio" name="sms_opted_in" value="true"><input type="radio" name="sms_opted_in" value="false">
    <input type="radio" name="name_title" value="Mr."><input type="radio" name="name_title" value="Ms."><input type="radio" name="name_title" value="">`));
  const radio = (name, value) => page.locator(`[name=${name}][value="${value}"]`);
  assert.equal(await radio("sms_opted_in", "true").isChecked(), stored.sms_opted_in);
  assert.equal(await radio("sms_opted_in", "false").isChecked(), !stored.sms_opted_in);
  assert.equal(await page.locator("[name=name_title]:checked").count(), 0, "what no button stands for stays");
  assert.deepEqual(await page.evaluate(() => [...form.elements].map((el) => el.value)), ["true", "false", "Mr.", "Ms.", "", ""]);
  assert.deepEqual(await patch(page), {});
  await radio("sms_opted_in", "false").check();
  await radio("name_title", "Ms.").check();
  assert.deepEqual(await patch(page), { name_title: "Ms.", sms_opted_in: false });
  await radio("sms_opted_in", "true").check();
  await radio("name_title", "").check();
  assert.deepEqual(await patch(page), {name_title: null });
});

test("check boxes of a list", async (t) => {
  const page = await bound(t, form(`
    <input type="checkbox" name="completed_objective_keys" value="welcome"><input type="checkbox" name="completed_objective_keys" value="moved">
    <input type="checkbox" name="active_journey_ids" value="${first}"><input type="checkbox" name="active_journey_ids" value="${third}">`), {
    body: but({ completed_objective_keys: ["odd\nkey", "welcome", ""], active_journey_ids: [first, second] }),
  });
  const box = (value) => page.locator(`[value="${value}"]`);
  assert.deepEqual(await page.locator(":checked").evaluateAll((all) => all.map((el) => el.value)), ["welcome", first]);
  assert.deepEqual(await patch(page), {});
  await box("moved").check();
  await box(third).check();
  assert.deepEqual(await patch(page), {
    active_journey_ids: [first, second, third],
    completed_objective_keys: ["odd\nkey", "welcome", "", "moved"],
  });
  await box("moved").uncheck();
  await box(first).uncheck();
  assert.deepEqual(await patch(page), { active_journey_ids: [second, third] });
  await box(third).uncheck();
  await box(first).check();
  assert.deepEqual(await patch(page), {}, "ticked again it stands where it stood");
});

test("a select of several", async (t) => {
  const page = await bound(t, form(`<select multiple name="completed_objective_keys"><option>welcome<option>moved<option>left</select>
    <select multiple name="active_journey_ids"><option>${first}<option>${second}<option>${third}</select>`));
  const picked = (name) => field(page, name).evaluate((el) => [...el.selectedOptions].map((option) => option.value));
  assert.deepEqual(await picked("active_journey_ids"), [first, second]);
  await field(page, "completed_objective_keys").selectOption(["moved", "left"]);
  await field(page, "active_journey_ids").selectOption([second, third]);
  const [kept] = stored.completed_objective_keys.filter((key) => key != "welcome");
  assert.deepEqual(await patch(page), {
    active_journey_ids: [second, third],
    completed_objective_keys: [kept, "moved", "left"].filter(Boolean),
  });
});

test("a select of one", async (t) => {
  const page = await bound(t, form(`<select name="sms_opted_in"><option>true<option>false</select><select name="country"><option>DE<option>FR</select>`));
  assert.equal(await field(page, "sms_opted_in").inputValue(), "true");
  assert.equal(await field(page, "country").inputValue(), stored.country);
  await field(page, "sms_opted_in").selectOption("false");
  assert.deepEqual(await patch(page), { sms_opted_in: false });
  await field(page, "sms_opted_in").selectOption("true");
  assert.deepEqual(await patch(page), {});
});

test("a list, an item a line: items that are not edited keep their text", async (t) => {
  const odd = ["one", "", "two\nlines", '"quoted"', " spaces ", "a\r\nb"];
  const page = await bound(t, form(`<textarea name="completed_objective_keys"></textarea><textarea name="active_journey_ids"></textarea>`), {
    body: but({ completed_objective_keys: odd }),
  });
  const area = field(page, "completed_objective_keys");
  assert.deepEqual(await patch(page), {});
  await area.fill((await area.inputValue()) + "\nmore\n\n");
  assert.deepEqual(await patch(page), { completed_objective_keys: [...odd, "more"] });
  await area.fill('""\n"x\\ny"');
  assert.deepEqual(await patch(page), { completed_objective_keys: ["", "x\ny"] });
  // The message names the line that the person sees.
  const ids = field(page, "active_journey_ids");
  await ids.fill(`${first}\n\nnot an id`);
  await ids.blur();
  assert.match(await error(page, "active_journey_ids").textContent(), /^Line 3: /);
});

test("a date and time, in the reader's zone", async (t) => {
  const page = await bound(t, form(`<input type="datetime-local" name="last_seen_at">`), {
    body: but({ last_seen_at: "2026-05-16T21:40:03.123456789Z" }),
  });
  const local = await page.evaluate(() => {
    const d = new Date("2026-05-16T21:40:03Z");
    const two = (n) => String(n).padStart(2, "0");
    return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
  });
  assert.equal(await field(page, "last_seen_at").inputValue(), local);
  assert.deepEqual(await patch(page), {}, "not edited, not one digit is lost");
  await field(page, "last_seen_at").fill("2026-06-01T12:30");
  const want = await page.evaluate(() => new Date("2026-06-01T12:30").toISOString());
  assert.deepEqual(await patch(page), { last_seen_at: want });
  assert.equal(await check(page), true);
  await field(page, "last_seen_at").fill(local);
  assert.deepEqual(await patch(page), {});
  await field(page, "last_seen_at").fill("");
  assert.deepEqual(await patch(page), { last_seen_at: null });
});

test("hidden inputs that a widget writes to", async (t) => {
  const page = await bound(t, form(`<input type="hidden" name="country"><input type="hidden" name="city" value="Bonn">
    <input type="hidden" name="active_journey_ids"><input type="hidden" name="sms_opted_in" value="0"><input type="checkbox" name="sms_opted_in" value="1">`));
  assert.equal(await field(page, "country").inputValue(), stored.country);
  assert.deepEqual(JSON.parse(await field(page, "active_journey_ids").inputValue()), stored.active_journey_ids);
  assert.equal(await page.locator("[type=checkbox]").isChecked(), true);
  assert.deepEqual(await patch(page), {});
  await page.evaluate((id) => {
    form.elements.country.value = "FR";
    form.elements.active_journey_ids.value = JSON.stringify([id]);
  }, third);
  assert.deepEqual(await patch(page), { country: "FR", active_journey_ids: [third] });
  await page.evaluate(() => {
    form.elements.country.value = "";
    form.elements.country.dispatchEvent(new Event("change", { bubbles: true }));
    form.elements.active_journey_ids.value = "no JSON";
  });
  assert.deepEqual(await patch(page), { country: null });
  assert.equal(await check(page), false);
  await page.locator("[type=checkbox]").uncheck();
  assert.equal((await patch(page)).sms_opted_in, false);
});

test("two controls of one field show the same", async (t) => {
  const page = await bound(t, form(`<input name="city" class="a"><input name="city" class="b">`));
  await page.locator(".a").fill("Oak Park");
  assert.equal(await page.locator(".b").inputValue(), "Oak Park");
  await page.locator(".b").fill("Skokie");
  assert.equal(await page.locator(".a").inputValue(), "Skokie");
  assert.deepEqual(await patch(page), { city: "Skokie" });
});

test("controls outside the form, and in open shadow roots", async (t) => {
  const page = await bound(t, `${form("")}<p id="host"></p><input form="form" name="timezone">`, {});
  await page.evaluate(() => {
    binding.unbind();
    document.getElementById("host").attachShadow({ mode: "open" }).innerHTML =
      `<label>City <input name="city"></label><label><input type="checkbox" name="email_opted_in">Emails</label><input name="birthdate">`;
    const roots = [document.getElementById("host").shadowRoot];
    window.binding = bindForm(form, engine, { contact, roots });
  });
  assert.equal(await field(page, "city").inputValue(), stored.city);
  await field(page, "city").fill("Oak Park");
  await field(page, "email_opted_in").check();
  await field(page, "birthdate").fill("yesterday");
  await field(page, "timezone").fill("PST");
  for (let i = 0; i < 3; i++) assert.equal(await check(page), false);
  assert.deepEqual(await patch(page), { city: "Oak Park", email_opted_in: true });
  assert.equal(await error(page, "timezone").count(), 1, "one message, however often it is judged");
  assert.match(await error(page, "birthdate").textContent(), /day/);
  assert.deepEqual(
    await page.evaluate(() => {
      const root = document.getElementById("host").shadowRoot;
      const el = root.querySelector("[name=birthdate]");
      return [el.ariaInvalid, root.getElementById(el.getAttribute("aria-describedby")).dataset.errorFor];
    }),
    ["true", "birthdate"],
  );
});

pages["/elements.js"] = `
  class Field extends HTMLElement {
    static formAssociated = true;
    internals = this.attachInternals();
    #value = "";
    get name() { return this.getAttribute("name"); }
    get value() { return this.#value; }
    set value(value) { this.#value = value; this.internals.setFormValue(String(value)); }
    edit(value) { this.value = value; this.dispatchEvent(new Event("change", { bubbles: true })); }
  }
  customElements.define("x-text", class extends Field {});
  customElements.define("x-list", class extends Field { constructor() { super(); this.value = []; } });
  customElements.define("x-switch", class extends Field {
    checked = false;
    flip(checked) { this.checked = checked; this.dispatchEvent(new Event("change", { bubbles: true })); }
  });
  customElements.define("x-nothing", class extends HTMLElement { static formAssociated = true; });
`;

test("form-associated custom elements, defined before or after the binding", async (t) => {
  const html = form(`<x-text name="city"></x-text><x-list name="active_journey_ids"></x-list><x-switch name="email_opted_in"></x-switch>`);
  for (const early of [true, false]) {
    const page = await open(t, html);
    await page.evaluate(
      async ({ early, contact }) => {
        const [{ load }, { bindForm }] = await Promise.all([import("/dist/contact.js"), import("/dist/form.js")]);
        if (early) await import("/elements.js");
        window.binding = bindForm(document.getElementById("form"), await load(), { contact });
        if (!early) await import("/elements.js");
      },
      { early, contact },
    );
    const shown = await page.evaluate(() => [...form.elements].slice(0, 2).map((el) => el.value));
    assert.deepEqual(shown, [stored.city, stored.active_journey_ids]);
    assert.deepEqual(await patch(page), {});
    await page.evaluate((id) => {
      form.elements.city.edit("Oak Park");
      form.elements.active_journey_ids.edit([id]);
      form.elements.email_opted_in.flip(true);
    }, third);
    assert.deepEqual(await patch(page), { city: "Oak Park", email_opted_in: true, active_journey_ids: [third] });
    await page.evaluate(() => form.elements.active_journey_ids.edit(["no id"]));
    assert.equal(await check(page), false);
    assert.equal(await error(page, "active_journey_ids").count(), 1);
  }
});

test("what cannot show its field is refused by its name, and nothing stays behind", async (t) => {
  const before = form(`<input name="city" value="Bonn"><select name="timezone"></select>`);
  const page = await open(t, before + `<p id="place"></p>`);
  const html = await page.evaluate(() => document.body.innerHTML);
  for (const control of [
    '<input type="file" name="name_last">',
    '<input type="color" name="name_last">',
    '<input type="checkbox" name="name_last">',
    '<input type="text" name="sms_opted_in">',
    '<input type="date" name="last_seen_at">',
    '<input type="text" name="active_journey_ids">',
    '<select name="active_journey_ids"></select>',
    '<select multiple name="name_last"></select>',
    '<input type="radio" name="sms_opted_in" value="yes">',
    '<x-nothing name="name_last"></x-nothing>',
  ]) {
    const message = await page.evaluate(
      async ({ control, contact }) => {
        const [{ load }, { bindForm }] = await Promise.all([import("/dist/contact.js"), import("/dist/form.js")]);
        await import("/elements.js");
        form.insertAdjacentHTML("beforeend", control);
        try {
          bindForm(form, await load(), { contact });
        } catch (error) {
          return String(error);
        } finally {
          form.lastElementChild.remove();
        }
      },
      { control, contact },
    );
    const name = /name="(\w+)"/.exec(control)[1];
    assert.match(message ?? "", new RegExp(`^TypeError: bindForm: <.*name="${name}">`), control);
    assert.equal(await page.evaluate(() => document.body.innerHTML), html, control);
  }
  await field(page, "city").fill("Oak Park");
  assert.equal(await field(page, "city").getAttribute("aria-invalid"), null, "no listener stays behind");
  const wrong = await page.evaluate(async () => {
    const { bindForm } = await import("/dist/form.js");
    try {
      bindForm(form, {}, { contact: "[]" });
    } catch (error) {
      return String(error);
    }
  });
  assert.match(wrong, /not a JSON object/);
});

test("what holds nothing to edit may have any name", async (t) => {
  const page = await bound(t, form(`<fieldset name="address"><legend>Address</legend><input name="city"></fieldset>
    <button type="submit" name="email" value="mail me">Mail</button><input type="submit" name="state" value="Send"><input type="button" name="county" value="Look up">
    <output name="country">DE</output><input name="nickname" value="no field"><input name="id" value="not writable">`));
  assert.deepEqual(
    await page.evaluate(() => [...form.elements].map((el) => el.value)),
    [undefined, stored.city, "mail me", "Send", "Look up", "DE", "no field", "not writable", ""],
  );
  assert.deepEqual(await patch(page), {});
});

test("unbind leaves the page as it was", async (t) => {
  const html = form(`<label>City <input name="city" aria-describedby="hint"></label><i id="hint">where</i>
    <label>Zone <input name="timezone" list="zones"></label><b data-error-for="timezone">your zone</b><datalist id="zones"></datalist>
    <select name="country"><option>DE</select><input name="last_seen_at" aria-invalid="false">`);
  const page = await open(t, html);
  const [before, after] = await page.evaluate(async (contact) => {
    const [{ load }, { bindForm }] = await Promise.all([import("/dist/contact.js"), import("/dist/form.js")]);
    const before = form.outerHTML;
    const binding = bindForm(form, await load(), { contact });
    for (const el of [form.elements.timezone, form.elements.last_seen_at]) {
      el.value = "wrong";
      el.dispatchEvent(new Event("change", { bubbles: true }));
    }
    const theirs = contact.replace('"Chicago"', '"Bonn"');
    form.elements.city.value = "Ulm";
    form.elements.city.dispatchEvent(new Event("change", { bubbles: true }));
    binding.rebase(theirs);
    binding.unbind();
    return [before, form.outerHTML];
  }, contact);
  // What tells a copy of the form that it has edits stays with them.
  assert.equal(after.replace(/ data-contact-form="\d+"/, ""), before);
  assert.deepEqual(await page.evaluate(() => [form.noValidate, form.checkValidity()]), [false, true]);
});
