// The scripts ask no browser of those that the README names for what it does not have, by MDN's data on
// which browser has what. Names alone are looked up: a member that any interface has had for long passes.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import data from "@mdn/browser-compat-data" with { type: "json" };

/** What is used only where it is there, each by `?.` or in a try. */
const asked = new Set(["isWellFormed", "checkVisibility", "getBuiltinModule"]);

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
const [, chrome, edge, firefox, safari] = /\*\*Browsers\.\*\* Chrome and Edge ((\d+)), Firefox (\d+), Safari ([\d.]+)/.exec(readme);
const oldest = { chrome, edge, firefox, safari };

const number = (version) => (typeof version == "string" ? parseFloat(version.replace("≤", "")) : version ? 0 : Infinity);

/** The browsers that lack a feature: their support is told by version, newest first. */
const lacking = ({ __compat }) =>
  Object.keys(oldest).filter((browser) => {
    const [support] = [__compat.support[browser]].flat();
    return support.flags || number(support.version_added) > number(oldest[browser]);
  });

/** By the name of each global and member: the browsers that have it nowhere. */
const features = new Map();
function note(name, feature) {
  if (!feature.__compat) return;
  const known = features.get(name);
  const lacks = lacking(feature);
  features.set(name, known ? known.filter((browser) => lacks.includes(browser)) : lacks);
}
for (const parts of [data.api, data.javascript.builtins, data.webassembly.api])
  for (const [name, feature] of Object.entries(parts)) {
    note(name, feature);
    for (const [member, inner] of Object.entries(feature)) if (member != "__compat") note(member.replace(/_(static|event)$/, ""), inner);
  }

/** The names of the package's own that a newer browser has for something else. */
const own = new Set(["memory", "check", "format", "forget", "summarize"]);

/** The globals and members that a script names; its own shorter names and its texts aside. */
const namesIn = (script) => new Set(script.replace(/"(?:[^"\\\n]|\\.)*"/g, '""').match(/(?<=\.)[a-z]\w+|(?<![\w$.])[A-Z]\w+/g));

test("the data knows what is too new", () => {
  assert.deepEqual(features.get("ariaLive"), ["firefox"]);
  assert.deepEqual(features.get("DecompressionStream"), []);
  assert.deepEqual(features.get("getOrInsert")?.sort(), Object.keys(oldest).sort());
});

test("no script needs a newer browser than the README says", async () => {
  const dist = new URL("../dist/", import.meta.url);
  const files = (await readdir(dist, { recursive: true })).filter((file) => file.endsWith(".js") && file != "bytes.js");
  assert.ok(files.includes("form.js") && files.includes("messages/de.js"));
  for (const file of files) {
    const names = namesIn(await readFile(new URL(file, dist), "utf8"));
    const found = [...names].filter((name) => features.get(name)?.length && !asked.has(name) && !own.has(name));
    assert.deepEqual(found.map((name) => `${name}: ${features.get(name)}`), [], file);
  }
});
