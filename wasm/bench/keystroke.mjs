// Measures, on a slow line and a slow processor, the time from the navigation to a page until what a
// person types first is judged there: with this package, with precompiled Ajv and with zod, on the same
// form, cold and with a warm cache. Prints the table and writes it to KEYSTROKE.md. The argument is
// the number of rounds; npm run bench does it, too.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { cpus } from "node:os";
import { brotliCompressSync } from "node:zlib";
import { _ } from "ajv";
import Ajv from "ajv/dist/2020.js";
import standaloneCode from "ajv/dist/standalone/index.js";
import formats from "ajv-formats";
import { buildSync } from "esbuild";
import { launch } from "../test/browser.mjs";

const folder = new URL("./build/keystroke/", import.meta.url).pathname;
const root = new URL("../", import.meta.url).pathname;
const rounds = Number(process.argv[2] ?? 15);
const line = { latency: 60, downloadThroughput: 9e6 / 8, uploadThroughput: 9e6 / 8 }; // bytes a second
const slower = 4; // times, the processor
const bound = 1.2;

const contact = readFileSync(root + "../testdata/contact.json", "utf8");
const json = (file) => JSON.parse(readFileSync(root + file, "utf8"));

const pages = {
  contact: { title: "**this package**", note: "`bindForm(form, load(), …)`: judged by the instant tier, while the engine is on its way" },
  ajv: { title: "Ajv precompiled", note: "standalone code from the schema files, the timezone names in a Set" },
  zod: { title: "zod", note: "a strictObject, the timezone names in a Set" },
};

/** What a page without this package does: show the contact, judge it as the form has it, and tell. */
const judging = (contender) => `
  import { load } from ${JSON.stringify(contender)};
  import { enum as zones } from ${JSON.stringify(root + "../schema/timezone.schema.json")};
  const check = await load();
  const form = document.forms[0];
  const contact = JSON.parse(document.getElementById("stored").textContent);
  for (const el of form.elements) {
    const value = contact[el.name];
    if (value === undefined) continue;
    if (el.type == "checkbox") el.checked = value;
    else el.value = Array.isArray(value) ? value.join("\\n") : typeof value == "object" ? JSON.stringify(value) : el.type == "datetime-local" ? value.slice(0, 19) : value;
    el.addEventListener("input", () => {
      const faults = check(JSON.stringify({ ...contact, [el.name]: el.type == "checkbox" ? el.checked : el.value }));
      el.setAttribute("aria-invalid", faults.length > 0);
    });
  }
  form.hidden = false;
  ready();
  document.getElementById("zones").append(...zones.map((zone) => new Option(zone, zone)));
`;

const scripts = {
  contact: `
    import { load } from ${JSON.stringify(root + "dist/contact.js")};
    import { bindForm } from ${JSON.stringify(root + "dist/form.js")};
    const form = document.forms[0];
    bindForm(form, load("/contact.wasm"), { contact: document.getElementById("stored").textContent, validate: "input" });
    form.hidden = false;
    ready();
  `,
  ajv: judging(root + "bench/contenders/ajv-set.js"),
  zod: judging(root + "bench/contenders/zod.js"),
};

/** The contact editor, with another script. */
const editor = readFileSync(root + "demo/index.html", "utf8").replace(/<script[^]*?<\/script>/g, "");
const html = (name) => editor.replace(/<form class="card" id="open"[^]*?<\/form>/, "").replace("</head>", `
<script type="application/json" id="stored">${contact}</script>
<script type="module" src="/${name}.js"></script>
<script>
// The first thing that is typed as soon as anything listens, and when it was judged.
function ready() {
  const el = document.forms[0].timezone;
  new MutationObserver(() => el.getAttribute("aria-invalid") == "true" && (window.judged ??= performance.now()))
    .observe(el, { attributes: true });
  el.value = "PST";
  el.dispatchEvent(new Event("input", { bubbles: true }));
}
</script></head>`);

function build() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const zones = json("../schema/timezone.schema.json");
  const ajv = new Ajv({ allErrors: true, code: { source: true, esm: true, formats: _`require(${root + "bench/contenders/formats-set.js"}).formats` } });
  formats(ajv);
  ajv.addFormat("timezone", () => true); // the file above has the real one
  ajv.addSchema({ $id: zones.$id, type: "string", format: "timezone" });
  // The contender imports it from here.
  writeFileSync(root + "bench/build/ajv-set.validate.js", standaloneCode(ajv, ajv.compile(json("../schema/contact.schema.json"))));
  const files = new Map([
    ["/contact.wasm", ["application/wasm", readFileSync(root + "dist/contact.wasm")]],
    ["/editor.css", ["text/css", readFileSync(root + "demo/editor.css")]],
    ["/icon.svg", ["image/svg+xml", readFileSync(root + "demo/icon.svg")]],
  ]);
  for (const [name, script] of Object.entries(scripts)) {
    const { outputFiles } = buildSync({
      stdin: { contents: script, resolveDir: root }, bundle: true, minify: true, format: "esm", target: "es2022",
      legalComments: "none", write: false, logLevel: "error",
    });
    files.set(`/${name}.js`, ["text/javascript", outputFiles[0].contents]);
    files.set(`/${name}`, ["text/html", Buffer.from(html(name))]);
  }
  return new Map([...files].map(([path, [type, body]]) => [path, { type, body: brotliCompressSync(body) }]));
}

const files = build();
const server = createServer(({ url }, response) => {
  const file = files.get(url);
  if (!file) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": file.type, "content-encoding": "br", "cache-control": "max-age=3600" }).end(file.body);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await launch();

/** The milliseconds until the first keystroke is judged, at the first visit and at the second. */
async function visit(name) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", { offline: false, ...line });
  await session.send("Emulation.setCPUThrottlingRate", { rate: slower });
  const times = [];
  for (const url of [`/${name}`, `/${name}`]) {
    await page.goto(`http://127.0.0.1:${server.address().port}${url}`, { waitUntil: "commit" });
    times.push(await (await page.waitForFunction(() => window.judged)).jsonValue());
    await page.waitForLoadState("networkidle");
  }
  await context.close();
  return times;
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const names = Object.keys(pages);
const times = Object.fromEntries(names.map((name) => [name, [[], []]]));
for (let i = 0; i < rounds; i++) {
  for (const name of [...names.slice(i % names.length), ...names.slice(0, i % names.length)]) {
    (await visit(name)).forEach((time, n) => times[name][n].push(time));
  }
  process.stderr.write(`\rround ${i + 1} of ${rounds}`);
}
process.stderr.write("\n");
await browser.close();
server.close();

const ratio = (name, n) => median(times[name][n].map((time, i) => time / times.ajv[n][i]));
const kilobytes = (name) => (files.get(`/${name}.js`).body.length / 1000).toFixed(1);
const held = [0, 1].every((n) => ratio("contact", n) <= bound);
const text = `# The first keystroke

Made by \`npm run bench:keystroke\` in the folder above; do not edit. From the navigation to a page until what is typed first is
judged: on a line of 9 Mbit/s with 60 ms, on a processor ${slower} times slower, the contact editor with its list of timezones in each page, medians of ${rounds} rounds in turn;
everything in brotli, the page with its script. Cold is the first visit, warm the second.

- ${new Date().toISOString().slice(0, 10)}, Chromium, ${cpus()[0].model}, ${cpus().length} cores
${names.map((name) => `- ${pages[name].title}: ${pages[name].note}`).join("\n")}

| page | script, KB | cold, ms | × Ajv | warm, ms | × Ajv |
| --- | ---: | ---: | ---: | ---: | ---: |
${names.map((name) => `| ${pages[name].title} | ${kilobytes(name)} | ${[0, 1].map((n) => `${median(times[name][n]).toFixed(0)} | ${ratio(name, n).toFixed(2)}`).join(" | ")} |`).join("\n")}

The bound, at most ${bound} times Ajv cold and warm, is ${held ? "held" : "**missed**"}.
`;
process.stdout.write(text);
writeFileSync(root + "bench/KEYSTROKE.md", text);
process.exitCode = held ? 0 : 1;
