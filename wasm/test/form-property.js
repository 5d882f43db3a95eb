// Runs in a page: random sequences of what may happen to a form, beside a model of it that knows
// nothing but what the person did. It is deterministic: a sequence is its number.
import { load } from "/dist/contact.js";
import { bindForm } from "/dist/form.js";
import { task } from "/test/task.js";

const id = (n) => `11111111-1111-4111-8111-${String(n).padStart(12, "0")}`;
const ids = [1, 2, 3, 4].map(id);
const keys = ["welcome", "moved", "two\nlines", "", '"quoted"', "late"];
const metas = [{}, { a: 1 }, { a: 2, b: 1 }, { b: 2 }, { c: { d: [null, 1.5] } }, { a: 1, c: null }];

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
const text = (name, type) => `<input type="${type}" name="${name}">`;
const area = (name) => `<textarea name="${name}"></textarea>`;
const several = (name, type, values) =>
  values.map((value) => `<label><input type="${type}" name="${name}" value="${escape(value)}">x</label>`).join("");
const select = (name, values, multiple = "") =>
  `<select ${multiple} name="${name}">${values.map((value) => `<option value="${escape(value)}">x</option>`).join("")}</select>`;

/** The fields, with the controls that each may have and the values that a person may give it. */
const table = {
  name_title: {
    values: [null, "Dr.", "Ms.", "Mr."],
    controls: [text("name_title", "text"), several("name_title", "radio", ["", "Dr.", "Ms.", "Mr."]), select("name_title", ["", "Ms."])],
  },
  city: {
    values: [null, "Bonn", "Ulm", " é\u2028"],
    controls: [text("city", "search"), area("city"), text("city", "hidden"), text("city", "text") + text("city", "text")],
  },
  address: { values: [null, "1 Main St", "2 Main St\nFlat 3"], controls: [area("address"), text("address", "text")] },
  birthdate: { values: [null, "1990-02-28", "2000-02-29"], wrong: ["1990-02-30"], controls: [text("birthdate", "date"), text("birthdate", "text")] },
  timezone: { values: [null, "UTC", "Asia/Kolkata"], wrong: ["PST", "utc"], controls: [text("timezone", "text"), select("timezone", [])] },
  last_seen_at: {
    values: [null, "2024-01-02T03:04:00.000Z", "2025-06-07T08:09:00.000Z"],
    controls: [text("last_seen_at", "datetime-local"), text("last_seen_at", "text")],
  },
  sms_opted_in: {
    values: [true, false],
    controls: [text("sms_opted_in", "checkbox"), several("sms_opted_in", "radio", ["true", "false"]), select("sms_opted_in", ["true", "false"])],
  },
  email_opted_in: { values: [true, false], controls: [text("email_opted_in", "checkbox"), text("email_opted_in", "hidden") + text("email_opted_in", "checkbox")] },
  meta_public: { values: metas, wrong: ["{", '{"a":1,"a":2}'], controls: [area("meta_public")] },
  active_journey_ids: {
    values: [[], [ids[0]], [ids[2], ids[0]], ids],
    wrong: [["no id"]],
    items: ids,
    controls: [area("active_journey_ids"), several("active_journey_ids", "checkbox", ids.slice(1)), select("active_journey_ids", ids, "multiple")],
  },
  completed_objective_keys: {
    values: [[], ["welcome"], keys, ["moved", "moved", "other"]],
    items: keys,
    controls: [
      area("completed_objective_keys"),
      several("completed_objective_keys", "checkbox", keys.slice(0, 4)),
      select("completed_objective_keys", keys.slice(1), "multiple"),
    ],
  },
};
const fields = Object.keys(table);

const same = (a, b) => canonical(a) === canonical(b);
const canonical = (value) =>
  JSON.stringify(value, (_, v) =>
    v && typeof v == "object" && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort()) : v,
  );

/** RFC 7396 */
function apply(target, patch) {
  if (typeof patch != "object" || !patch || Array.isArray(patch)) return patch;
  const result = typeof target == "object" && target && !Array.isArray(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch))
    if (value === null) delete result[name];
    else result[name] = apply(result[name], value);
  return result;
}

/** mulberry32 */
function random(seed) {
  return (n) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % n;
  };
}

let fired = 0;
const fire = (el, ...types) => {
  fired++;
  for (const type of types) el.dispatchEvent(new Event(type, { bubbles: true }));
};

/** Enters a value as a person would, and tells what the person then wants. */
function enter(field, value, wanted) {
  const els = [...document.querySelectorAll(`[name=${field}]`)].filter((el) => el.type != "hidden" || field == "city");
  const [el] = els;
  if (table[field].items && el.type != "textarea") {
    // A few ticks: the list is that of before with these on or off.
    const list = Array.isArray(wanted) ? wanted : [];
    const choices = el.localName == "select" ? [...el.options].map((o) => o.value) : els.map((el) => el.value);
    for (const [i, choice] of choices.entries()) {
      const on = value.includes(choice);
      if (el.localName == "select") el.options[i].selected = on;
      else if (els[i].checked != on) {
        els[i].checked = on;
        fire(els[i], "input", "change");
      }
    }
    if (el.localName == "select") fire(el, "input", "change");
    return [...list.filter((item) => !choices.includes(item)), ...choices.filter((choice) => value.includes(choice))];
  }
  if (el.type == "radio") {
    const button = els.find((el) => el.value == String(value ?? ""));
    button.checked = true;
    fire(button, "input", "change");
  } else if (el.type == "checkbox") {
    el.checked = value;
    fire(el, "input", "change");
  } else {
    if (Array.isArray(value)) value = value.map((item) => (/^$|\n|^".*"$/s.test(item) ? JSON.stringify(item) : item)).join("\n");
    else if (field == "meta_public" && typeof value == "object") value = JSON.stringify(value, null, 1);
    else if (el.type == "datetime-local" && value) {
      const date = new Date(value);
      value = new Date(date - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
    }
    el.value = String(value ?? "");
    if (el.localName == "select" && el.value != String(value ?? "")) {
      el.add(new Option(value, value));
      el.value = value;
    }
    // A widget's hidden input tells nobody.
    if (el.type != "hidden") fire(el, "input", "change");
  }
  return value;
}

/** One sequence. It returns the steps up to a difference, or nothing. */
async function sequence(number, engine, contact, length) {
  const pick = random(number);
  const any = (list) => list[pick(list.length)];
  const log = [];
  const form = document.body.appendChild(document.createElement("form"));
  form.innerHTML = `<div></div><button></button>`;
  form.addEventListener("submit", (event) => event.preventDefault());
  const place = form.firstChild;
  const hide = (field) => place.querySelectorAll(`.${field}`).forEach((node) => node.remove());
  const show = (field, i = pick(table[field].controls.length)) => {
    hide(field);
    place.insertAdjacentHTML("beforeend", `<div class="${field}">${table[field].controls[i]}</div>`);
  };
  for (const field of fields) if (pick(3)) show(field);

  let server = JSON.parse(contact);
  for (const field of fields) if (pick(2)) server[field] = any(table[field].values);
  delete server.email_opted_in;
  let text = JSON.stringify(server);
  let clock = 0;
  const store = (patch) => {
    // The store of this test holds what no engine would: a consent that is absent.
    const before = JSON.parse(text);
    for (const [name, value] of Object.entries(patch)) before[name] = name == "meta_public" ? apply(before[name], value) : value;
    before.updated_at = new Date(Date.UTC(2030, 0, 1) + ++clock).toISOString();
    text = JSON.stringify(before);
  };

  const late = pick(4) == 0;
  let arrive;
  const promise = late ? new Promise((resolve) => (arrive = () => resolve(engine))) : engine;
  let there = !late;
  const bind = () => bindForm(form, promise, { contact: text, validate: any(["input", "blur", "submit"]) });
  let binding = bind();

  // The model
  let stored = JSON.parse(text);
  const edits = new Map();
  const conflicts = new Map();
  const of = (field) => stored[field] ?? (table[field].items ? [] : field == "meta_public" ? {} : null);
  // A list is wrong with an item of a wrong one in it.
  const isWrong = (field, value) =>
    (table[field].wrong ?? []).some((wrong) =>
      Array.isArray(wrong) && Array.isArray(value) ? wrong.some((item) => value.includes(item)) : same(wrong, value),
    );
  // Lists that were ticked have no order of the person's.
  const equal = (field, a, b) =>
    table[field].items && Array.isArray(a) && Array.isArray(b) ? same([...new Set(a)].sort(), [...new Set(b)].sort()) : same(a, b);
  const set = (field, value) => {
    // An unticked box that stands for an absent consent is as it was.
    const restored = same(value, of(field)) || (field == "email_opted_in" && value === false && of(field) == null);
    if (restored || (ticked && equal(field, value, of(field)))) edits.delete(field);
    else edits.set(field, value);
    conflicts.delete(field);
  };
  let ticked = false;
  const merge = (now, sent) => {
    const was = Object.fromEntries(fields.map((field) => [field, of(field)]));
    stored = now;
    for (const field of fields) {
      const theirs = of(field);
      // What was taken back while it was being saved is an edit; an unticked box is false then.
      if (sent?.has(field) && !edits.has(field)) edits.set(field, was[field] ?? (field == "email_opted_in" ? false : null));
      else if (sent?.has(field) && equal(field, sent.get(field), edits.get(field))) edits.delete(field);
      if (!edits.has(field)) continue;
      const open = conflicts.has(field);
      if (same(edits.get(field), theirs) || equal(field, edits.get(field), theirs)) edits.delete(field), conflicts.delete(field);
      else if (sent?.has(field)) continue;
      else if (open || !same(was[field], theirs)) conflicts.set(field, theirs);
    }
  };

  const steps = {
    show: (field) => show(field),
    hide: (field) => hide(field),
    edit(field) {
      if (!place.querySelector(`.${field}`)) return;
      const { values, wrong = [] } = table[field];
      let value = any(pick(5) ? values : [...wrong, ...values]);
      // The hidden input before a checkbox is not for people.
      const [el] = [...place.querySelectorAll(`.${field} [name]`)].filter((el) => el.type != "hidden" || field == "city");
      // What the control has no way to enter.
      if (el.type == "date" && isWrong(field, value)) return;
      if (el.localName == "input" && typeof value == "string" && value.includes("\n")) return;
      if (el.localName == "select" && !el.multiple && isWrong(field, value)) return;
      if (table[field].items && el.type != "textarea" && isWrong(field, value)) return;
      const now = edits.has(field) ? edits.get(field) : of(field);
      ticked = !!table[field].items && el.type != "textarea";
      fired = 0;
      const got = enter(field, value, now);
      // Boxes that are as they should be are not clicked.
      if (!fired && el.type == "checkbox") return;
      if (ticked) value = got;
      // To write the same into a hidden input says nothing.
      if (el.type == "hidden" && conflicts.has(field) && same(value, now)) return;
      log.push(`${field} = ${JSON.stringify(value)} in ${el.type}`);
      set(field, value);
      ticked = false;
      // The null of a new member stands for none.
      if (field == "meta_public" && typeof value == "object" && edits.has(field)) {
        edits.set(field, apply({}, value));
        if (same(edits.get(field), of(field))) edits.delete(field);
      }
    },
    /** A framework writes something back, without an event, when that of the person's is over. */
    async overwrite(field) {
      await task();
      const [el] = place.querySelectorAll(`.${field} :is(input:not([type=hidden], [type=radio], [type=checkbox]), textarea)`);
      if (el) el.value = "";
    },
    leave(field) {
      const [el] = place.querySelectorAll(`.${field} [name]`);
      if (el) fire(el, "focusout");
    },
    async save() {
      const patch = JSON.parse(binding.begin());
      delete patch.updated_at;
      const sent = new Map(Object.keys(patch).map((field) => [field, edits.get(field)]));
      store(patch);
      for (let n = pick(3); n > 0; n--) steps.edit(any(fields));
      binding.saved(text);
      merge(JSON.parse(text), sent);
    },
    conflict() {
      const changes = {};
      for (let n = 1 + pick(3); n > 0; n--) {
        const field = any(fields);
        // What comes of both sides' changes to an object is tested elsewhere.
        if (field == "meta_public" && edits.has(field)) continue;
        const value = field == "meta_public" ? any([{ a: 5 }, { e: 1 }, { a: null }]) : any(table[field].values);
        // Whether lists differ in more than their order depends on that of the ticks, which is not known here.
        if (edits.has(field) && !same(edits.get(field), value) && equal(field, edits.get(field), value)) continue;
        changes[field] = value;
      }
      store(changes);
      log.push(`others: ${JSON.stringify(changes)}`);
      if (pick(2)) binding.rebase(text);
      else {
        binding.unbind();
        binding = bind();
      }
      merge(JSON.parse(text));
    },
    settle() {
      const field = [...conflicts.keys()].find((field) => place.querySelector(`.${field} [data-error-for] button`));
      if (!field) return;
      const [keep, take] = place.querySelectorAll(`.${field} [data-error-for] button`);
      if (pick(2)) keep.click(), conflicts.delete(field);
      else {
        const theirs = conflicts.get(field);
        take.click();
        set(field, theirs);
      }
    },
    async reset() {
      // A reset that no person asks for changes nothing.
      if (pick(2)) return form.reset();
      const button = form.appendChild(Object.assign(document.createElement("button"), { type: "reset" }));
      button.click();
      button.remove();
      await task();
      edits.clear();
      conflicts.clear();
    },
    check: () => void binding.validate(),
    async arrive() {
      arrive?.();
      await promise;
      there = true;
    },
  };
  const weights = { show: 4, hide: 3, edit: 14, overwrite: 2, leave: 2, save: 1, conflict: 2, settle: 2, check: 1, reset: pick(5) ? 0 : 1, arrive: late ? 1 : 0 };
  const deck = Object.entries(weights).flatMap(([name, n]) => Array(n).fill(name));

  for (let i = 0; i < length; i++) {
    const step = any(deck);
    const field = any(fields);
    log.push(`${step} ${field}`);
    try {
      await steps[step](field);
    } catch (error) {
      return [...log, `${error.stack}`];
    }
    // Mutation observers, and the timers of the binding now and then.
    await (pick(4) ? undefined : task());

    const got = JSON.parse(binding.patch({ version: false }));
    const want = [...edits].filter(
      ([field, value]) => !conflicts.has(field) && !isWrong(field, value) && (field != "meta_public" || there),
    );
    for (const [field, value] of want) {
      const written = field == "meta_public" ? apply(of(field), got[field]) : got[field];
      if (!(field in got) || !equal(field, written, value))
        return [...log, `${field}: ${JSON.stringify(value)} was edited, the patch has ${JSON.stringify(got[field])}, stored is ${JSON.stringify(of(field))}`];
    }
    for (const field of Object.keys(got))
      if (!want.some(([name]) => name == field))
        return [...log, `${field}: nobody chose ${JSON.stringify(got[field])}, stored is ${JSON.stringify(of(field))}, edited ${JSON.stringify(edits.get(field))}`];
    const torn = binding.conflicts.join();
    const expected = fields.filter((field) => conflicts.has(field)).sort().join();
    if (torn.split(",").sort().join() != expected) return [...log, `conflicts: ${torn} for ${expected}`];
  }
  binding.unbind();
  form.remove();
}

/** Runs sequences and returns the first that differs, with its number, or how many steps there were. */
export async function run(from, to, length, contact) {
  const engine = await load();
  for (let number = from; number < to; number++) {
    const fault = await sequence(number, engine, contact, length);
    if (fault) return { number, fault };
  }
  return { steps: (to - from) * length };
}
