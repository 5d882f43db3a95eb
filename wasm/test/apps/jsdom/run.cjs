// Runs form.cjs as Jest runs a test: CommonJS in the realm of a jsdom window, which has builtins of its own,
// lacks much of the platform, and knows no import().
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { dirname, join } = require("node:path");
const { runInContext } = require("node:vm");
const { JSDOM } = require("jsdom");

const dom = new JSDOM("<!doctype html>", { runScripts: "outside-only", url: "http://localhost/" });
const context = dom.getInternalVMContext();
dom.window.process = process;

const modules = new Map();
function load(file) {
  const known = modules.get(file);
  if (known) return known.exports;
  const module = { exports: {} };
  modules.set(file, module);
  const text = readFileSync(file, "utf8");
  if (file.endsWith(".json")) return (module.exports = runInContext(`(${text})`, context));
  const real = createRequire(file);
  const local = (name) => (name.startsWith("node:") ? require(name) : load(real.resolve(name)));
  const body = runInContext(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, context, { filename: file });
  body.call(module.exports, module.exports, local, module, file, dirname(file));
  return module.exports;
}

load(join(__dirname, "form.cjs")).then(
  () => dom.window.close(),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
