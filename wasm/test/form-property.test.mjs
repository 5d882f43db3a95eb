// Whatever happens to a form, the patch is what the person edited.
import assert from "node:assert/strict";
import { test } from "node:test";
import { contact, open } from "./forms.mjs";

const SEQUENCES = 400;
const STEPS = 60;

test("random sequences: the patch is what the person edited, nothing less and nothing more", async (t) => {
  const page = await open(t, "<p>forms</p>");
  const result = await page.evaluate(
    async ([sequences, steps, contact]) => (await import("/test/form-property.js")).run(0, sequences, steps, contact),
    [SEQUENCES, STEPS, contact],
  );
  assert.deepEqual(result, { steps: SEQUENCES * STEPS });
  t.diagnostic(`${result.steps} steps in ${SEQUENCES} sequences`);
});
