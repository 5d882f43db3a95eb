// The save: one request at a time, and an answer to every answer.
import type { ContactError } from "./contact.js";
import { members, parsed } from "./form-contact.js";
import type { FormBinding } from "./form.js";
import { say, sentence, type Key } from "./messages/index.js";

/** A request for `fetch(url, request)`: PATCH with the patch, or GET of the contact as it is now. */
export interface SaveRequest {
  method: "PATCH" | "GET";
  headers: Record<string, string>;
  body?: string;
}

/** How a save goes; "none" before the first one. */
export type SaveState =
  | "none" | "saving" | "saved" | "merged" | "unchanged" | "refused" | "decide" | "again" | "busy" | "broken" | "failed"
  | "offline" | "forbidden" | "gone";

export interface SaveOptions {
  /** The element for the status; by default `[data-form-status]` in the form, if there is one. */
  status?: HTMLElement | undefined;
  /** Another text for a state, "" for the catalogue's. */
  text?: ((state: SaveState, errors: readonly ContactError[]) => string) | undefined;
}

export interface Saver {
  readonly isSaving: boolean;
  readonly state: SaveState;
  /** The words for the state. */
  readonly text: string;
  /** The last patch that went out, as JSON text. */
  readonly lastPatch: string;
  /** Saves as the form's own submit does: after the fields were judged. */
  submit(): void;
  /** Calls back after every change. The function that it returns ends that. */
  subscribe(listener: (saver: Saver) => void): () => void;
  /** Ends the saver; the binding stays. */
  stop(): void;
}

const ATTEMPTS = 5;
/** Longer than that, in seconds, nobody waits for a busy service. */
const PATIENCE = 5;

/** A version 4 UUID, also in pages that are not served securely. */
function uuid() {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte, i) => (i == 6 ? (byte & 15) | 64 : i == 8 ? (byte & 63) | 128 : byte).toString(16).padStart(2, "0"));
  return hex.join("").replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Whether a patch has what another has not. */
function isNew(patch: string, wanted: string) {
  const before = members(wanted);
  return [...members(patch)].some(
    ([name, value]) => !before.has(name) || (name != "meta_public" && before.get(name) != value),
  );
}

/** The forms that are being saved: no other submit of theirs begins a save. */
export const busyForms = new WeakSet<HTMLFormElement>();

/** What is asked before the page is left. A form that is gone leaves no listener behind: one is for all. */
const unsavedForms = new Set<WeakRef<() => boolean>>();

/** Asks before a page with changes is left. The function that it returns ends that. */
function guardLeaving(unsaved: () => boolean) {
  if (!unsavedForms.size) addEventListener("beforeunload", askBeforeLeaving);
  for (const other of unsavedForms) if (!other.deref()) unsavedForms.delete(other);
  const ref = new WeakRef(unsaved);
  unsavedForms.add(ref);
  return () => void unsavedForms.delete(ref);
}

function askBeforeLeaving(event: Event) {
  for (const unsaved of unsavedForms) if (unsaved.deref()?.()) event.preventDefault();
}

const isContact = (text: string) => typeof (parsed(text) as { id?: unknown } | undefined)?.id == "string";

/**
 * Saves the form of a binding by PATCH when it is submitted: `save(binding, (request) => fetch(url, request))`.
 * A retry has the key of what it repeats; a busy service is asked again; changes of somebody else's are
 * merged; a refusal is shown at its fields. While there are changes, leaving the page is asked about.
 */
export function save(
  binding: FormBinding,
  send: (request: SaveRequest) => Promise<Response>,
  options: SaveOptions = {},
): Saver {
  const { form, messages } = binding;
  const status = options.status ?? form.querySelector<HTMLElement>("[data-form-status]");
  const listeners = new Set<(saver: Saver) => void>();
  const off = new AbortController();
  const { signal } = off;
  let state: SaveState = "none";
  let text = "";
  let saving = false;
  // A save that got no answer may have been made: the same patch goes out with the same key.
  let last = { patch: "", key: "" };

  function set(to: SaveState, errors: readonly ContactError[] = [], words = "") {
    state = to;
    const key = to == "refused" ? "" : to;
    const told = words || errors.map((error) => sentence(messages, error)).join(" ");
    text = options.text?.(to, errors) || told || (key && key != "none" ? say(messages, key as Key) : "");
    if (status) {
      if (!status.hasAttribute("role")) status.setAttribute("role", "status");
      status.textContent = text;
      status.setAttribute("data-state", to);
    }
    for (const listener of [...listeners]) listener(saver);
  }

  function busy(now: boolean) {
    saving = now;
    if (now) busyForms.add(form);
    else busyForms.delete(form);
    for (const el of form.elements)
      if (el instanceof HTMLElement && el.matches("[type=submit], button:not([type])"))
        now ? el.setAttribute("aria-disabled", "true") : el.removeAttribute("aria-disabled");
    if (now) form.setAttribute("aria-busy", "true");
    else form.removeAttribute("aria-busy");
  }

  const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

  /** Shows errors of any kind: the API's, problem details, or none that anybody can read. */
  function refuse(code: number, body: string) {
    const answer = parsed(body) as { errors?: ContactError[]; title?: unknown } | undefined;
    const errors = Array.isArray(answer?.errors) ? answer.errors.filter((error) => error?.meta) : [];
    const rest = binding.showErrors(errors);
    if (code == 401 || code == 403) return set("forbidden");
    if (code == 404 || code == 410) return set("gone");
    const words = errors.length || typeof answer?.title != "string" ? "" : answer.title;
    if (!errors.length && !words) return set("failed");
    if (errors.length > rest.length) {
      set("refused", rest, rest.length ? "" : say(messages, "several", {
        count: binding.faults.length, names: binding.faults.map(binding.labelOf).join(", "),
      }));
      binding.focusFault();
    } else set("refused", rest, words);
  }

  async function run() {
    const wanted = binding.patch({ version: false });
    let merged = false;
    for (let attempt = 0; ; attempt++) {
      // What the person has done since the submit is for the next save.
      if (merged && isNew(binding.patch({ version: false }), wanted)) return set("again");
      const patch = binding.begin();
      if (patch == "{}") return set(merged ? "merged" : "unchanged");
      if (patch != last.patch) last = { patch, key: uuid() };
      let response: Response;
      let body: string;
      try {
        response = await send({
          method: "PATCH",
          headers: { "Content-Type": "application/merge-patch+json", "Idempotency-Key": last.key },
          body: patch,
        });
        body = await response.text();
      } catch {
        return set("offline");
      }
      if (signal.aborted) return;
      const { ok, status: code } = response;
      const again = attempt < ATTEMPTS;
      if (code == 429 || code == 503 || (ok && !isContact(body) && code != 204)) {
        const seconds = Number(response.headers.get("Retry-After") ?? "x");
        if (code < 400) return set("failed");
        if (!again || !(seconds <= PATIENCE)) return set("busy");
        await wait(seconds);
        if (signal.aborted) return;
        continue;
      }
      if (code >= 500) return set(/"stored_contact_invalid"/.test(body) ? "broken" : "failed");
      last = { ...last, patch: "" };
      const stale = code == 412 || (code == 409 && /"(stale_update|precondition_failed)"/.test(body)) || code == 204;
      if (ok && code != 204) {
        binding.saved(body);
        lastPatch = patch;
        return set(merged ? "merged" : "saved");
      }
      if (!stale) return refuse(code, body);
      let now: string;
      try {
        const answer = await send({ method: "GET", headers: {} });
        now = await answer.text();
        if (!answer.ok) return refuse(answer.status, now);
      } catch {
        return set("offline");
      }
      if (signal.aborted) return;
      if (!isContact(now)) return set("failed");
      if (code == 204) {
        binding.saved(now);
        lastPatch = patch;
        return set("saved");
      }
      merged = true;
      if (binding.rebase(now).length) {
        set("decide");
        binding.focusFault();
        return;
      }
      if (!again) return set("again");
    }
  }

  let lastPatch = "{}";
  const saver: Saver = {
    get isSaving() {
      return saving;
    },
    get state() {
      return state;
    },
    get text() {
      return text;
    },
    get lastPatch() {
      return lastPatch;
    },
    submit: () => form.requestSubmit(),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop() {
      off.abort();
      unguard();
      if (saving) busy(false);
    },
  };

  // Before the binding judges: while a save is under way there is no other.
  form.addEventListener(
    "submit",
    async (event) => {
      const { submitter } = event as SubmitEvent;
      if (submitter?.getAttribute("formmethod") == "dialog") return;
      event.preventDefault();
      if (saving) return;
      const focus = document.activeElement;
      busy(true);
      set("saving");
      try {
        await run();
      } catch (error) {
        set("failed");
        reportError(error);
      }
      if (signal.aborted) return;
      busy(false);
      // A focus that a rendering has lost goes back to where the person was.
      if (document.activeElement == document.body && focus instanceof HTMLElement) focus.focus({ preventScroll: true });
      for (const listener of [...listeners]) listener(saver);
    },
    { signal },
  );
  // The form keeps what is asked, and nothing else does.
  const unsaved = () => saving || (form.isConnected && binding.isDirty);
  form.addEventListener("submit", () => unsaved, { signal });
  const unguard = guardLeaving(unsaved);
  return saver;
}
