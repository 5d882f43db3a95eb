/** @jest-environment jsdom */
const { load } = require("@partner-contacts/contact");
const { bindForm } = require("@partner-contacts/contact/form");
const { checkField } = require("@partner-contacts/contact/instant");

test("a bound form", async () => {
  document.body.innerHTML = '<form id="form"><input name="city"><button>Save</button></form>';
  const form = document.getElementById("form");
  const engine = await load();
  const contact = require("../plain/contact.json");
  const binding = bindForm(form, engine, { contact });
  form.elements.city.value = "Oak Park";
  form.elements.city.dispatchEvent(new Event("input", { bubbles: true }));
  expect(binding.check()).toBe(true);
  expect(binding.patch()).toBe('{"city":"Oak Park"}');
  expect(checkField("timezone", "PST")).toEqual(engine.checkField("timezone", "PST"));
});
