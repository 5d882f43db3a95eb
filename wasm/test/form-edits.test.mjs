// Nothing that a person entered is lost, and nothing is written that nobody chose.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bound, but, check, contact, error, field, open, patch, save, stored, submits, told } from "./forms.mjs";

const two = `<form id="form"><label>City <input name="city"></label><label>Last name <input name="name_last"></label>
  <label><input type="checkbox" name="email_opted_in"> Emails</label><button>Save</button></form>`;

test("a control that appears shows what is stored, and writes nothing", async (t) => {
  const { sms_opted_in, email_opted_in, ...rest } = stored;
  const page = await bound(t, `<form id="form"><input name="city"><div id="more"></div></form>`, {
    body: JSON.stringify({ ...rest, sms_opted_in }),
  });
  await page.evaluate(() => {
    document.getElementById("more").innerHTML = `<input name="name_last"><input name="country" value="DE">
      <input type="checkbox" name="sms_opted_in"><input type="checkbox" name="email_opted_in">
      <textarea name="active_journey_ids"></textarea><select name="state"><option>NY</select>`;
  });
  await page.waitForFunction((name) => document.querySelector("[name=name_last]").value == name, stored.name_last);
  assert.equal(await field(page, "country").inputValue(), stored.country);
  assert.equal(await field(page, "sms_opted_in").isChecked(), true);
  assert.equal(await field(page, "state").inputValue(), stored.state);
  assert.equal(await check(page), true);
  assert.deepEqual(await patch(page), {});
});

test("an edit outlives its control, and is there when the control comes back", async (t) => {
  const page = await bound(t, `<form id="form"><div id="step">
    <input name="city"><input type="checkbox" name="email_opted_in"><textarea name="meta_public"></textarea>
    <select multiple name="completed_objective_keys"><option>welcome<option>moved</select></div><button>Save</button></form>`);
  await field(page, "city").fill("Oak Park");
  await field(page, "email_opted_in").check();
  await field(page, "meta_public").fill("{");
  await field(page, "completed_objective_keys").selectOption(["welcome", "moved"]);
  const want = { city: "Oak Park", email_opted_in: true, completed_objective_keys: [...stored.completed_objective_keys, "moved"] };
  assert.deepEqual(await patch(page), want);
  await page.evaluate(() => (window.step = document.getElementById("step")).remove());
  assert.deepEqual(await patch(page), want);
  assert.equal(await check(page), false, "what is wrong with it holds the form all the same");
  // A copy has none of what was entered.
  await page.evaluate(() => form.prepend(step.cloneNode(true)));
  await page.waitForFunction(() => document.querySelector("[name=city]").value == "Oak Park");
  assert.equal(await field(page, "email_opted_in").isChecked(), true);
  assert.equal(await field(page, "meta_public").inputValue(), "{");
  assert.deepEqual(await patch(page), want);
});

test("restoring the stored value by hand takes the edit back", async (t) => {
  const page = await bound(t, `<form id="form"><input name="city"><input name="address"><input type="checkbox" name="sms_opted_in">
    <textarea name="meta_public"></textarea><textarea name="completed_objective_keys"></textarea>
    <input type="datetime-local" name="last_seen_at"></form>`, { body: but({ address: "1 Main St\nFlat 2" }) });
  const values = await page.evaluate(() => [...form.elements].map((el) => el.value));
  for (const name of ["city", "address", "meta_public", "completed_objective_keys"]) await field(page, name).fill("x");
  await field(page, "sms_opted_in").uncheck();
  await field(page, "last_seen_at").fill("2020-01-01T10:00");
  assert.equal(await page.evaluate(() => binding.changed.length), 6);
  for (const [i, name] of ["city", "address", "", "meta_public", "completed_objective_keys", "last_seen_at"].entries())
    if (name) await field(page, name).fill(values[i]);
  await field(page, "sms_opted_in").check();
  assert.deepEqual(await page.evaluate(() => [binding.changed, binding.patch({ version: false })]), [[], "{}"]);
  // The same members in another order are the same object.
  await field(page, "meta_public").fill(JSON.stringify(Object.fromEntries(Object.entries({ b: 1, a: 2 }))));
  await page.evaluate((body) => binding.saved(body), but({ meta_public: { a: 1, b: 2 } }));
  await field(page, "meta_public").fill('{ "b": 2, "a": 1 }');
  assert.deepEqual(await page.evaluate(() => [binding.changed, binding.patch({ version: false })]), [[], "{}"]);
});

test("what a person types before the engine is there stays, and is judged", async (t) => {
  const page = await bound(t, two + `<input form="form" name="timezone">`, { late: true });
  await field(page, "city").fill("Oak Park");
  await field(page, "timezone").fill("PST");
  await field(page, "timezone").blur();
  assert.match((await told(page, "timezone")).message, /time zone/);
  await page.evaluate(() => arrive());
  await page.evaluate(() => engine);
  assert.equal(await field(page, "city").inputValue(), "Oak Park");
  assert.deepEqual(await patch(page), { city: "Oak Park" });
});

test("what a person types before the form is bound stays", async (t) => {
  const page = await open(t, two);
  await field(page, "email_opted_in").check();
  await field(page, "name_last").pressSequentially("Reyes");
  await field(page, "city").pressSequentially("Oak Park");
  await page.evaluate(async (contact) => {
    const [{ load }, { bindForm }] = await Promise.all([import("/dist/contact.js"), import("/dist/form.js")]);
    window.binding = bindForm(document.getElementById("form"), await load(), { contact });
  }, contact);
  assert.deepEqual(await patch(page), { name_last: "Reyes", city: "Oak Park", email_opted_in: true });
  assert.equal(await field(page, "city").inputValue(), "Oak Park");
  // What stands in a form that was bound before is another contact's.
  await page.evaluate((body) => {
    binding.unbind();
    return new Promise((resolve) => setTimeout(resolve)).then(async () => {
      const { bindForm } = await import("/dist/form.js");
      window.binding = bindForm(document.getElementById("form"), await (await import("/dist/contact.js")).load(), { contact: body });
    });
  }, but({ id: "11111111-1111-4111-8111-111111111111", city: "Bonn" }));
  assert.deepEqual(await patch(page), {});
  assert.equal(await field(page, "city").inputValue(), "Bonn");
});

test("a save in flight loses nothing that is typed meanwhile", async (t) => {
  for (const method of ["saved", "rebase"]) {
    const page = await bound(t, two);
    await field(page, "city").fill("Oak Park");
    await field(page, "email_opted_in").check();
    await save(page);
    assert.equal(await submits(page), 1);
    await page.evaluate(() => (window.sent = binding.begin()));
    // Meanwhile: one field goes on, one is new, and one is taken back.
    await field(page, "city").fill("Oak Park, IL");
    await field(page, "name_last").fill("Reyes");
    await field(page, "email_opted_in").uncheck();
    await page.evaluate((method) => binding[method](engine.merge(contact, sent).text), method);
    assert.equal(await field(page, "city").inputValue(), "Oak Park, IL");
    assert.equal(await field(page, "email_opted_in").isChecked(), false);
    assert.deepEqual(await page.evaluate(() => binding.conflicts), []);
    assert.deepEqual(await patch(page), { name_last: "Reyes", city: "Oak Park, IL", email_opted_in: false });
  }
});

test("what was sent and got no answer may be stored: to take it back is an edit", async (t) => {
  const page = await bound(t, two);
  await field(page, "email_opted_in").check();
  await field(page, "city").fill("First");
  await save(page);
  const lost = await page.evaluate(() => binding.begin());
  await field(page, "email_opted_in").uncheck();
  await field(page, "city").fill("Second");
  await save(page);
  assert.equal(await submits(page), 2);
  assert.deepEqual(await patch(page), { city: "Second", email_opted_in: false });
  // The first was stored: 409. It is no change of somebody else's.
  assert.deepEqual(await page.evaluate((lost) => binding.rebase(engine.merge(contact, lost).text), lost), []);
  assert.deepEqual(await patch(page), { city: "Second", email_opted_in: false });
  assert.equal(await field(page, "email_opted_in").isChecked(), false);

  // One that was refused is known not to be stored.
  const other = await bound(t, two);
  await field(other, "city").fill("First");
  await save(other);
  await field(other, "city").fill(stored.city);
  assert.deepEqual(await patch(other), { city: stored.city });
  await other.evaluate(() => void binding.showErrors([]));
  assert.deepEqual(await patch(other), {});
});

test("the answer to one save is none to another, nor is a new binding", async (t) => {
  const page = await bound(t, two);
  const submit = async () => {
    await save(page);
    await page.evaluate(() => void binding.begin());
  };
  await field(page, "email_opted_in").check();
  await submit(); // lost, and stored
  await field(page, "email_opted_in").uncheck();
  await submit();
  await page.evaluate(() => void binding.showErrors([])); // refused
  assert.deepEqual(await patch(page), { email_opted_in: false });

  // A framework binds anew while the first is under way.
  await page.evaluate(() => (window.binding = bindForm(document.getElementById("form"), engine, options)));
  await field(page, "name_last").fill("typed");
  assert.deepEqual(await patch(page), { name_last: "typed", email_opted_in: false });
  await page.evaluate((body) => binding.saved(body), but({ email_opted_in: true }));
  assert.deepEqual(await patch(page), { name_last: "typed", email_opted_in: false });

  // Read again in the same version, with another save under way.
  const other = await bound(t, two);
  await field(other, "city").fill("Oslo");
  await save(other);
  await other.evaluate(() => void binding.rebase(contact));
  await field(other, "name_last").fill("typed");
  await other.evaluate((body) => binding.saved(body), but({ city: "Oslo" }));
  assert.deepEqual(await patch(other), { name_last: "typed" });
});

test("two saves at once lose nothing", async (t) => {
  const page = await bound(t, two);
  await field(page, "city").fill("Oslo");
  await save(page);
  const first = await page.evaluate(() => binding.begin());
  await field(page, "city").fill("Bergen");
  await save(page);
  await page.evaluate(() => binding.begin());
  // 200 to the first, and 409 to the second, which had the same version.
  await page.evaluate((first) => binding.saved((window.now = engine.merge(contact, first).text)), first);
  assert.deepEqual(await patch(page), { city: "Bergen" });
  assert.deepEqual(await page.evaluate(() => binding.rebase(now)), []);
  assert.deepEqual(await patch(page), { city: "Bergen" });
  assert.equal(await field(page, "city").inputValue(), "Bergen");
});

test("to type on while a conflict comes up settles it no more than a composition does", async (t) => {
  const page = await bound(t, two);
  for (const composing of [false, true]) {
    await page.evaluate((body) => { binding.rebase(body); binding.discard(); }, contact);
    await field(page, "city").fill("Oslo");
    await field(page, "city").evaluate((el, composing) => {
      el.focus();
      if (composing) el.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
    }, composing);
    assert.deepEqual(await page.evaluate((body) => binding.rebase(body), but({ city: "Evanston" })), ["city"]);
    await field(page, "city").evaluate((el, composing) => {
      el.value += " N";
      if (composing) el.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
      el.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }, composing);
    assert.deepEqual(await page.evaluate(() => binding.conflicts), ["city"]);
    assert.notEqual(await error(page, "city").textContent(), "");
    assert.deepEqual(await patch(page), {});
    // Whoever comes back to it has seen it.
    await field(page, "city").blur();
    await field(page, "city").fill("Oslo S");
    assert.deepEqual(await page.evaluate(() => binding.conflicts), []);
    assert.deepEqual(await patch(page), { city: "Oslo S" });
  }
});

test("another contact is no later state of this one", async (t) => {
  const page = await bound(t, two);
  await field(page, "city").fill("Oslo");
  const other = but({ id: "919108f7-52d1-4320-9bac-f847db4148a8" });
  const thrown = await page.evaluate((other) => {
    try {
      binding.rebase(other);
    } catch (error) {
      return error.name;
    }
  }, other);
  assert.equal(thrown, "TypeError");
  assert.deepEqual(await patch(page), { city: "Oslo" });
});

test("a form that was bound in a fragment, or is moved into a shadow root, is heard where it is", async (t) => {
  for (const shadow of [false, true]) {
    const page = await open(t, `<template id="t"><form><input name="city"><button>Save</button></form></template><div id="host"></div>`);
    await page.evaluate(async ([contact, shadow]) => {
      const [{ load }, { bindForm }] = await Promise.all([import("/dist/contact.js"), import("/dist/form.js")]);
      const fragment = document.getElementById("t").content.cloneNode(true);
      const host = document.getElementById("host");
      window.binding = bindForm(fragment.firstChild, await load(), { contact });
      (shadow ? host.attachShadow({ mode: "open" }) : host).append(fragment);
    }, [contact, shadow]);
    await field(page, "city").fill("Oslo");
    assert.deepEqual(await patch(page), { city: "Oslo" });
    await page.getByRole("button").click(); // and no address has it: `open` sees to that
    await page.waitForTimeout(50);
  }

  // Moved without a key, written to by a script, with controls outside: to focus is no edit, and nothing leaves the page.
  const page = await open(t, `<form id="f"><input name="city"></form><input form="f" name="name_last"><button form="f">Save</button><div id="host"></div>`);
  await page.evaluate(async (contact) => {
    const [{ load }, { bindForm }] = await Promise.all([import("/dist/contact.js"), import("/dist/form.js")]);
    const all = document.createDocumentFragment();
    all.append(...document.querySelectorAll("#f, [form=f]"));
    window.binding = bindForm(all.firstChild, await load(), { contact });
    document.body.append(all);
    document.querySelector("[name=city]").value = "written by a script";
  }, contact);
  await field(page, "city").focus();
  assert.deepEqual(await patch(page), {});
  await field(page, "name_last").fill("typed");
  assert.deepEqual(await patch(page), { name_last: "typed" });
  await page.evaluate(() => {
    const root = document.getElementById("host").attachShadow({ mode: "open" });
    root.append(...document.querySelectorAll("#f, [form=f]"));
    root.getElementById("f").requestSubmit();
  });
  await page.waitForTimeout(50);
  await page.getByRole("button").click();
  await page.waitForTimeout(50);
});

test("a line does without line ends, and words do not run into each other", async (t) => {
  const page = await bound(t, `<form id="form"><input name="address"></form>`, { body: but({ address: "c/o Ana Ruiz\nPlaza 12" }) });
  assert.equal(await field(page, "address").inputValue(), "c/o Ana Ruiz Plaza 12");
  assert.deepEqual(await patch(page), {});
  await field(page, "address").press("End");
  await field(page, "address").press("B");
  assert.deepEqual(await patch(page), { address: "c/o Ana Ruiz Plaza 12B" });
  await field(page, "address").press("Backspace");
  assert.deepEqual(await patch(page), {}, "what is shown of it is what is stored");
});

test("reset after a save shows what the server made of it", async (t) => {
  const page = await bound(t, two);
  await field(page, "city").fill("oak park");
  await save(page);
  await page.evaluate((body) => binding.saved(body), but({ city: "Oak Park" }));
  assert.equal(await field(page, "city").inputValue(), "Oak Park");
  assert.deepEqual(await patch(page), {});
  // With no save under way it forgets all.
  await field(page, "city").fill("Skokie");
  await page.evaluate((body) => binding.saved(body), contact);
  assert.equal(await field(page, "city").inputValue(), stored.city);
  assert.deepEqual(await patch(page), {});
});

test("a new binding in the same task goes on from the edits of the last", async (t) => {
  const page = await bound(t, two);
  await field(page, "city").fill("Oak Park");
  await field(page, "email_opted_in").check();
  const rebind = (body) =>
    page.evaluate((body) => {
      binding.unbind();
      window.binding = bindForm(form, engine, { contact: body });
    }, body);
  await rebind(but({ name_last: "Reyes" }));
  assert.equal(await field(page, "name_last").inputValue(), "Reyes");
  assert.deepEqual(await patch(page), { city: "Oak Park", email_opted_in: true });
  await rebind(but({ city: "Evanston" }));
  assert.deepEqual(await page.evaluate(() => binding.conflicts), ["city"]);
  assert.match(await error(page, "city").textContent(), /Evanston/);
  // What the page has put back meanwhile is not brought up again.
  await page.evaluate(async () => {
    binding.unbind();
    await new Promise((resolve) => setTimeout(resolve));
    form.reset();
    window.binding = bindForm(form, engine, { contact });
  });
  assert.deepEqual(await patch(page), {});
});

test("what a script writes into a control is no edit, and its event makes it one", async (t) => {
  const page = await bound(t, two);
  await page.evaluate(() => (form.elements.city.value = ""));
  await field(page, "city").focus();
  await field(page, "name_last").focus();
  assert.deepEqual(await patch(page), {});
  await page.evaluate(() => {
    form.elements.city.value = "Oak Park";
    form.elements.city.dispatchEvent(new Event("change", { bubbles: true }));
  });
  assert.deepEqual(await patch(page), { city: "Oak Park" });
});

test("a handler that puts the text into another form has the last word", async (t) => {
  const page = await bound(t, two);
  await page.evaluate(() => {
    form.elements.city.addEventListener("input", ({ target }) => (target.value = target.value.toUpperCase()));
    form.elements.name_last.addEventListener("input", ({ target }) =>
      queueMicrotask(() => Promise.resolve().then(() => (target.value = target.value.trim()))),
    );
  });
  await field(page, "city").fill("bonn");
  await field(page, "name_last").fill(" Reyes ");
  assert.deepEqual(await patch(page), { name_last: "Reyes", city: "BONN" });
});

test("half a date is no empty one", async (t) => {
  const page = await bound(t, `<form id="form"><input type="date" name="birthdate"><button>Save</button></form>`);
  await field(page, "birthdate").focus();
  await page.keyboard.press("Backspace");
  assert.deepEqual(await patch(page), {});
  assert.equal(await check(page), false);
  await page.evaluate(() => form.elements.birthdate.remove());
  assert.deepEqual(await patch(page), {});
  // Where nothing is stored the platform tells of no edit at all.
  const other = await bound(t, `<form id="form"><input type="date" name="birthdate"><button>Save</button></form>`, {
    body: but({ birthdate: null }),
  });
  await field(other, "birthdate").focus();
  await other.keyboard.type("02");
  assert.equal(await check(other), false);
  await save(other);
  assert.equal(await submits(other), 0);
  await other.evaluate(() => binding.saved(contact));
  assert.equal(await field(other, "birthdate").inputValue(), stored.birthdate);
});
