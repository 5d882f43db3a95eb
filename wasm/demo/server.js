// The demo's server: it lives in the page and judges each request as the API does. With it come a
// second person, and lines and services that fail.
import { load } from "../dist/contact.js";

const path = "/v2/partner/contacts/";
const query = new URLSearchParams(location.search);
let stored;

/** What the page opens by itself. */
export const remembered = () => (query.has("empty") ? undefined : { contact: "demo", token: "demo" });

const answer = (status, body) => new Response(body, { status, headers: { "Content-Type": "application/json" } });

async function patch(body) {
  const engine = await load();
  const result = engine.merge(stored, body);
  if (!result.ok) return answer(result.status, JSON.stringify({ errors: result.errors }));
  stored = result.text;
  return answer(200, stored);
}

/** Opens a contact. */
export async function connect() {
  if (query.has("slow")) await new Promise((resolve) => setTimeout(resolve, Number(query.get("slow"))));
  stored = await (await fetch("contact.json")).text();
  return {
    contact: stored,
    path: path + JSON.parse(stored).id,
    started,
    async send({ method, body }) {
      await new Promise((resolve) => setTimeout(resolve, Number(query.get("latency") ?? 150)));
      if (query.has("offline")) throw new TypeError("Failed to fetch");
      return method == "GET" ? answer(200, stored) : patch(body);
    },
  };
}

// What the other person saves, by field: the first that is new.
const elsewhere = {
  phone_mobile: ["+1 872 555 0110", "+1 872 555 0199"], city: ["Evanston", "Skokie"], post_code: ["60201", "60302"],
  name_last: ["Okafor-Lindqvist", "Okafor"], timezone: ["America/Denver", "America/New_York"], email: ["m.okafor@example.org", "maria@example.net"],
};

const mistakes = {
  email: "maria.okafor", timezone: "america/chicago", meta_public: '{"plan": "gold", "plan": "blue"}',
  active_journey_ids: "3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9\nnot an id",
};

function started({ form, binding }) {
  const add = (id, text, act) => {
    const button = Object.assign(document.createElement("button"), { id, type: "button", textContent: text });
    button.addEventListener("click", act);
    document.getElementById("try").append(button);
  };
  document.getElementById("try").hidden = false;
  add("meanwhile", "Someone else saves", () => {
    const { changed } = binding;
    const now = JSON.parse(stored);
    // One that was changed here, for a conflict, and one that was not.
    const names = Object.keys(elsewhere);
    const both = [names.find((name) => changed.includes(name)), names.find((name) => !changed.includes(name))];
    const entries = both.filter(Boolean).map((name) => [name, elsewhere[name].find((value) => value != now[name] && value != form.elements[name].value)]);
    const { updated_at } = now;
    return patch(JSON.stringify({ updated_at, ...Object.fromEntries(entries) }));
  });
  add("mistakes", "Make some mistakes", () => {
    for (const [name, value] of Object.entries(mistakes)) {
      form.elements[name].value = value;
      for (const type of ["input", "change"]) form.elements[name].dispatchEvent(new Event(type, { bubbles: true }));
    }
    form.elements.email.focus();
  });
}
