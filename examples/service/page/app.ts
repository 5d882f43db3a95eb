// The contact form. The package judges every keystroke with the code that the
// service runs, and merges when somebody else was faster; this file only moves
// contacts between the form and the service.
import { load, type ContactError } from "@partner-contacts/contact";
import { bindForm, type FormBinding } from "@partner-contacts/contact/form";

// Every field that a person may change: its name, its label, its input type.
const groups: [string, [name: string, label: string, type?: string][]][] = [
  ["Name", [["name_title", "Title"], ["name_first", "First name"], ["name_last", "Last name"], ["name_suffix", "Suffix"]]],
  ["Person", [["birthdate", "Birthdate", "date"], ["timezone", "Timezone", "zone"], ["unique_id", "Your own id"]]],
  ["Reach", [["email", "Email"], ["phone_mobile", "Mobile phone", "tel"], ["phone_home", "Home phone", "tel"], ["phone_work", "Work phone", "tel"]]],
  ["Address", [["address", "Address"], ["address2", "Second line"], ["city", "City"], ["state", "State"], ["post_code", "Postal code"],
    ["county", "County"], ["country", "Country"]]],
  ["Consent", [["sms_verified", "SMS verified", "checkbox"], ["sms_opted_in", "SMS opted in", "checkbox"], ["sms_authorized", "SMS authorized", "checkbox"],
    ["sms_unsubscribed", "SMS unsubscribed", "checkbox"], ["email_verified", "Email verified", "checkbox"], ["email_opted_in", "Email opted in", "checkbox"],
    ["email_authorized", "Email authorized", "checkbox"], ["email_unsubscribed", "Email unsubscribed", "checkbox"]]],
  ["More", [["last_seen_at", "Last seen at"], ["active_journey_ids", "Journeys, one id a line", "textarea"],
    ["completed_objective_keys", "Objectives reached, one a line", "textarea"], ["meta_public", "Metadata, as JSON", "textarea"]]],
];

const get = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const opener = get<HTMLFormElement>("open");
const form = get<HTMLFormElement>("contact");
const save = get<HTMLButtonElement>("save");

for (const [title, fields] of groups) {
  const set = document.createElement("fieldset");
  const legend = document.createElement("legend");
  legend.textContent = title;
  set.append(legend);
  for (const [name, text, type = "text"] of fields) {
    const control = document.createElement(type == "textarea" ? "textarea" : "input");
    control.name = name;
    control.autocomplete = "off";
    if (control instanceof HTMLInputElement) {
      if (type == "zone") control.setAttribute("list", "zones");
      else control.type = type;
    }
    const label = document.createElement("label");
    if (type == "checkbox") {
      label.className = "check";
      label.append(control, text);
    } else label.append(text, control);
    const message = document.createElement("span");
    message.className = "message";
    message.dataset.errorFor = name;
    const cell = document.createElement("div");
    cell.append(label, message);
    set.append(cell);
  }
  get("fields").append(set);
}

function say(text: string, bad = false) {
  get("status").textContent = text;
  get("status").className = bad ? "bad" : "";
}

let binding: FormBinding | undefined;

// The contact that the form shows, whatever is in the opener by now.
interface Opened { id: string; token: string }
let opened: Opened;

async function call({ id, token }: Opened, method: string, body?: string, key?: string) {
  const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
  if (body) headers["Content-Type"] = "application/merge-patch+json";
  if (key) headers["Idempotency-Key"] = key;
  const response = await fetch(`/v2/partner/contacts/${encodeURIComponent(id)}`, { method, headers, body });
  const text = await response.text();
  const errors: ContactError[] = response.ok ? [] : JSON.parse(text).errors;
  return { status: response.status, text, errors };
}

async function open(which: Opened) {
  say("Loading…");
  const { status, text, errors } = await call(which, "GET");
  if (status != 200) return say(`${errors[0].title}. ${errors[0].detail}`, true);
  opened = which;
  last = { patch: "", key: "" };
  if (binding) {
    // What a save that got no answer has sent would be kept otherwise.
    form.reset();
    await new Promise((resolve) => setTimeout(resolve));
    binding.reset(text);
  } else
    binding = bindForm(form, load("/contact.wasm"), {
      contact: text,
      message: (issue) => {
        if ("theirs" in issue) return issue.theirs ? `Somebody else has changed this to “${issue.theirs}”.` : "Somebody else has cleared this.";
        return issue.meta.suggestion ? `Did you mean ${issue.meta.suggestion}?` : issue.detail;
      },
      onchange: ({ changed, conflicts }) => {
        get("pending").textContent = conflicts.length
          ? `${conflicts.length} to decide`
          : changed.length ? `${changed.length} changed` : "";
      },
    });
  form.hidden = false;
  say("");
}

// A save that got no answer may have been made: the same patch goes out with
// the same key until there is one.
let last = { patch: "", key: "" };

async function store(bound: FormBinding) {
  const wanted = bound.patch();
  for (let attempt = 0; attempt < 5; attempt++) {
    // What was ticked or half typed since is for the next save.
    if (attempt && bound.patch() != wanted) return say("Somebody else has saved meanwhile. Please look at it, and save again.", true);
    const patch = bound.patch({ version: true });
    if (patch == "{}") return say("There is nothing to save.");
    if (patch != last.patch) last = { patch, key: crypto.randomUUID() };
    const { status, text, errors } = await call(opened, "PATCH", patch, last.key);
    if (status < 500) last = { patch: "", key: "" };
    if (status == 200) {
      bound.reset(text);
      return say(attempt ? "Saved, together with somebody else’s changes." : "Saved.");
    }
    if (errors[0].code != "stale_update") {
      // After a fault of the service it may be stored all the same.
      const rest = status < 500 ? bound.show(errors) : errors;
      return say(rest.length ? rest.map((e) => `${e.title}. ${e.detail}`).join(" ") : "Please correct the marked fields.", true);
    }
    // Somebody else has saved since this form was loaded.
    const now = await call(opened, "GET");
    if (now.status != 200) return say(`${now.errors[0].title}. ${now.errors[0].detail}`, true);
    if (bound.rebase(now.text).length) return say("Somebody else has changed the same fields. Please decide on each marked one.", true);
  }
  say("Others are saving all the time. Please try again.", true);
}

// One thing at a time: the answer to a save would come to another contact.
let working = false;
const guard = async (work: () => Promise<void>) => {
  if (working) return say("One moment: the last step is still under way.");
  working = save.disabled = true;
  try {
    await work();
  } catch {
    say("The service cannot be reached. Please try again.", true);
  }
  working = save.disabled = false;
};

const asked = (): Opened => {
  const input = new FormData(opener);
  return { id: String(input.get("contact")), token: String(input.get("token")) };
};

opener.addEventListener("submit", (event) => {
  event.preventDefault();
  const changes = binding?.changed.length;
  if (changes && !confirm(`Discard ${changes} unsaved?`)) return;
  guard(() => open(asked()));
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (binding) guard(() => store(binding!));
});
get("reload").addEventListener("click", () => guard(() => open(opened)));

// #contact=…&token=… opens a contact; it leaves the address at once, so that
// the token stays out of the history.
const fragment = new URLSearchParams(location.hash.slice(1));
if (fragment.has("contact")) {
  history.replaceState(null, "", location.pathname);
  for (const name of ["contact", "token"]) opener.querySelector<HTMLInputElement>(`[name=${name}]`)!.value = fragment.get(name) ?? "";
  guard(() => open(asked()));
}
