// The contact editor: a page of HTML, CSS and the package. Where contacts come from and go to is in
// server.js: the demo has a server in the page, the service its API.
import { load } from "../dist/contact.js";
import { bindForm, save } from "../dist/form.js";
import { connect, remembered } from "./server.js";

const $ = (id) => document.getElementById(id);
const form = $("contact");
const element = (tag, text, className = "") => Object.assign(document.createElement(tag), { textContent: text, className });
const plural = (n, one) => `${n} ${one}${n == 1 ? "" : "s"}`;
const controls = () => [...form.elements].filter((el) => el.name);

let binding, saver, engine, session;
let undo;

/** The engine is for what a few KB of script cannot judge: it comes when the page is idle, or used. */
const later = new Promise((resolve, reject) => {
  const start = () => load().then(resolve, reject);
  const soon = globalThis.requestIdleCallback ?? setTimeout;
  addEventListener("load", () => soon(start), { once: true });
  if (document.readyState == "complete") soon(start);
  form.addEventListener("focusin", start, { once: true });
});
later.then((loaded) => {
  engine = loaded;
  if (binding) show();
}).catch(() => {
  $("note").textContent = "A part of this page did not load: all but “More data” can be changed.";
});

/** Asks before anything is discarded. */
async function discards(question) {
  const dialog = $("confirm");
  $("question").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue == "yes";
}

/** Marks a field in words, which forced colours leave. */
function mark(cell, text = "", className = "") {
  cell.classList.toggle("changed", className == "changed");
  cell.classList.toggle("torn", className == "torn");
  let node = cell.querySelector(".mark");
  if (!text) return node?.remove();
  node ??= cell.appendChild(element("small", "", "mark"));
  if (node.textContent != text) node.textContent = text;
}

function show() {
  const { changed, conflicts } = binding;
  for (const el of controls()) {
    const cell = el.labels[0].parentElement;
    if (conflicts.includes(el.name)) mark(cell, "▲ Decide", "torn");
    else if (changed.includes(el.name)) mark(cell, "● Changed", "changed");
    else mark(cell);
  }
  const told = controls().filter((el) => el.getAttribute("aria-invalid") == "true").map((el) => el.name);
  const wrong = told.filter((name) => !conflicts.includes(name));
  const names = (list) => list.map(binding.labelOf).join(", ");
  const parts = [];
  if (wrong.length) parts.push(`✗ ${plural(wrong.length, "field")} to correct: ${names(wrong)}.`);
  if (conflicts.length) parts.push(`▲ ${plural(conflicts.length, "field")} to decide: ${names(conflicts)}.`);
  if (!parts.length && changed.length) parts.push(`● ${plural(changed.length, "unsaved change")}.`);
  $("summary").textContent = parts.join(" ");
  $("next").hidden = !told.length;
  if (changed.length) undo = undefined;
  $("undo").hidden = !undo;
  $("discard").hidden = !changed.length;

  const stored = JSON.parse(binding.contact);
  const name = [stored.name_title, stored.name_first, stored.name_last, stored.name_suffix].filter(Boolean).join(" ");
  $("title").textContent = name || "A contact without a name";
  document.title = name || "Contact";
  $("initials").textContent = [stored.name_first, stored.name_last].map((part) => [...(part ?? "")][0] ?? "").join("").toUpperCase();
  const fixed = { id: "Id", team_id: "Team", inserted_at: "Created", updated_at: "Last changed" };
  $("fixed").replaceChildren(...Object.entries(fixed).flatMap(([field, label]) => [element("dt", label), element("dd", stored[field])]));
  showDevelopers();
}

/** JSON text with a member a line; JSON.parse would round its numbers. */
function pretty(text) {
  let depth = 0;
  const line = () => "\n" + "  ".repeat(depth);
  return text.replace(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g, (token, at) => {
    const next = text[at + 1];
    if (token == "{" || token == "[") return next == "}" || next == "]" ? token : (depth++, token + line());
    if (token == "}" || token == "]") return text[at - 1] == "{" || text[at - 1] == "[" ? token : (depth--, line() + token);
    return token == "," ? token + line() : token == ":" ? ": " : token;
  });
}

function showDevelopers() {
  if (!$("developers").open || !binding) return;
  const patch = binding.patch();
  $("patch").textContent = pretty(patch);
  if (saver.lastPatch != "{}") $("last").textContent = `PATCH ${session.path}\n${pretty(saver.lastPatch)}`;
  const merged = engine?.merge(binding.contact, patch);
  $("merged").textContent = merged?.ok ? pretty(merged.text) : "";
}
$("developers").addEventListener("toggle", showDevelopers);

async function open(which) {
  $("open").hidden = true;
  $("loading").hidden = false;
  $("note").textContent = "";
  const answer = await connect(which).catch(() => ({ problem: "There is no connection. Try again when it is back." }));
  $("loading").hidden = true;
  if (answer.problem) {
    $("note").textContent = answer.problem;
    for (const name of ["contact", "token"]) $("open").elements[name].value = which[name] ?? "";
    $("open").hidden = false;
    return;
  }
  session = answer;
  binding = bindForm(form, later, { contact: session.contact, onerror() {} });
  saver = save(binding, (request) => session.send(request));
  binding.subscribe(show);
  // What was said of a save is over with the next change.
  form.addEventListener("input", () => saver.isSaving || (form.querySelector("[data-form-status]").textContent = ""));
  saver.subscribe(show);
  form.hidden = false;
  document.querySelector("aside").hidden = false;
  session.started?.({ form, binding, saver });
  show();
}

$("open").addEventListener("submit", (event) => {
  event.preventDefault();
  open(Object.fromEntries(new FormData($("open"))));
});
$("next").addEventListener("click", () => binding.focusFault());
$("discard").addEventListener("click", async () => {
  const { changed } = binding;
  if (!(await discards(`Discard ${plural(changed.length, "change")}?`))) return;
  undo = binding.discard();
  form.querySelector("[data-form-status]").textContent = "The changes are discarded.";
  $("undo").hidden = false;
  $("undo").focus();
});
$("undo").addEventListener("click", () => {
  undo?.();
  form.querySelector("[data-form-status]").textContent = "The changes are back.";
  $("save").focus();
});
addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() != "s" || !(event.ctrlKey || event.metaKey) || event.altKey || !binding) return;
  event.preventDefault();
  saver.submit();
});
addEventListener("offline", () => binding && ($("note").textContent = "There is no connection. You can go on editing, and save when it is back."));
addEventListener("online", () => ($("note").textContent = ""));

const first = remembered();
if (first) open(first);
else $("open").hidden = false;
