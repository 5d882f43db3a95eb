// Forms of React and Vue, which write their state back into the controls: in every order of state
// and binding a person's edits are the patch.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundle, but, error, field, open, patch, save, stored } from "./forms.mjs";

// How state and binding may come about.
const orders = {
  "the state is empty": { state: "empty" },
  "the state is the contact": { state: "contact" },
  "the state is set after the binding": { state: "empty", later: true },
  "the form is bound, unbound and bound": { state: "empty", strict: true },
  "the form is bound before its controls are there": { state: "empty", wizard: true },
  "the engine comes late": { state: "empty", late: true },
};

const names = ["city", "timezone", "country", "name_title", "address", "email_opted_in", "sms_opted_in"];

const react = (order) => `
  import { createElement as h, useEffect, useRef, useState } from "react";
  import { createRoot } from "react-dom/client";
  import { load } from "/dist/contact.js";
  import { bindForm } from "/dist/form.js";
  const order = ${JSON.stringify(order)};
  const parse = (text) => JSON.parse(text);
  const stored = parse(contact);
  const engine = order.late ? load() : await load();
  const initial = (name) =>
    order.state == "contact" ? stored[name] : name.endsWith("in") ? false : "";
  function Form() {
    const form = useRef();
    const [text, setText] = useState(contact);
    const [values, setValues] = useState(Object.fromEntries(${JSON.stringify(names)}.map((name) => [name, initial(name)])));
    const [step, setStep] = useState(order.wizard ? 0 : 1);
    const set = (name, value) => setValues((values) => ({ ...values, [name]: value }));
    useEffect(() => {
      const bind = () => (window.binding = bindForm(form.current, engine, { contact: text, validate: "input" }));
      bind();
      if (order.strict) binding.unbind(), bind();
      if (order.later) setValues(Object.fromEntries(${JSON.stringify(names)}.map((name) => [name, stored[name]])));
      return () => binding.unbind();
    }, [text]);
    Object.assign(window, { values, setText, setStep, setValues });
    const input = (name) => h("input", { name, value: values[name], onChange: (e) => set(name, e.target.value) });
    const box = (name) => h("input", { name, type: "checkbox", checked: values[name], onChange: (e) => set(name, e.target.checked) });
    return h("form", { ref: form, id: "form", onSubmit: (e) => { e.preventDefault(); window.submitted = true; } },
      step > 0 && h("div", null,
        input("city"), input("timezone"), box("email_opted_in"), box("sms_opted_in"),
        h("select", { name: "country", value: values.country, onChange: (e) => set("country", e.target.value) },
          ["", "DE", "FR", "US"].map((value) => h("option", { key: value, value }, value))),
        ["Dr.", "Ms."].map((value) => h("input", { key: value, type: "radio", name: "name_title", value,
          checked: values.name_title == value, onChange: () => set("name_title", value) })),
        h("textarea", { name: "address", value: values.address, onChange: (e) => set("address", e.target.value) }),
        h("input", { name: "name_last", defaultValue: "Nobody" })),
      h("button", null, "Save"));
  }
  createRoot(document.getElementById("root")).render(h(Form));
`;

const vue = (order) => `
  import { createApp, h, onMounted, onUnmounted, reactive, ref, vModelCheckbox, vModelRadio, vModelSelect, vModelText, watch, withDirectives } from "vue";
  import { load } from "/dist/contact.js";
  import { bindForm } from "/dist/form.js";
  const order = ${JSON.stringify(order)};
  const stored = JSON.parse(contact);
  const engine = order.late ? load() : await load();
  const initial = (name) =>
    order.state == "contact" ? stored[name] : name.endsWith("in") ? false : "";
  const values = (window.values = reactive(Object.fromEntries(${JSON.stringify(names)}.map((name) => [name, initial(name)]))));
  const text = ref(contact);
  const step = ref(order.wizard ? 0 : 1);
  window.setText = (value) => (text.value = value);
  window.setStep = (value) => (step.value = value);
  createApp({
    setup() {
      const form = ref();
      const bind = () => (window.binding = bindForm(form.value, engine, { contact: text.value, validate: "input" }));
      onMounted(() => {
        bind();
        if (order.strict) binding.unbind(), bind();
        if (order.later) Object.assign(values, Object.fromEntries(${JSON.stringify(names)}.map((name) => [name, stored[name]])));
      });
      watch(text, () => (binding.unbind(), bind()), { flush: "post" });
      onUnmounted(() => binding.unbind());
      // What the compiler makes of v-model.
      const model = (tag, props, directive, children) =>
        withDirectives(h(tag, { ...props, "onUpdate:modelValue": (value) => (values[props.name] = value) }, children), [[directive, values[props.name]]]);
      return () =>
        h("form", { ref: form, id: "form", onSubmit: (e) => { e.preventDefault(); window.submitted = true; } }, [
          step.value > 0 ? h("div", [
            model("input", { name: "city" }, vModelText), model("input", { name: "timezone" }, vModelText),
            model("input", { name: "email_opted_in", type: "checkbox" }, vModelCheckbox),
            model("input", { name: "sms_opted_in", type: "checkbox" }, vModelCheckbox),
            model("select", { name: "country" }, vModelSelect, ["", "DE", "FR", "US"].map((value) => h("option", { key: value, value }, value))),
            ["Dr.", "Ms."].map((value) => model("input", { key: value, type: "radio", name: "name_title", value }, vModelRadio)),
            model("textarea", { name: "address" }, vModelText),
            h("input", { name: "name_last" }),
          ]) : null,
          h("button", "Save"),
        ]);
    },
  }).mount("#root");
`;

for (const [framework, app] of Object.entries({ react, vue }))
  for (const [name, order] of Object.entries(orders))
    test(`${framework}: ${name}`, async (t) => {
      const page = await open(t, `<div id="root"></div>`, { script: bundle(app(order)) });
      await page.waitForFunction(() => window.binding);
      if (order.wizard) await page.evaluate(() => setStep(1));
      // What the binding shows reaches the state of the component, as if it had been typed.
      await page.waitForFunction(
        ([names, stored]) => names.every((name) => window.values[name] === (stored[name] ?? "")),
        [names, stored],
      );
      const shown = (name) => field(page, name).inputValue();
      assert.deepEqual([await shown("city"), await shown("name_last")], [stored.city, stored.name_last]);
      assert.deepEqual(await patch(page), {});

      // Clearing a field and taking a consent back are edits like others.
      await field(page, "city").fill("");
      await field(page, "sms_opted_in").uncheck();
      assert.deepEqual(await patch(page), { city: null, sms_opted_in: false });
      await field(page, "email_opted_in").check();
      await field(page, "country").selectOption("DE");
      await page.locator("[value='Ms.']").check();
      await field(page, "address").fill("1 Main St\nFlat 2");
      await field(page, "name_last").fill("Reyes");
      await field(page, "timezone").fill("PST");
      const want = {
        name_last: "Reyes", name_title: "Ms.", address: "1 Main St\nFlat 2", city: null, country: "DE", sms_opted_in: false, email_opted_in: true,
      };
      assert.deepEqual(await patch(page), want);
      await save(page);
      assert.equal(await page.evaluate(() => window.submitted), undefined);
      assert.notEqual(await error(page, "timezone").textContent(), "");
      await field(page, "timezone").fill("UTC");
      want.timezone = "UTC";

      // The controls go, and others of their names come.
      await page.evaluate(() => setStep(0));
      await page.waitForFunction(() => !document.querySelector("[name=city]"));
      assert.deepEqual(await patch(page), want);
      await page.evaluate(() => setStep(1));
      await page.waitForFunction(() => document.querySelector("[name=name_last]")?.value == "Reyes");
      assert.deepEqual([await shown("city"), await field(page, "sms_opted_in").isChecked()], ["", false]);
      assert.deepEqual(await patch(page), want);

      // A new contact binds the form anew: the edits are merged into it.
      await page.evaluate((body) => setText(body), but({ phone_home: "1", name_title: "Ms.", country: "FR" }));
      await page.waitForFunction(() => binding.conflicts.join() == "country");
      delete want.name_title;
      delete want.country;
      assert.deepEqual(await patch(page), want);
      await page.getByRole("button", { name: "Use theirs" }).click();
      await page.waitForFunction(() => window.values.country == "FR");
      await save(page);
      assert.equal(await page.evaluate(() => window.submitted), true);
      assert.deepEqual(await patch(page), want);

      // Taken back by hand, an edit is none, once the save is known not to have been made.
      await page.evaluate(() => void binding.showErrors([]));
      await field(page, "city").fill(stored.city);
      await field(page, "sms_opted_in").check();
      delete want.city;
      delete want.sms_opted_in;
      assert.deepEqual(await patch(page), want);
    });
