// Runs in a page: random sequences of all that changes a form without telling. The oracle looks at the
// page alone: at every moment at which a person may decide, what a control shows is what is stored with
// the patch in it, and what differs from what is stored is marked. It is deterministic.
import { load } from "/dist/contact.js";
import { bindForm } from "/dist/form.js";
import { task } from "/test/task.js";

const html = `<label>a<input name="city"></label><input name="state"><textarea name="address"></textarea><input type="date" name="birthdate">
  <select name="country"><option value=""></option><option>DE</option><option>US</option><option>FR</option></select>
  <input type="checkbox" name="sms_opted_in"><input type="checkbox" name="email_opted_in">
  <input type="radio" name="name_title" value="Dr."><input type="radio" name="name_title" value="Ms."><input type="radio" name="name_title" value="">
  <button type="reset"></button><button></button>`;
const values = {
  city: ["", "Bonn", "Oslo", "Ulm"], state: ["", "NY", "IL"], address: ["", "1 Main St", "2 Main St\nFlat 3"], birthdate: ["", "1990-02-28", "2000-02-29"],
  country: ["", "DE", "US", "FR"], sms_opted_in: [true, false], email_opted_in: [true, false], name_title: ["", "Dr.", "Ms."],
};
const names = Object.keys(values);
const consents = ["sms_opted_in", "email_opted_in"];

function random(seed) {
  return (n) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % n;
  };
}

const fire = (el, ...types) => types.forEach((type) => el.dispatchEvent(new Event(type, { bubbles: true })));
const natively = (el, name, value) => Object.getOwnPropertyDescriptor(Object.getPrototypeOf(el), name).set.call(el, value);

async function sequence(number, engine, contact, length) {
  const pick = random(number);
  const any = (list) => list[pick(list.length)];
  const server = JSON.parse(contact);
  for (const name of names) server[name] = any(values[name]);
  let text = JSON.stringify(server);
  let form = document.querySelector("main").appendChild(document.createElement("form"));
  form.innerHTML = html;
  form.addEventListener("submit", (event) => event.preventDefault());
  let binding = bindForm(form, engine, { contact: text });
  // The only thing that is remembered beside the page: the consents that a person gave or took.
  const given = {};
  const log = [];

  const of = (name) => [...form.querySelectorAll(`[name=${name}]`)];
  const read = (name) => {
    const [el] = of(name);
    if (el.type == "checkbox") return el.checked;
    return el.type == "radio" ? (of(name).find((el) => el.checked)?.value ?? "") : el.value;
  };
  const write = (name, value, set) => {
    const els = of(name);
    if (els[0].type == "checkbox") set(els[0], "checked", value);
    else if (els[0].type == "radio") for (const el of els) set(el, "checked", el.value == value);
    else set(els[0], "value", value);
  };
  const plainly = (el, name, value) => (el[name] = value);

  const steps = {
    async person(name, value) {
      if (of(name)[0].type == "checkbox") {
        if (of(name)[0].checked == value) return;
        of(name)[0].click();
        given[name] = value;
        // While the event goes around, the page may veto it.
        await task();
      } else {
        write(name, value, natively);
        fire(of(name)[0], "input", "change");
      }
    },
    script: (name, value) => write(name, value, plainly),
    async late(name, value) {
      await task();
      queueMicrotask(() => write(name, value, plainly));
    },
    // The browser's own never touches a consent but to restore a page; here the page is not restored.
    autofill: (name, value) => consents.includes(name) || write(name, value, natively),
    reset: () => HTMLFormElement.prototype.reset.call(form),
    discard() {
      form.querySelector("[type=reset]").click();
      for (const name of consents) delete given[name];
      return task();
    },
    clone() {
      const copy = form.cloneNode(true);
      copy.addEventListener("submit", (event) => event.preventDefault());
      if (pick(2)) binding.unbind();
      form.replaceWith(copy);
      form = copy;
      binding = bindForm(form, engine, { contact: text });
    },
    async move() {
      form.remove();
      if (pick(2)) await task();
      document.querySelector("main").append(form);
    },
    translate() {
      for (const el of form.querySelectorAll("label,[data-error-for]"))
        for (const node of [...el.childNodes]) if (node.nodeType == Node.TEXT_NODE) {
          const font = document.createElement("font");
          node.replaceWith(font);
          font.append(node);
        }
    },
    render(name) {
      const els = of(name);
      for (const el of els) {
        const fresh = el.cloneNode(true);
        el.replaceWith(fresh);
      }
    },
    save() {
      const patch = JSON.parse(binding.begin());
      const now = { ...JSON.parse(text), ...patch };
      now.updated_at = new Date(Date.parse(now.updated_at) + 1000).toISOString();
      text = JSON.stringify(now);
      binding.saved(text);
      for (const name of consents) delete given[name];
    },
    refuse: () => void (binding.begin(), binding.showErrors([])),
  };
  const deck = [..."person person person person script script late autofill autofill reset discard clone move translate render save refuse".split(" ")];
  const moments = [
    (name) => fire(of(name)[0], "focusout"),
    () => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })),
    () => dispatchEvent(new Event("pageshow")),
    () => form.requestSubmit(),
    () => void binding.changed,
  ];

  for (let i = 0; i < length; i++) {
    const step = any(deck);
    const name = any(names);
    const value = any(values[name]);
    log.push(`${step} ${name} ${JSON.stringify(value)}`);
    await steps[step](name, value);
    const moment = pick(moments.length);
    log.push(`moment ${moment}`);
    moments[moment](any(names));
    // Leaving a field and coming back are told in tasks of their own.
    if (moment < 3) for (let n = 0; n < 3; n++) await task();

    const stored = JSON.parse(text);
    const patch = JSON.parse(binding.patch({ version: false }));
    const { changed } = binding;
    for (const name of names) {
      const before = stored[name] ?? "";
      const sent = name in patch ? (patch[name] ?? "") : before;
      const shows = read(name);
      if (shows !== sent) return [...log, `${name} shows ${JSON.stringify(shows)}, and ${JSON.stringify(sent)} would be there after a save`];
      if (shows !== before && !changed.includes(name)) return [...log, `${name} shows ${JSON.stringify(shows)} and is not marked`];
      if (consents.includes(name) && shows !== (given[name] ?? before)) return [...log, `nobody gave ${name} ${shows}`];
    }
  }
  binding.unbind();
  form.remove();
}

/** Runs sequences and returns the first that differs, with its number, or how many there were. */
export async function run(from, to, length, contact) {
  const engine = await load();
  document.body.append(document.createElement("main"));
  for (let number = from; number < to; number++) {
    const fault = await sequence(number, engine, contact, length);
    if (fault) return { number, fault };
  }
  return { sequences: to - from };
}
