// Forms bound to the engine, typed into in Chromium: plain, and inside React and Vue.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { serve } from "../demo/serve.mjs";
import { launch } from "./browser.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const contact = await readFile(new URL("../../testdata/contact.json", import.meta.url), "utf8");
const stored = JSON.parse(contact);

// One control of each kind; the message of the timezone has a place of its own.
const plain = `<!doctype html><title>test</title>
  <form id="form">
    <label>First name <input name="name_first"></label>
    <label>Last name <input name="name_last"></label>
    <label>City <input name="city"></label>
    <label>Street <textarea name="address"></textarea></label>
    <label>Email <input name="email" type="email"></label>
    <label>Phone <input name="phone_home" type="tel"></label>
    <label>Birthdate <input name="birthdate" type="date"></label>
    <label>Timezone <input name="timezone" list="zones" aria-describedby="hint"></label><i id="hint">Where they live</i>
    <p data-error-for="timezone" id="zone-error"></p>
    <datalist id="zones"></datalist>
    <label><input name="sms_opted_in" type="checkbox"> Text messages</label>
    <label><input name="email_opted_in" type="checkbox"> Emails</label>
    <label>Metadata <textarea name="meta_public"></textarea></label>
    <label>Journeys <textarea name="active_journey_ids"></textarea></label>
    <label>Objectives <textarea name="completed_objective_keys"></textarea></label>
    <input name="nickname" value="not a field">
    <input name="id" value="not writable">
    <button>Save</button>
  </form>`;

const select = `<!doctype html><title>test</title>
  <form id="form">
    <label>Timezone <select name="timezone"></select></label>
    <label>Country <select name="country"><option>DE<option>FR</select></label>
    <button>Save</button>
  </form>`;

const bundle = (contents) =>
  buildSync({
    stdin: { contents, resolveDir: here },
    bundle: true,
    format: "esm",
    write: false,
    external: ["/dist/*"],
    define: {
      "process.env.NODE_ENV": '"production"', __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
  }).outputFiles[0].text;

// A controlled and an uncontrolled input, a controlled checkbox, and an input that a key replaces.
const react = `
  import { createElement as h, useEffect, useRef, useState } from "react";
  import { createRoot } from "react-dom/client";
  import { load } from "/dist/contact.js";
  import { bindForm } from "/dist/form.js";
  const engine = await load();
  function Form() {
    const form = useRef();
    const [city, setCity] = useState("");
    const [zone, setZone] = useState("");
    const [opted, setOpted] = useState(false);
    const [turn, setTurn] = useState(0);
    useEffect(() => {
      window.binding = bindForm(form.current, engine, { contact: window.contact, validate: "input" });
      return () => window.binding.unbind();
    }, []);
    window.turn = () => setTurn((n) => n + 1);
    window.state = { city, zone, opted, turn };
    return h("form", { ref: form, id: "form", onSubmit: (e) => { e.preventDefault(); window.submitted = true; } },
      h("label", null, "City ", h("input", { name: "city", value: city, onChange: (e) => setCity(e.target.value) })),
      h("label", null, "Timezone ", h("input", { name: "timezone", value: zone, onChange: (e) => setZone(e.target.value) })),
      h("label", null, "Emails ", h("input", { name: "email_opted_in", type: "checkbox", checked: opted, onChange: (e) => setOpted(e.target.checked) })),
      h("label", null, "First name ", h("input", { name: "name_first" })),
      h("label", { key: turn }, "Last name ", h("input", { name: "name_last", defaultValue: "Okafor" })),
      h("output", null, city + " " + zone + " " + opted),
      h("button", null, "Save"));
  }
  createRoot(document.getElementById("root")).render(h(Form));
`;

const vue = `
  import { createApp, h, onMounted, onUnmounted, reactive, ref, vModelCheckbox, vModelText, withDirectives } from "vue";
  import { load } from "/dist/contact.js";
  import { bindForm } from "/dist/form.js";
  const engine = await load();
  const state = (window.state = reactive({ city: "", timezone: "", name_last: "", email_opted_in: false, turn: 0 }));
  window.turn = () => state.turn++;
  createApp({
    setup() {
      const form = ref();
      onMounted(() => (window.binding = bindForm(form.value, engine, { contact: window.contact, validate: "input" })));
      onUnmounted(() => window.binding.unbind());
      // What the compiler makes of <input name="…" v-model="state.…">.
      const input = (name, model, type) =>
        withDirectives(h("input", { name, type, "onUpdate:modelValue": (value) => (state[name] = value) }), [[model, state[name]]]);
      return () =>
        h("form", { ref: form, id: "form", onSubmit: (e) => { e.preventDefault(); window.submitted = true; } }, [
          h("label", ["City ", input("city", vModelText)]),
          h("label", ["Timezone ", input("timezone", vModelText)]),
          h("label", ["Emails ", input("email_opted_in", vModelCheckbox, "checkbox")]),
          h("label", ["First name ", h("input", { name: "name_first" })]),
          h("label", { key: state.turn }, ["Last name ", input("name_last", vModelText)]),
          h("output", state.city + " " + state.timezone + " " + state.email_opted_in),
          h("button", "Save"),
        ]);
    },
  }).mount("#root");
`;

const root = (script) => `<!doctype html><title>test</title><div id="root"></div><script type="module" src="${script}"></script>`;

let browser, server;

before(async () => {
  server = await serve({
    pages: {
      "/favicon.ico": "",
      "/plain.html": plain,
      "/select.html": select,
      "/react.html": root("/react.js"),
      "/react.js": bundle(react),
      "/vue.html": root("/vue.js"),
      "/vue.js": bundle(vue),
    },
  });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** A page with everything that went wrong on it; at the end of the test nothing may have. */
async function open(t, path, body) {
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  const faults = [];
  page.on("pageerror", (error) => faults.push(`${error}`));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && faults.push(message.text()));
  page.on("request", (request) => request.url().startsWith(server.url) || faults.push("a request to " + request.url()));
  page.on("dialog", (dialog) => {
    faults.push("a dialog");
    dialog.dismiss();
  });
  t.after(async () => {
    await page.close();
    assert.deepEqual(faults, []);
  });
  if (body) await page.addInitScript((body) => (window.contact = body), body);
  await page.goto(server.url + path);
  return page;
}

/** A page with a form bound to a contact. */
async function bound(t, path = "/plain.html", body = contact) {
  const page = await open(t, path);
  await page.evaluate(async (body) => {
    const [{ load }, { bindForm }] = await Promise.all([import("/dist/contact.js"), import("/dist/form.js")]);
    const form = document.getElementById("form");
    const engine = await load();
    window.submits = 0;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      window.submits++;
    });
    Object.assign(window, { engine, contact: body, binding: bindForm(form, engine, { contact: body, validate: "input" }) });
  }, body);
  return page;
}

const field = (page, name) => page.locator(`[name=${name}]`);
const error = (page, name) => page.locator(`[data-error-for=${name}]`);
const patch = async (page, options) => JSON.parse(await page.evaluate((options) => binding.patch({ version: false, ...options }), options));

/** What a control tells a person and their screen reader. */
const told = (page, name) =>
  field(page, name).evaluate((el) => {
    const message = document.querySelector(`[data-error-for="${el.name}"]`);
    return {
      valid: el.validity.valid,
      invalid: el.getAttribute("aria-invalid"),
      message: message.textContent,
      linked: el.getAttribute("aria-describedby").trim().split(/\s+/).includes(message.id),
    };
  });

/** A contact that somebody else has saved. */
const saved = (page, changes) =>
  page.evaluate((changes) => engine.merge(contact, changes, { now: "2026-06-01T00:00:00Z" }).text, changes);

const rebase = (page, body) => page.evaluate((body) => binding.rebase(body), body);

test("the form shows the contact and says nothing", async (t) => {
  const page = await bound(t);
  assert.equal(await field(page, "city").inputValue(), stored.city);
  assert.equal(await field(page, "birthdate").inputValue(), stored.birthdate);
  assert.equal(await field(page, "sms_opted_in").isChecked(), true);
  assert.equal(await field(page, "email_opted_in").isChecked(), false);
  assert.equal(await field(page, "active_journey_ids").inputValue(), stored.active_journey_ids.join("\n"));
  assert.match(await field(page, "meta_public").inputValue(), /"score":12\.50,"ledger":9007199254740993,/);
  assert.equal(await field(page, "id").inputValue(), "not writable");
  assert.equal(await page.evaluate(() => binding.patch({ version: false })), "{}");
  assert.deepEqual(await page.evaluate(() => [binding.changed, binding.conflicts]), [[], []]);
  assert.deepEqual(await told(page, "city"), { valid: true, invalid: "false", message: "", linked: true });
});

test("typing shows an error and takes it away again", async (t) => {
  const page = await bound(t);
  const zone = field(page, "timezone");
  await zone.fill("");
  await zone.pressSequentially("america/chicago");
  const wrong = await told(page, "timezone");
  assert.deepEqual({ ...wrong, message: "" }, { valid: false, invalid: "true", message: "", linked: true });
  assert.match(wrong.message, /time zone.*Did you mean America\/Chicago\?$/);
  assert.equal(await zone.evaluate((el) => el.validationMessage), wrong.message);
  assert.equal(await error(page, "timezone").getAttribute("id"), "zone-error", "the element of the page is used");
  assert.match(await zone.getAttribute("aria-describedby"), /^hint /, "what described the control still does");
  await zone.fill("");
  await zone.pressSequentially("America/New_York");
  assert.deepEqual(await told(page, "timezone"), { valid: true, invalid: "false", message: "", linked: true });

  for (const [name, wrong, right] of [
    ["meta_public", '{"a":1,"a":2}', '{"a":1}'],
    ["meta_public", "", "{}"],
    ["meta_public", '1,"city":"x"', "{}"],
    ["active_journey_ids", "not an id", ""],
    ["email", "nobody", "somebody@example.org"],
  ]) {
    await field(page, name).fill(wrong);
    const { invalid, message } = await told(page, name);
    assert.equal(invalid, "true", `${name}: ${wrong}`);
    assert.ok(message.length > 10, `${name}: ${wrong}`);
    assert.equal((await patch(page))[name], undefined, "what is wrong is not sent");
    await field(page, name).fill(right);
    assert.deepEqual(await told(page, name), { valid: true, invalid: "false", message: "", linked: true });
  }
});

test("the patch has what the person changed and nothing else", async (t) => {
  const page = await bound(t);
  await field(page, "city").fill("Oak Park");
  await field(page, "phone_home").fill("");
  await field(page, "birthdate").fill("1991-03-01");
  await field(page, "timezone").fill("Asia/Kolkata");
  await field(page, "email_opted_in").check();
  await field(page, "address").fill("Line 1\nLine 2");
  await field(page, "completed_objective_keys").fill("welcome\n\nmoved\n");
  await field(page, "meta_public").fill('{"source": "spring-2026", "score": 12.5, "ledger": 9007199254740993, "new": 1e400}');
  assert.equal(
    await page.evaluate(() => binding.patch({ version: false })),
    '{"phone_home":null,"address":"Line 1\\nLine 2","city":"Oak Park","birthdate":"1991-03-01","timezone":"Asia/Kolkata",' +
      '"email_opted_in":true,"meta_public":{"prefs":null,"score":12.5,"new":1e400},"completed_objective_keys":["welcome","moved"]}',
  );
  assert.equal((await patch(page, { version: true })).updated_at, stored.updated_at);
  await page.evaluate(() => void binding.showErrors([])); // the save was not made
  await field(page, "city").fill(stored.city);
  await field(page, "email_opted_in").uncheck();
  const { city, email_opted_in } = await patch(page);
  assert.deepEqual([city, email_opted_in], [undefined, undefined], "what is as it was is no change");
  await page.evaluate(() => void binding.discard());
  await page.waitForFunction(() => binding.patch({ version: false }) == "{}");
  assert.equal(await field(page, "phone_home").inputValue(), stored.phone_home);
});

test("a select for the timezone is filled, and keeps a value it does not list", async (t) => {
  const page = await bound(t, "/select.html");
  const zones = await page.evaluate(() => engine.timezones.length);
  assert.equal(await field(page, "timezone").locator("option").count(), zones + 1);
  assert.equal(await field(page, "country").inputValue(), "US");
  assert.deepEqual(await patch(page), {});
  await field(page, "timezone").selectOption("UTC");
  await field(page, "country").selectOption("FR");
  assert.deepEqual(await patch(page), { country: "FR", timezone: "UTC" });
  await field(page, "timezone").selectOption("");
  assert.deepEqual(await patch(page), { country: "FR", timezone: null });
});

test("a submit is stopped at the first error, and goes through without one", async (t) => {
  const page = await bound(t);
  const save = page.getByRole("button", { name: "Save", exact: true });
  const focused = () => page.evaluate(() => document.activeElement.name);
  await field(page, "meta_public").fill("{");
  await field(page, "timezone").fill("PST");
  await save.click();
  assert.deepEqual([await page.evaluate(() => submits), await focused()], [0, "timezone"]);
  await field(page, "timezone").fill("UTC");
  await save.click();
  assert.deepEqual([await page.evaluate(() => submits), await focused()], [0, "meta_public"]);
  await field(page, "meta_public").fill("{}");
  // A date half typed is empty for scripts; sending it would clear the birthdate.
  await field(page, "birthdate").focus();
  await page.keyboard.press("Backspace");
  await save.click();
  assert.deepEqual([await page.evaluate(() => submits), await focused()], [0, "birthdate"]);
  assert.equal((await told(page, "birthdate")).invalid, "true");
  assert.equal("birthdate" in (await patch(page)), false);
  await field(page, "birthdate").fill("");
  await save.click();
  assert.equal(await page.evaluate(() => submits), 1);
  assert.equal((await patch(page)).birthdate, null);
});

test("what is stored is not judged while it is untouched", async (t) => {
  const page = await bound(t, "/plain.html", JSON.stringify({ ...stored, timezone: "US/Somewhere" }));
  assert.equal((await told(page, "timezone")).invalid, "false");
  await field(page, "city").fill("Oak Park");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  assert.equal(await page.evaluate(() => submits), 1);
});

test("errors of the server go to their fields until these change", async (t) => {
  const page = await bound(t);
  const rest = await page.evaluate(() => {
    const error = (pointer, detail) => ({ code: "validation_failed", title: "No", detail, source: { pointer }, meta: { rule: "meta" } });
    return binding.showErrors([error("/meta_public/plan", "No such plan."), error("/team_id", "Not yours.")]);
  });
  assert.deepEqual(rest.map((e) => e.detail), ["Not yours."]);
  assert.equal((await told(page, "meta_public")).message, "No such plan.");
  assert.equal(await page.evaluate(() => binding.validate()), false);
  await field(page, "meta_public").fill("{}");
  assert.equal((await told(page, "meta_public")).message, "");
  assert.equal(await page.evaluate(() => binding.validate()), true);
});

test("after a 409 both people's changes are there", async (t) => {
  const page = await bound(t);
  await field(page, "city").fill("Oak Park");
  await field(page, "email_opted_in").check();
  await field(page, "meta_public").fill('{"source":"autumn","score":12.50,"ledger":9007199254740993,"prefs":{"language":"es","channels":["sms","email"]}}');
  const theirs = await saved(page, { name_last: "Reyes", phone_home: null, meta_public: { prefs: { language: "en" } } });
  assert.deepEqual(await rebase(page, theirs), []);
  assert.equal(await field(page, "name_last").inputValue(), "Reyes");
  assert.equal(await field(page, "phone_home").inputValue(), "");
  assert.equal(await field(page, "city").inputValue(), "Oak Park");
  assert.equal(await page.evaluate(() => binding.validate()), true);
  assert.deepEqual(await patch(page, { version: true }), {
    updated_at: "2026-06-01T00:00:00Z",
    city: "Oak Park",
    email_opted_in: true,
    meta_public: { source: "autumn" },
  });
});

test("what both changed is a conflict until the person settles it", async (t) => {
  const page = await bound(t);
  const theirs = await saved(page, { city: "Evanston", name_last: "Reyes", name_first: "Maria" });
  await field(page, "city").fill("Oak Park");
  await field(page, "name_last").fill("Okafor-Reyes");
  await field(page, "name_first").fill("Maria");
  assert.deepEqual(await rebase(page, theirs), ["name_last", "city"]);
  const { message, ...rest } = await told(page, "city");
  assert.deepEqual(rest, { valid: false, invalid: "true", linked: true });
  assert.match(message, /“Evanston”/);
  assert.equal(await field(page, "city").inputValue(), "Oak Park");
  assert.deepEqual(await patch(page), {}, "nothing in conflict is sent");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  assert.equal(await page.evaluate(() => submits), 0);

  // Another save that leaves these fields alone settles nothing.
  assert.deepEqual(await rebase(page, theirs), ["name_last", "city"]);

  await error(page, "city").getByRole("button", { name: "Keep mine" }).click();
  await error(page, "name_last").getByRole("button", { name: "Use theirs" }).click();
  assert.equal(await field(page, "name_last").inputValue(), "Reyes");
  assert.equal(await page.evaluate(() => document.activeElement.name), "name_last");
  assert.equal(await page.locator("[data-error-for] button").count(), 0);
  assert.deepEqual(await page.evaluate(() => binding.conflicts), []);
  assert.deepEqual(await patch(page), { city: "Oak Park" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  assert.equal(await page.evaluate(() => submits), 1);

  // Typing settles a conflict too.
  await rebase(page, await saved(page, { city: "Skokie" }));
  assert.deepEqual(await page.evaluate(() => binding.conflicts), ["city"]);
  await field(page, "city").fill("Elmhurst");
  assert.deepEqual(await page.evaluate(() => binding.conflicts), []);
});

test("either side of a conflict in the metadata keeps what else the two changed", async (t) => {
  const body = JSON.stringify({ ...stored, meta_public: { a: 1 } });
  for (const [choice, want] of [["Keep mine", { a: 2, mine: true }], ["Use theirs", { mine: true }]]) {
    const page = await bound(t, "/plain.html", body);
    await field(page, "meta_public").fill('{"a":2,"mine":true}');
    assert.deepEqual(await rebase(page, await saved(page, { meta_public: { a: 3, theirs: true } })), ["meta_public"]);
    await error(page, "meta_public").getByRole("button", { name: choice }).click();
    assert.deepEqual(await patch(page), { meta_public: want });
  }
});

test("a field at fault that somebody else changed is a conflict as well", async (t) => {
  const page = await bound(t);
  await field(page, "timezone").fill("PST");
  await field(page, "active_journey_ids").fill("wrong");
  assert.deepEqual(await rebase(page, await saved(page, { timezone: "America/Denver" })), ["timezone"]);
  assert.equal(await field(page, "timezone").inputValue(), "PST");
  assert.equal(await field(page, "active_journey_ids").inputValue(), "wrong");
  assert.equal((await told(page, "active_journey_ids")).invalid, "true");
  await error(page, "timezone").getByRole("button", { name: "Keep mine" }).click();
  assert.match((await told(page, "timezone")).message, /time zone/, "what was wrong is wrong still");
});

test("hostile texts do no harm", async (t) => {
  const page = await bound(t);
  const elements = () => page.evaluate(() => document.querySelectorAll("img, script, svg").length);
  const markup = `"><img src=x onerror=alert(1)><script>alert(1)</script>`;
  await field(page, "city").fill(markup);
  await field(page, "name_first").fill("mine");
  await rebase(page, await saved(page, { name_first: markup, name_last: markup }));
  assert.match((await told(page, "name_first")).message, /<script>/);
  await error(page, "name_first").getByRole("button", { name: "Use theirs" }).click();
  assert.equal(await elements(), 0);
  assert.deepEqual(await patch(page), { city: markup });

  await field(page, "meta_public").fill('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
  assert.match(await page.evaluate(() => binding.patch({ version: false })), /"__proto__":\{"polluted":1\}/);
  assert.equal(await page.evaluate(() => ({}).polluted), undefined);
  await page.evaluate(() => binding.saved(engine.merge(binding.contact, binding.patch({ version: false })).text));
  assert.match(await field(page, "meta_public").inputValue(), /"__proto__":\{"polluted":1\}/);
  assert.equal(await page.evaluate(() => ({}).polluted), undefined);

  // No keyboard types half a character, but a script may enter one.
  await field(page, "city").evaluate((el) => {
    el.value = "a\ud800b";
    el.dispatchEvent(new Event("input", { bubbles: true }));
  });
  assert.equal((await told(page, "city")).invalid, "true");
  assert.deepEqual(await patch(page), {});
  await field(page, "city").evaluate((el) => {
    el.value = "\0\u2028\u202e\ud83d\ude00";
    el.dispatchEvent(new Event("input", { bubbles: true }));
  });
  assert.deepEqual(await patch(page), { city: "\0\u2028\u202e\ud83d\ude00" });

  for (const [length, invalid] of [[1 << 19, "false"], [1 << 21, "true"]]) {
    await field(page, "city").evaluate((el, length) => {
      el.value = "x".repeat(length);
      el.dispatchEvent(new Event("input", { bubbles: true }));
    }, length);
    assert.equal((await told(page, "city")).invalid, invalid);
  }
  await field(page, "meta_public").fill('{"a":'.repeat(5000));
  assert.equal((await told(page, "meta_public")).invalid, "true");
  await field(page, "city").fill("Chicago");
  await field(page, "meta_public").fill("{}");
  assert.equal(await page.evaluate(() => binding.validate()), true);
});

test("unbind takes everything off the form", async (t) => {
  const page = await bound(t);
  await field(page, "timezone").fill("PST");
  await page.evaluate(() => binding.unbind());
  assert.equal(await page.evaluate(() => document.getElementById("form").checkValidity()), true);
  assert.equal(await page.locator("[aria-invalid]").count(), 0);
  assert.equal(await page.locator("span[data-error-for]").count(), 0);
  await field(page, "timezone").fill("EST5");
  assert.equal(await field(page, "timezone").getAttribute("aria-invalid"), null);
});

for (const name of ["react", "vue"])
  test("inside " + name, async (t) => {
    const page = await open(t, `/${name}.html`, contact);
    await page.waitForFunction(() => window.binding);
    const output = page.locator("output");
    // What the binding shows reaches the state of the component, as if it had been typed.
    await page.waitForFunction(() => document.querySelector("output").textContent == "Chicago America/Chicago false");
    assert.deepEqual(await patch(page), {});

    await field(page, "city").fill("Oak Park");
    await field(page, "timezone").fill("PST");
    await field(page, "email_opted_in").check();
    assert.equal(await output.textContent(), "Oak Park PST true");
    assert.equal((await told(page, "timezone")).invalid, "true");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    assert.equal(await page.evaluate(() => window.submitted), undefined);

    // A new element takes the place of an old one.
    await page.evaluate(() => turn());
    await field(page, "name_last").fill("Reyes");
    assert.equal((await told(page, "timezone")).invalid, "true", "the messages outlive a rendering");
    await field(page, "timezone").fill("UTC");
    assert.deepEqual(await patch(page), { name_last: "Reyes", city: "Oak Park", timezone: "UTC", email_opted_in: true });

    await rebase(page, contact.replace('"Chicago"', '"Evanston"').replace('"María"', '"Maria"'));
    assert.equal(await field(page, "name_first").inputValue(), "Maria");
    await error(page, "city").getByRole("button", { name: "Use theirs" }).click();
    await page.waitForFunction(() => document.querySelector("output").textContent == "Evanston UTC true");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    assert.equal(await page.evaluate(() => window.submitted), true);
    await page.evaluate(() => binding.saved(contact));
    await page.waitForFunction(() => document.querySelector("output").textContent == "Chicago America/Chicago false");
  });
