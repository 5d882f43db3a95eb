// Builds the package as a user gets it, puts it into each set-up, and drives what comes out: a wrong
// timezone is told, a right one is what would be sent, the engine has come, the console is silent.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join, relative } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { launch } from "../browser.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const wasm = fileURLToPath(new URL("../..", import.meta.url));
const inPackage = join(here, "node_modules/@partner-contacts/contact");
const types = { ".html": "text/html", ".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm" };

const execute = promisify(execFile);
const run = (file, args, options = {}) =>
  execute(file, args, { cwd: here, maxBuffer: 1 << 26, timeout: 300_000, ...options });
const bin = (name) => join(here, "node_modules/.bin", name);

let out, tarball, browser;

before(async () => {
  out = await mkdtemp(join(tmpdir(), "contact-setups-"));
  const { stdout } = await run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", out], { cwd: wasm });
  tarball = join(out, stdout.trim());
  await run("npm", ["install", "--no-save", "--silent", tarball]);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await rm(out, { recursive: true, force: true });
});

/** Serves folders on loopback; what is in none of them is not found. */
async function serve(folders, headers = {}) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    for (const [prefix, folder] of Object.entries(folders)) {
      if (!path.startsWith(prefix)) continue;
      const file = join(folder, path.slice(prefix.length) || "index.html");
      const body = await readFile(file).catch(() => undefined);
      if (!body) continue;
      response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", ...headers });
      return response.end(body);
    }
    response.writeHead(path == "/favicon.ico" ? 204 : 404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** Opens a page, and fails where it says anything on the console. */
async function open(url) {
  const page = await browser.newPage();
  const said = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("response", (response) => response.status() >= 400 && said.push(`${response.status()} ${response.url()}`));
  await page.goto(url);
  return { page, said };
}

/** A person types a wrong timezone, sees it, mends it, and saves. */
async function driveForm(url, { path = "/" } = {}) {
  const { page, said } = await open(url + path);
  try {
    await page.waitForFunction(() => document.documentElement.dataset.engine, undefined, { timeout: 20_000 });
    assert.equal(await page.evaluate(() => document.documentElement.dataset.engine), "ready");
    const timezone = page.locator("input[name=timezone]");
    await timezone.fill("america/chicago");
    await page.locator("input[name=city]").focus();
    await page.waitForFunction(() => document.querySelector("input[name=timezone]").ariaInvalid == "true");
    const told = await timezone.evaluate((el) => [
      el.validationMessage,
      ...(el.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean).map((id) => document.getElementById(id).textContent),
    ]);
    for (const text of told) assert.match(text, /America\/Chicago/, "the sentence names the nearest");
    assert.equal(told.length, 2, "in the control, and in the text that describes it");
    await page.locator("form button").click();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.sent), undefined, "a wrong one is not sent");
    await timezone.fill("America/New_York");
    await page.locator("input[name=city]").fill("Oak Park");
    await page.locator("form button").click();
    const sent = await page.waitForFunction(() => document.documentElement.dataset.sent);
    assert.deepEqual(JSON.parse(await sent.jsonValue()), { city: "Oak Park", timezone: "America/New_York" });
    assert.deepEqual(said, []);
  } finally {
    await page.close();
  }
}

/** The module worker's page shows the rule that the worker found, or else why it found none. */
async function driveWorker(url, { forbidden = false } = {}) {
  const { page, said } = await open(url);
  try {
    const verdict = await page.waitForFunction(() => document.getElementById("verdict").textContent, undefined, { timeout: 20_000 });
    if (forbidden) return assert.match(await verdict.jsonValue(), /^LoadError: .*'wasm-unsafe-eval'/);
    assert.equal(await verdict.jsonValue(), "timezone");
    assert.deepEqual(said, []);
  } finally {
    await page.close();
  }
}

async function drive(server, driver = driveForm, options) {
  try {
    await driver(server.url, options);
  } finally {
    await server.close();
  }
}

/** The development server of a Vite. */
async function viteDev(name, root) {
  const { createServer } = await import(name);
  const server = await createServer({
    root: join(here, root), configFile: false, logLevel: "warn", cacheDir: join(out, `${name}-${root}`),
    server: { host: "127.0.0.1", port: 0, fs: { allow: [here] } },
  });
  await server.listen();
  return { url: `http://127.0.0.1:${server.httpServer.address().port}`, close: () => server.close() };
}

/** What a Vite builds. */
async function viteBuild(name, root, define = {}, headers = {}) {
  const { build } = await import(name);
  const outDir = join(out, `${name}-${root}-built`);
  await build({ root: join(here, root), configFile: false, logLevel: "error", define, build: { outDir, emptyOutDir: true } });
  return serve({ "/": outDir }, headers);
}

// The package is for Node 20 and later: node10 is how TypeScript resolved for Node before version 12.
test("the types are not wrong", async () => {
  await run(bin("attw"), [tarball, "--profile", "node16", "--exclude-entrypoints", "contact.wasm"]);
});

test("two builds of one tree are the same, bit for bit", async () => {
  const copy = join(out, "elsewhere");
  const root = join(wasm, "..");
  const { stdout } = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  for (const file of stdout.split("\0").filter((file) => /^(?!examples|benchmarks|docs)[^\0]+$/.test(file))) {
    await cp(join(root, file), join(copy, file)).catch((error) => assert.equal(error.code, "ENOENT"));
  }
  await symlink(join(wasm, "node_modules"), join(copy, "wasm/node_modules"));
  await run("node", ["build.mjs"], { cwd: join(copy, "wasm") });
  const files = await readdir(join(copy, "wasm/dist"), { recursive: true, withFileTypes: true });
  const names = files.filter((file) => file.isFile()).map((file) => relative(join(copy, "wasm"), join(file.parentPath, file.name)));
  assert.ok(names.includes("dist/contact.wasm"));
  for (const name of names) {
    const [here, there] = await Promise.all([readFile(join(wasm, name)), readFile(join(copy, "wasm", name))]);
    assert.ok(here.equals(there), name);
  }
});

for (const name of ["vite6", "vite7", "vite"]) {
  test(`${name}, development`, async () => drive(await viteDev(name, "vite")));
  test(`${name}, built`, async () => drive(await viteBuild(name, "vite")));
}

test("React, a controlled and an uncontrolled input", async () => {
  await drive(await viteBuild("vite", "react"));
  await drive(await viteDev("vite", "react"));
});
test("Vue", async () => {
  const flags = ["OPTIONS_API", "PROD_DEVTOOLS", "PROD_HYDRATION_MISMATCH_DETAILS"]; // Vue asks for them, with a warning
  await drive(await viteBuild("vite", "vue", Object.fromEntries(flags.map((flag) => [`__VUE_${flag}__`, "false"]))));
});
test("a module worker", async () => {
  await drive(await viteBuild("vite", "worker"), driveWorker);
  await drive(await viteDev("vite", "worker"), driveWorker);
});

const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; base-uri 'none'; form-action 'none'";

test("a plain page under a strict Content-Security-Policy", async () => {
  const server = await serve({ "/plain/": join(here, "plain"), "/package/": inPackage }, { "content-security-policy": policy });
  await drive(server, driveForm, { path: "/plain/" });
});

// The policy of a worker is that of its own script's answer.
test("a module worker under a strict Content-Security-Policy", async () => {
  const strict = { "content-security-policy": policy + "; worker-src 'self'; img-src data:" };
  await drive(await viteBuild("vite", "worker", {}, strict), driveWorker);
  const without = { "content-security-policy": strict["content-security-policy"].replace(" 'wasm-unsafe-eval'", "") };
  await drive(await viteBuild("vite", "worker", {}, without), driveWorker, { forbidden: true });
});

test("webpack", async () => {
  const webpack = createRequire(import.meta.url)("webpack");
  const path = join(out, "webpack");
  const stats = await promisify(webpack)({
    mode: "production", context: join(here, "webpack"), entry: "./main.js", output: { path, filename: "main.js" },
  });
  assert.deepEqual(stats.toJson().errors, []);
  await cp(join(here, "webpack/index.html"), join(path, "index.html"));
  await drive(await serve({ "/": path }));
});

test("esbuild, for browsers and for Node", async () => {
  const { build } = await import("esbuild");
  const path = join(out, "esbuild");
  const common = { bundle: true, format: "esm", logLevel: "error", absWorkingDir: here };
  await build({ ...common, entryPoints: ["esbuild/main.js"], outfile: join(path, "main.js"), platform: "browser" });
  await cp(join(here, "esbuild/index.html"), join(path, "index.html"));
  await drive(await serve({ "/": path }));
  await build({ ...common, entryPoints: ["node/esm.mjs"], outfile: join(path, "node.mjs"), platform: "node" });
  assert.equal((await run("node", [join(path, "node.mjs")])).stdout, "timezone true\n");
});

test("Node, import and require", async () => {
  for (const file of ["node/esm.mjs", "node/require.cjs"]) {
    assert.equal((await run("node", [file])).stdout, "timezone true\n", file);
  }
});

test("Vitest with jsdom", async () => {
  await run(bin("vitest"), ["run", "--root", "vitest"]);
});

test("Jest with jsdom", async () => {
  await run(bin("jest"), ["--config", "jest/jest.config.cjs"]);
});

test("Next, a server and a client component", async () => {
  for (const [mode, NODE_ENV] of [["dev", "development"], ["start", "production"]]) {
    const env = { ...process.env, NODE_ENV, NEXT_TELEMETRY_DISABLED: "1" };
    if (mode == "start") await run(bin("next"), ["build", "next"], { env });
    const next = spawn(bin("next"), [mode, "next", "-p", "0", "-H", "127.0.0.1"], { cwd: here, env });
    try {
      const url = await new Promise((resolve, reject) => {
        let text = "";
        next.stdout.on("data", (data) => {
          text += data;
          const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
          if (found && found[1] != "0") resolve(found[0]);
        });
        next.on("exit", () => reject(Error("next ended: " + text)));
        setTimeout(() => reject(Error("next does not say where it listens: " + text)), 30_000).unref();
      });
      await driveForm(url);
      const text = await (await fetch(url)).text();
      assert.match(text, /<output id="server">timezone<\/output>/);
    } finally {
      const ended = new Promise((resolve) => next.once("exit", resolve));
      next.kill();
      await ended;
    }
  }
});
