// The demo: a form, and a server that lives in the page and judges each request as the API does.
import { load } from "../dist/contact.js";
import { bindForm } from "../dist/form.js";

const $ = (id) => document.getElementById(id);
const form = $("contact");

// What the other person may save, by field: the first that is new.
const elsewhere = {
  phone_mobile: ["+1 872 555 0110", "+1 872 555 0199"],
  city: ["Evanston", "Skokie"],
  post_code: ["60201", "60302"],
  name_last: ["Okafor-Lindqvist", "Okafor"],
  timezone: ["America/Denver", "America/New_York"],
  address: ["640 Davis St", "118 N Oak Park Ave"],
  address2: ["Floor 2", "Apt 9"],
  email: ["m.okafor@example.org", "maria@example.net"],
  phone_home: ["+1 847 555 0175", "+1 708 555 0131"],
  phone_work: ["+1 312 555 0100", "+1 312 555 0101"],
  name_first: ["Maria", "Marie"],
  name_title: ["Prof.", "Dr."],
  name_suffix: ["MD", "PhD"],
  state: ["WI", "IN"],
  county: ["Lake", "DuPage"],
  country: ["USA", "CA"],
  birthdate: ["1990-03-01", "1991-02-28"],
  last_seen_at: ["2026-05-18T07:15:00Z", "2026-05-18T09:30:00Z"],
  unique_id: ["crm-20419", "crm-20420"],
  meta_public: [{ score: 14.25, owner: "Lena" }, { score: 9, owner: "Tomás" }],
  active_journey_ids: [["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"], []],
  completed_objective_keys: [["welcome", "profile_complete", "moved"], ["welcome"]],
};

// What the button types that makes mistakes.
const mistakes = {
  email: "maria.okafor",
  timezone: "america/chicago",
  last_seen_at: "2026-05-16 21:40",
  meta_public: '{"plan": "gold", "plan": "blue"}',
  active_journey_ids: "3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9\nnot an id",
};

// Small helpers

const element = (tag, text, className = "") => Object.assign(document.createElement(tag), { textContent: text, className });

/** Long texts are shown by their beginning. */
const brief = (text) => (text.length > 160 ? `${text.slice(0, 120)}… (${text.length.toLocaleString("en")} characters)` : text);

const time = (ms) => (ms < 0.9995 ? `${Math.max(1, Math.round(ms * 1000))} µs` : `${ms.toFixed(1)} ms`);

const plural = (n, one) => `${n.toLocaleString("en")} ${one}${n == 1 ? "" : "s"}`;

const bytes = (text) => new Blob([text]).size;

/** What the page calls a field. */
function labelOf(name) {
  const [label] = form.elements[name].labels;
  const group = label.closest("[role=group]")?.querySelector(".group").textContent;
  const texts = [...label.childNodes].filter((node) => node.nodeType == Node.TEXT_NODE).map((node) => node.data.trim());
  return (group ? group + ": " : "") + texts.join("");
}

const listed = (names) => new Intl.ListFormat("en").format(names.map(labelOf));

/** As much of a list of tokens from here as makes one short list or object. */
function short(tokens, from) {
  for (let to = from, open = 0; to < tokens.length && to < from + 14; to++) {
    open += "{[".includes(tokens[to]) - "}]".includes(tokens[to]);
    if (!open) return tokens.slice(from, to + 1);
  }
  return [];
}

/**
 * Shows JSON text, a member or item a line, and short lists and objects on one. It goes by the text, because JSON.parse
 * would round the numbers. The lines of the marked members are highlighted.
 */
function showJSON(node, text, marked = []) {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g);
  const rows = [];
  let line = [];
  let depth = 0;
  let member = "";
  const end = () => {
    const row = element(marked.includes(member) ? "mark" : "span", "  ".repeat(depth));
    row.append(...line);
    rows.push(row);
    line = [];
  };
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token == "{" || token == "[") {
      const inline = depth || tokens.length == 2 ? short(tokens, i) : [];
      const joined = inline.map((t) => ({ ":": ": ", ",": ", " })[t] ?? t).join("");
      if (joined && joined.length < 44) {
        line.push(joined);
        i += inline.length - 1;
      } else {
        line.push(token);
        end();
        depth++;
      }
    } else if (token == "}" || token == "]") {
      if (line.length) end();
      depth--;
      if (!depth) member = "";
      line.push(token);
    } else if (token == ",") {
      line.push(token);
      end();
    } else if (token == ":") {
      line.push(": ");
    } else if (tokens[i + 1] == ":") {
      if (depth == 1) member = token.slice(1, -1);
      line.push(element("span", brief(token), "key"));
    } else {
      line.push(token == "null" ? element("span", token, "null") : brief(token));
    }
  }
  end();
  node.replaceChildren(...rows);
}

// The clock

const times = [];
let counted = 0;
// What the page asks for its own sake does not count.
let counting = false;

/** The engine with a clock at the checks of single fields. */
const timed = (engine) => ({
  ...engine,
  checkFieldText(...args) {
    const start = performance.now();
    const errors = engine.checkFieldText(...args);
    const ms = performance.now() - start;
    if (counting) {
      counted++;
      times.push({ ms, bad: errors.length > 0 });
      times.splice(0, times.length - 40);
    }
    return errors;
  },
});

function showTimes() {
  if (!counted) return;
  const sorted = times.map(({ ms }) => ms).sort((a, b) => a - b);
  $("last").textContent = time(times.at(-1).ms);
  $("median").textContent = time(sorted[sorted.length >> 1]);
  $("count").textContent = plural(counted, "check");
  // The tallest bar stands for 0.1 ms at least, so that a quick row looks quick.
  const most = Math.max(0.1, sorted.at(-1));
  $("spark").replaceChildren(
    ...times.map(({ ms, bad }) => {
      const bar = element("i", "", bad ? "bad" : "");
      bar.style.height = `${(ms / most) * 100}%`;
      return bar;
    }),
  );
}

// The page

async function main() {
  const start = performance.now();
  const [engine, contact] = await Promise.all([load(), fetch("contact.json").then((response) => response.text())]);
  const loaded = performance.now() - start;
  const { id } = JSON.parse(contact);

  // The server: what it stores, and what a handler of the operation does with a request.
  let stored = contact;
  function send(body) {
    const update = engine.parseUpdate({
      pathId: id,
      scopes: ["partner:contacts:write"],
      contentType: "application/merge-patch+json",
      idempotencyKey: crypto.randomUUID(),
      body,
    });
    const result = update.ok ? engine.merge(stored, update.text) : update;
    if (result.ok) stored = result.text;
    $("answer").hidden = false;
    $("answer").className = result.ok ? "line good" : "line";
    $("answer").replaceChildren("→ ", element("b", result.ok ? "200" : `${result.status}`), result.ok ? " OK" : ` ${result.errors[0].code}`);
    return result;
  }

  const say = (text, mood = "") => Object.assign($("status"), { textContent: text, className: mood });

  function show(binding) {
    counting = false;
    const begin = performance.now();
    const patch = binding.patch();
    const merged = engine.merge(binding.contact, patch);
    $("merging").textContent = time(performance.now() - begin);
    counting = true;
    showTimes();

    const { changed, conflicts } = binding;
    const before = JSON.parse(binding.contact);
    const controls = [...form.elements].filter((el) => el.name);
    const wrong = controls.filter((el) => el.ariaInvalid == "true" && !conflicts.includes(el.name)).map((el) => el.name);
    const mood = (name) => (conflicts.includes(name) ? "torn" : wrong.includes(name) ? "bad" : "");

    for (const { name, labels } of controls) {
      const { classList } = labels[0].parentElement;
      classList.toggle("changed", changed.includes(name));
      classList.toggle("torn", conflicts.includes(name));
    }

    showJSON($("patch"), patch);
    $("size").textContent = plural(bytes(patch), "byte");
    showJSON($("merged"), merged.ok ? merged.text : binding.contact, merged.changed);
    $("lines").textContent = merged.changed?.length ? `${plural(merged.changed.length - 1, "field")} and the version` : "as it is stored";

    const words = (value) => (value === true ? "yes" : value === false ? "no" : Array.isArray(value) ? value.join(", ") : (value ?? ""));
    const item = (name) => {
      const el = form.elements[name];
      const li = element("li", "", mood(name));
      li.append(element("b", labelOf(name)));
      if (name == "meta_public") {
        const members = Object.keys(JSON.parse(patch).meta_public ?? {});
        li.append(element("ins", mood(name) ? "not sent as it is" : members.map(brief).join(", ") || "only written differently"));
      } else {
        const value = el.type == "checkbox" ? words(el.checked) : words(el.value.split("\n").filter(Boolean));
        if (words(before[name])) li.append(element("del", brief(words(before[name]))), " ");
        li.append(element("ins", value ? brief(value) : el.validity.badInput ? "incomplete" : "empty"));
      }
      return li;
    };
    $("changed").replaceChildren(...changed.map(item));
    if (!changed.length) $("changed").append(element("li", "None yet: change a field and watch.", "none"));

    const name = [before.name_title, before.name_first, before.name_last, before.name_suffix].filter(Boolean).join(" ");
    $("title").textContent = brief(name) || "A contact without a name";
    $("initials").textContent = [before.name_first, before.name_last].map((part) => [...(part ?? "")][0] ?? "").join("").toUpperCase();
    $("fixed").replaceChildren(
      ...["id", "type", "team_id", "inserted_at", "updated_at"].flatMap((field) => [element("dt", field), element("dd", before[field])]),
    );

    const parts = [];
    if (conflicts.length) parts.push(`${listed(conflicts)}: keep yours or use theirs.`);
    if (wrong.length) parts.push(`${listed(wrong)}: please look again.`);
    if (parts.length) say(parts.join(" "), wrong.length ? "bad" : "torn");
    else say(changed.length ? `${plural(changed.length, "change")}, ready to save.` : "No changes.");
  }

  const binding = bindForm(form, timed(engine), {
    contact,
    onchange: show,
    message(issue, { name }) {
      if (!("theirs" in issue)) return ""; // the package's own sentence
      const quote = (text) => (text ? `“${brief(text)}”` : "nothing here");
      return `Someone else saved ${quote(issue.theirs)}, you have ${quote(form.elements[name].value)}.`;
    },
  });

  // Takes what the server has now, and says so.
  function rebase(intro) {
    const conflicts = binding.rebase(stored);
    const merged = binding.changed.length > conflicts.length;
    if (conflicts.length) say(`${intro} You both changed ${listed(conflicts)}: decide there.`, "torn");
    else say(`${intro}${merged ? " Your changes are merged into theirs: save again." : ""}`, "good");
    if (conflicts.length) form.elements[conflicts[0]].focus();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const patch = binding.patch({ version: true });
    if (patch == "{}") return say("No changes, so nothing was sent.");
    const result = send(patch);
    if (result.ok) {
      const saved = result.changed.filter((name) => name != "updated_at");
      binding.reset(stored);
      say(`Saved ${listed(saved)}.`, "good");
    } else if (result.status == 409) {
      rebase("409: someone else saved first.");
    } else {
      const rest = binding.show(result.errors);
      if (rest.length) say(rest.map((error) => error.detail).join(" "), "bad");
    }
  });

  // Somebody saves one field that the person changed too, and two that they did not; then the person's own save fails.
  $("meanwhile").addEventListener("click", () => {
    const { changed } = binding;
    const values = {};
    const take = (names, most) => {
      for (const name of names) {
        const mine = form.elements[name].value;
        const value = elsewhere[name]?.find((value) => value != mine && engine.edit(stored, { [name]: value }).text != "{}");
        if (value !== undefined && most-- > 0) values[name] = value;
      }
    };
    take(changed, 1);
    take(Object.keys(elsewhere).filter((name) => !changed.includes(name)), 2);
    send(JSON.stringify(values));
    const saved = `omeone else saved ${listed(Object.keys(values))}.`;
    const patch = binding.patch({ version: true });
    if (patch == "{}") return rebase("S" + saved);
    send(patch);
    rebase("Your save got a 409: s" + saved);
  });

  $("mistakes").addEventListener("click", () => {
    for (const [name, value] of Object.entries(mistakes)) {
      form.elements[name].value = value;
      for (const type of ["input", "change"])
        form.elements[name].dispatchEvent(new Event(type, { bubbles: true }));
    }
    form.elements[Object.keys(mistakes)[0]].focus();
  });

  $("path").textContent = `/v2/partner/contacts/${id}`;
  $("engine").textContent = `Judged in this page by the engine of the server, with the ${engine.timezones.length} zones of tzdb ${engine.tzdb}. Loaded in ${Math.round(loaded)} ms.`;
  form.removeAttribute("aria-busy");
}

main().catch((error) => {
  $("engine").textContent = "The engine did not load.";
  Object.assign($("status"), { textContent: `The engine did not load: ${error.message}`, className: "bad" });
});
