// No bundler and no import map, which a strict Content-Security-Policy would have to allow.
import { bindForm } from "/package/dist/form.js";
import { load } from "/package/dist/contact.js";

const root = document.documentElement;
const form = document.getElementById("form");
const engine = load();
engine.then(
  () => (root.dataset.engine = "ready"),
  (reason) => (root.dataset.engine = reason.message),
);
const contact = await (await fetch("/plain/contact.json")).text();
const binding = bindForm(form, engine, { contact });
form.addEventListener("submit", (event) => {
  event.preventDefault();
  root.dataset.sent = binding.patch({ version: false });
});
