const assert = require("node:assert/strict");
const { load } = require("@partner-contacts/contact");
const { bindForm } = require("@partner-contacts/contact/form");
const { checkField } = require("@partner-contacts/contact/instant");

module.exports = (async () => {
  for (const name of ["TextEncoder", "DecompressionStream", "fetch"]) assert.equal(typeof window[name], "undefined", name);
  document.body.innerHTML = '<form id="form"><input name="city"><input name="timezone"><button>Save</button></form>';
  const form = document.getElementById("form");
  const engine = await load();
  const contact = require("../plain/contact.json");
  const binding = bindForm(form, engine, { contact });
  form.elements.city.value = "Oak Park";
  form.elements.city.dispatchEvent(new Event("input", { bubbles: true }));
  assert.equal(binding.validate(), true);
  assert.equal(binding.patch({ version: false }), '{"city":"Oak Park"}');
  form.elements.timezone.value = "PST";
  form.elements.timezone.dispatchEvent(new Event("input", { bubbles: true }));
  assert.equal(binding.validate(), false);
  assert.equal(form.elements.timezone.getAttribute("aria-invalid"), "true");
  const described = document.getElementById(form.elements.timezone.getAttribute("aria-describedby"));
  assert.match(described.textContent, /America\/Chicago/);
  assert.equal(JSON.stringify(checkField("timezone", "PST")), JSON.stringify(engine.checkField("timezone", "PST")));
})();
