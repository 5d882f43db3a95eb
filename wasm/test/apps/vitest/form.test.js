// @vitest-environment jsdom
import { load } from "@partner-contacts/contact";
import { expect, test } from "vitest";
import { start } from "../shared/form.js";

test("a bound form", async () => {
  document.body.innerHTML = '<form id="form"><input name="city"><input name="timezone"><button>Save</button></form>';
  const form = document.getElementById("form");
  const engine = load();
  const { binding } = start(form, engine);
  await engine;
  form.elements.timezone.value = "america/chicago";
  form.elements.timezone.dispatchEvent(new Event("input", { bubbles: true }));
  expect(binding.validate()).toBe(false);
  expect(binding.faults).toEqual(["timezone"]);
  form.elements.timezone.value = "America/New_York";
  form.elements.timezone.dispatchEvent(new Event("input", { bubbles: true }));
  expect(binding.patch({ version: false })).toBe('{"timezone":"America/New_York"}');
});
