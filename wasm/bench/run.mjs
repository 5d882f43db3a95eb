// Compares the engine in Chromium with what a page would use otherwise: size, start-up, time of a call. It prints the
// tables and writes them to RESULTS.md. The argument is the number of rounds.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { cpus, loadavg } from "node:os";
import { extname } from "node:path";
import formats from "ajv-formats";
import { _ } from "ajv";
import Ajv from "ajv/dist/2020.js";
import standaloneCode from "ajv/dist/standalone/index.js";
import { buildSync } from "esbuild";
import { chromium } from "playwright-core";
import { brotli, compile } from "../build.mjs";

// build.mjs has made the package's folder the current one.
const rounds = Number(process.argv[2] ?? 40);
/** How long a contender runs in a round of the tight loop, in microseconds. */
const sliceTime = 5e4;
/** How long a form waits between two calls, in milliseconds. */
const pause = 20;
const require = createRequire(import.meta.url);
const json = (file) => JSON.parse(readFileSync(file, "utf8"));
const zones = json("../schema/timezone.schema.json");
const schema = json("../schema/contact.schema.json");

/** The contenders: their files in build/, and what they are. `border` is no contender but a measure. */
const contenders = {
  contact: { title: "**contact**", wasm: true, note: "this package" },
  "ajv-set": { title: "Ajv precompiled, Set", note: "standalone code from the schema files, the timezone names in a Set" },
  "ajv-intl": { title: "Ajv precompiled, Intl", note: "the same with `new Intl.DateTimeFormat` as the check of timezones" },
  ajv: { title: "Ajv in the page", note: "the 2020 build with ajv-formats, compiles the schema files as they stand; needs 'unsafe-eval' in a Content-Security-Policy" },
  zod: { title: "zod", note: "a strictObject, the timezone names in a Set" },
  jsonschema: { title: "jsonschema/v6 as WASM", wasm: true, note: "a Go reactor like ours, built with `go build`, the timezone names in a map; behind the same script" },
  empty: { title: "empty Go program", wasm: true, border: true, note: "imports nothing and accepts everything, behind the same script: what Go's runtime and the border cost" },
};
const names = Object.keys(contenders);
const judges = names.filter((name) => !contenders[name].border);

// The bodies: a whole contact, and the same with five faults.
const valid = readFileSync("../testdata/contact.json", "utf8").replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
/** The text with other pieces in place of some of its own. */
const edit = (...pieces) =>
  pieces.reduce((text, [from, to]) => {
    if (text.split(from).length != 2) throw Error("testdata/contact.json does not hold once: " + from);
    return text.replace(from, () => to);
  }, valid);
const zone = (name) => edit(["America/Chicago", name]);
const invalid = edit(
  ["0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e", "team-of-maria"],
  ['"county"', '"countie"'],
  ["1990-02-28", "1990-02-30"],
  ["America/Chicago", "america/chicago"],
  ['"sms_opted_in":true', '"sms_opted_in":"yes, sms"'],
);
const seen = (timestamp) => edit(["2026-05-16T21:40:03Z", timestamp]);
const notZones = ["+05:00", "-0330", "UTC+5", "PST", "IST", "america/chicago", "Local", "posix/UTC", ""];

/** What a judge should know, and bodies that show whether it does. */
const knowledge = {
  names: { what: `all ${zones.enum.length} timezone names are accepted`, accept: zones.enum.map(zone) },
  offsets: { what: "offsets for a timezone are refused: +05:00", refuse: [zone("+05:00"), zone("-0330"), zone("UTC+5")] },
  abbreviations: { what: "abbreviations are refused: PST, IST", refuse: [zone("PST"), zone("IST")] },
  case: { what: "a timezone in another case is refused", refuse: [zone("america/chicago")] },
  duplicates: {
    what: "repeated member names are refused, also in meta_public and in another spelling",
    refuse: [edit(['"city"', '"city":"","city"']), edit(['"score"', '"n":1,"\\u006e":2,"score"'])],
  },
  ids: {
    what: "UUIDs of version 4, in either case; others are refused",
    accept: [edit(["7c2e1f8a-4b5d", "7C2E1F8A-4B5D"])],
    refuse: [edit(["7c2e1f8a-4b5d-4", "7c2e1f8a-4b5d-1"]), edit(["7c2e1f8a-4b5d", "{7c2e1f8a4b5d"])],
  },
  dates: {
    what: "days that exist",
    accept: [edit(["1990-02-28", "2000-02-29"])],
    refuse: [edit(["1990-02-28", "1900-02-29"]), edit(["1990-02-28", "1990-2-28"])],
  },
  timestamps: {
    what: "RFC 3339 to the letter: the leap second and lower case, no space, no offset +24:00",
    accept: [seen("2016-12-31T23:59:60Z"), seen("2026-05-16t21:40:03.5z"), seen("2026-05-16T21:40:03-00:00")],
    refuse: [seen("2026-05-16 21:40:03Z"), seen("2026-05-16T21:40:03+24:00"), seen("2026-05-16T21:40:60Z"), seen("2026-05-16T21:40:03")],
  },
  unknown: { what: "unknown members are refused, `__proto__` too", refuse: [edit(['"city"', '"cty"']), edit(['"city"', '"__proto__"'])] },
  surrogates: { what: "lone surrogates are refused", refuse: [edit(['"Chicago"', '"\\ud800"'])] },
  depth: { what: "a body nested 1,000 deep is refused", refuse: [edit(["12.50", "[".repeat(1e3) + "]".repeat(1e3)])] },
};

function build() {
  rmSync("bench/build", { recursive: true, force: true });
  mkdirSync("bench/build");
  for (const name of ["empty", "jsonschema"]) compile("./bench/" + name, `bench/build/${name}.wasm`);
  writeFileSync("bench/build/contact.wasm", readFileSync("dist/contact.wasm"));
  for (const check of ["set", "intl"]) {
    const ajv = new Ajv({ allErrors: true, code: { source: true, esm: true, formats: _`require(${`../contenders/formats-${check}.js`}).formats` } });
    formats(ajv);
    ajv.addFormat("timezone", () => true); // the file above has the real one
    ajv.addSchema({ $id: zones.$id, type: "string", format: "timezone" });
    writeFileSync(`bench/build/ajv-${check}.validate.js`, standaloneCode(ajv, ajv.compile(schema)));
  }
  buildSync({
    entryPoints: names.map((name) => `bench/contenders/${name}.js`),
    outdir: "bench/build",
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
  });
}

/** Serves the page and the build from memory, so that no disk is in a start-up. */
async function serve() {
  const types = { ".js": "text/javascript", ".wasm": "application/wasm" };
  const files = new Map([["/", Buffer.from("<!doctype html><title>bench</title>")], ["/page.js", readFileSync("bench/page.js")]]);
  for (const file of readdirSync("bench/build")) files.set("/build/" + file, readFileSync("bench/build/" + file));
  const server = createServer(({ url }, response) => {
    const body = files.get(url);
    response
      .writeHead(body ? 200 : 404, {
        "content-type": types[extname(url)] ?? "text/html",
        "content-length": body?.length ?? 0,
        "cache-control": "no-store",
        // Isolated pages get a clock of 5 µs instead of 100.
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
      })
      .end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const sorted = (values) => values.toSorted((a, b) => a - b);
const quantile = (values, q) => sorted(values)[Math.floor((values.length - 1) * q)];
const median = (values) => quantile(values, 0.5);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values) => (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / median(values);
const ratio = (values, by) => median(values.map((v, i) => v / by[i]));

build();
const server = await serve();
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** Does something in a page of its own, which shares no process, cache or compiled code with another. */
async function inPage(use) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  if (!(await page.evaluate("crossOriginIsolated"))) throw Error("the page is not isolated, its clock is too coarse");
  const call = (name, ...args) =>
    page.evaluate(async ([name, args]) => (await import("/page.js"))[name](...args), [name, args]);
  // The script itself is no part of a start-up.
  await page.evaluate(() => import("/page.js").then(() => undefined));
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable");
  /** What the page's main thread, or its whole process, has used of the processor, in microseconds. */
  const processorTime = async (metric = "ThreadTime") =>
    (await session.send("Performance.getMetrics")).metrics.find(({ name }) => name == metric).value * 1e6;
  try {
    return await use(call, processorTime);
  } finally {
    await context.close();
  }
}

const texts = { valid, invalid };
const kinds = Object.keys(texts);
/** The items from the i-th on, then those before it: nobody is always first. */
const turned = (i) => [...names.slice(i % names.length), ...names.slice(0, i % names.length)];
/** Does something with each contender and body, the i-th first. The key of both is that of the lists of times. */
const each = async (i, use) => {
  for (const name of turned(i)) for (const kind of kinds) await use(name, kind, `${name} ${kind}`);
};

const load = loadavg()[0];
let knows, named, intl;
const cold = Object.fromEntries(names.map((name) => [name, []]));
const coldWork = Object.fromEntries(names.map((name) => [name, []]));
const spaced = {};
const tight = {};
try {
  await inPage(async (call) => {
    await call("load", judges);
    knows = {};
    named = {};
    for (const name of judges) {
      if (await call("faults", name, valid)) throw Error(name + " refuses the valid body");
      named[name] = await call("faults", name, invalid);
      if (!named[name]) throw Error(name + " accepts the invalid body");
      knows[name] = {};
      for (const [topic, { accept = [], refuse = [] }] of Object.entries(knowledge)) {
        let right = true;
        for (const text of accept) right = !(await call("faults", name, text)) && right;
        for (const text of refuse) right = !!(await call("faults", name, text)) && right;
        knows[name][topic] = right;
      }
    }
    intl = await call("timezones", zones.enum, notZones);
  });

  for (let i = 0; i < rounds; i++)
    for (const name of turned(i))
      await inPage(async (call, processorTime) => {
        const before = await processorTime("ProcessTime");
        cold[name].push(await call("coldStart", name, valid));
        coldWork[name].push((await processorTime("ProcessTime")) - before);
      });

  await inPage(async (call) => {
    await call("load", names);
    for (let i = 0; i < rounds; i++)
      await each(i, async (name, kind, key) => (spaced[key] ??= []).push(await call("pausedCall", name, texts[kind], pause)));
  });

  await inPage(async (call, processorTime) => {
    await call("load", names);
    const time = async (name, kind, calls) => {
      const before = await processorTime();
      await call("repeat", name, texts[kind], calls);
      return (await processorTime()) - before;
    };
    // The browser compiles anew what is called often. After half a second it has, and the last doubling says how many
    // calls make a slice.
    const calls = {};
    const asking = [];
    await each(0, async (name, kind, key) => {
      asking.push(await time(name, kind, 0));
      let spent = 0;
      for (calls[key] = 100; (spent = await time(name, kind, calls[key])) < 5e5; ) calls[key] *= 2;
      calls[key] = Math.ceil((calls[key] / spent) * sliceTime);
    });
    for (let i = 0; i < rounds; i++)
      await each(i, async (name, kind, key) =>
        (tight[key] ??= []).push(((await time(name, kind, calls[key])) - median(asking)) / calls[key]),
      );
  });
} finally {
  await browser.close();
  server.close();
}

const size = Object.fromEntries(
  names.map((name) => [
    name,
    { js: brotli(readFileSync(`bench/build/${name}.js`)), wasm: contenders[name].wasm ? brotli(readFileSync(`bench/build/${name}.wasm`)) : 0 },
  ]),
);

const table = (head, rows) => {
  const line = (cells) => `| ${cells.join(" | ")} |\n`;
  return line(head) + line(head.map((_, i) => (i ? "---:" : "---"))) + rows.map(line).join("");
};
const figure = (value) => (value < 99.5 ? value.toPrecision(2) : value.toFixed(0));
const plusMinus = (values) => `${figure(median(values))} ± ${(spread(values) * 100).toFixed(0)} %`;
const kilobytes = (bytes) => (bytes / 1e3).toFixed(1);
const list = (items) => items.map((item) => (item ? `\`${item}\`` : "the empty string")).join(", ");

const criteria = [
  ...kinds.flatMap((kind) => [
    [`${kind}, of Ajv precompiled with a Set`, tight, kind, "ajv-set", 2],
    [`${kind}, of Ajv precompiled with Intl`, tight, kind, "ajv-intl", 1 / 5],
    [`${kind}, of jsonschema/v6 as WASM`, tight, kind, "jsonschema", 1 / 10],
  ]).map(([what, times, kind, by, bound]) => [what, ratio(times["contact " + kind], times[`${by} ${kind}`]), bound]),
  ["cold start, of the empty Go program", ratio(cold.contact, cold.empty), 1.25],
];

const version = (name) => require(name + "/package.json").version;
const go = (...args) => execFileSync("go", args, { encoding: "utf8" }).trim();
const results = `# The engine in Chromium, side by side

Made by \`npm run bench\` in the folder above; do not edit. All contenders run in one Chromium, in turn, round after round:
JSON text in, verdict out, all faults listed, so JSON.parse is part of the time of those in JavaScript. A figure is the
median over the rounds, ± half the distance of the quartiles. The multiples are medians of each round's own.

- ${new Date().toISOString().slice(0, 10)}, Chromium ${browser.version()}, ${go("version").split(" ").slice(2).join(" ")}, ${cpus()[0].model.trim()}, ${cpus().length} cores
- Ajv ${version("ajv")}, ajv-formats ${version("ajv-formats")}, zod ${version("zod")}, jsonschema ${go("list", "-m", "-f", "{{.Version}}", "github.com/santhosh-tekuri/jsonschema/v6")}
- ${rounds} rounds; ${load.toFixed(1)} processes were running or waiting when they began
- bodies: the contact of testdata/contact.json, ${Buffer.byteLength(valid)} bytes, and the same with five faults: an id, an unknown name, a day that
  does not exist, a timezone in the wrong case, a string for a boolean

${names.map((name) => `- ${contenders[name].title}: ${contenders[name].note}`).join("\n")}

## Bounds

Times of this package as multiples.

${table(
  ["what", "measured", "bound", ""],
  criteria.map(([what, value, bound]) => [what, value.toFixed(3), "≤ " + +bound.toFixed(3), value <= bound ? "held" : "**MISSED**"]),
)}
## A call in a tight loop

Warm, about ${sliceTime / 1e3} ms of calls on end, in processor time of the page's main thread.

${table(
  ["contender", "valid, µs", "× Ajv, Set", "invalid, µs", "× Ajv, Set", "faults named"],
  names.map((name) => [
    contenders[name].title,
    ...kinds.flatMap((kind) => {
      const times = tight[`${name} ${kind}`];
      return [plusMinus(times), figure(ratio(times, tight["ajv-set " + kind]))];
    }),
    named[name] ?? "–",
  ]),
)}
## A call as a form makes it

A new page, one call after every ${pause} ms, each contender called ${rounds} times with each body: little has been compiled and the caches are cold.

${table(
  ["contender", "valid, µs", "× Ajv, Set", "invalid, µs", "× Ajv, Set"],
  names.map((name) => [
    contenders[name].title,
    ...kinds.flatMap((kind) => {
      const times = spaced[`${name} ${kind}`];
      return [plusMinus(times), figure(ratio(times, spaced["ajv-set " + kind]))];
    }),
  ]),
)}
## Size and cold start

Bytes are compressed with brotli 11, the time is what they take on a line of 9 Mbit/s. A cold start is a new page's, from
the request for the script to the first verdict, with a server on the same machine: the time on the line comes on top of it.
The processor's time is that of all threads of the page's process until then, which compiling
is spread over; its clock ticks in steps of 10 ms, so that these are means.

${table(
  ["contender", "script, KB", "WASM, KB", "line, ms", "cold start, ms", "× empty", "processor, ms", "× empty"],
  names.map((name) => [
    contenders[name].title,
    kilobytes(size[name].js),
    size[name].wasm ? kilobytes(size[name].wasm) : "",
    ((size[name].js + size[name].wasm) * 8 / 9e3).toFixed(0),
    plusMinus(cold[name].map((time) => time / 1e3)),
    figure(ratio(cold[name], cold.empty)),
    figure(mean(coldWork[name]) / 1e3),
    figure(mean(coldWork[name]) / mean(coldWork.empty)),
  ]),
)}
## What each knows

Found by running each on bodies that show it.

${table(
  ["contender", ...Object.keys(knowledge)],
  judges.map((name) => [contenders[name].title, ...Object.keys(knowledge).map((topic) => (knows[name][topic] ? "yes" : "–"))]),
)}
${Object.entries(knowledge).map(([topic, { what }]) => `- **${topic}**: ${what}`).join("\n")}

## Timezones in this browser

- \`Intl.supportedValuesOf("timeZone")\` has ${intl.supported} names. Of the ${zones.enum.length} names of tzdb it lacks ${intl.missing.length}${["UTC", "Asia/Kolkata"].filter((name) => intl.missing.includes(name)).map((name) => `, \`${name}\` among them`).join("")}${intl.extra.length ? `; ${list(intl.extra)} of it are none` : ""}.
- \`new Intl.DateTimeFormat\` refuses ${intl.refused.length ? list(intl.refused) : "none"} of them, and accepts, of ${notZones.length} that are none, ${list(intl.accepted)}.
`;
writeFileSync("bench/RESULTS.md", results);
console.log(results.slice(results.indexOf("## Bounds")));
