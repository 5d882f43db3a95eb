/** @jest-environment jsdom */
const { load } = require("@partner-contacts/contact");
const { bindForm } = require("@partner-contacts/contact/form");
const { checkField } = require("@partner-contacts/contact/instant");

test("a bound form", async () => {
  document.body.innerHTML = '<form id="form"><input name="city"><input name="timezone"><button>Save</button></form>';
  const form = document.getElementById("form");
  const engine = await load();
  const contact = require("../plain/contact.json");
  const binding = bindForm(form, engine, { contact });
  form.elements.city.value = "Oak Park";
  form.elements.city.dispatchEvent(new Event("input", { bubbles: true }));
  expect(binding.validate()).toBe(true);
  expect(binding.patch({ version: false })).toBe('{"city":"Oak Park"}');
  form.elements.timezone.value = "PST";
  form.elements.timezone.dispatchEvent(new Event("input", { bubbles: true }));
  expect(binding.validate()).toBe(false);
  expect(form.elements.timezone.getAttribute("aria-invalid")).toBe("true");
  const described = document.getElementById(form.elements.timezone.getAttribute("aria-describedby"));
  expect(described.textContent).toMatch(/America\/Chicago/);
  expect(checkField("timezone", "PST")).toEqual(engine.checkField("timezone", "PST"));
});
