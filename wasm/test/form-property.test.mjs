// Whatever happens to a form, the patch is what the person edited.
import assert from "node:assert/strict";
import { test } from "node:test";
import { contact, open } from "./forms.mjs";

const SEQUENCES = 400;
const STEPS = 60;
const PAGES = 4;

test("random sequences: the patch is what the person edited, nothing less and nothing more", async (t) => {
  // Several pages wait for timers at once.
  const run = async (from) => {
    const page = await open(t, "<p>forms</p>");
    return page.evaluate(
      async ([from, to, steps, contact]) => (await import("/test/form-property.js")).run(from, to, steps, contact),
      [from, from + SEQUENCES / PAGES, STEPS, contact],
    );
  };
  const results = await Promise.all(Array.from({ length: PAGES }, (_, page) => run((page * SEQUENCES) / PAGES)));
  assert.deepEqual(results, Array(PAGES).fill({ steps: (SEQUENCES * STEPS) / PAGES }));
  t.diagnostic(`${SEQUENCES * STEPS} steps in ${SEQUENCES} sequences`);
});
