// A contact form on the platform's own Constraint Validation API.
import type { Body, Contact, ContactError, Engine, Field, FieldName, Refused } from "./contact.js";

/** What is wrong with a field: a fault, or a change of somebody else's (`theirs` is what the control would show). */
export type Issue = ContactError | { theirs: string };

export interface FormOptions {
  /** The contact to edit, as the server gave it. */
  contact: Body;
  /** The sentence for an issue, for another wording or language. */
  message?: (issue: Issue, field: Field) => string;
  /** The captions of the two buttons that settle a conflict. */
  captions?: [mine: string, theirs: string];
  /** Called after every change of what the form shows or says. */
  onchange?: (binding: FormBinding) => void;
}

export interface FormBinding {
  /** The contact that changes count from, as JSON text. */
  readonly contact: string;
  /** The fields that differ from it. */
  readonly changed: FieldName[];
  /** The fields in conflict since `rebase` that the person has not settled yet. */
  readonly conflicts: FieldName[];
  /** Judges every bound field and shows the verdicts; true where nothing is wrong. */
  check(): boolean;
  /**
   * The minimal merge patch of what the person changed, as JSON text: "{}" if that is nothing, null for an optional
   * field that was emptied. Fields at fault or in conflict are left out: `check` tells. With `version` it also carries
   * updated_at, and a server answers 409 if the contact has changed since.
   */
  patch(options?: { version?: boolean }): string;
  /** Shows errors of the server at their fields, and returns those that have none here. */
  show(errors: readonly ContactError[]): ContactError[];
  /**
   * After a 409: takes the contact as it is now, merges the person's changes into it three ways, and marks the fields
   * that both changed, differently, until the person settles each. Returns these.
   */
  rebase(contact: Body): FieldName[];
  /** Shows this contact and forgets all changes, as after a save. */
  reset(contact: Body): void;
  /** Takes the binding off the form again. */
  unbind(): void;
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const isBox = (el: Control): el is HTMLInputElement => el.type == "checkbox";
const shown = (el: Control) => (isBox(el) ? `${el.checked}` : el.value);

// Shows a value as if a person had entered it, so that frameworks notice: React overrides the accessor on the element
// and takes the click of a checkbox for its change.
const enter = (el: Control, value: string) => {
  if (shown(el) == value) return;
  if ("options" in el && ![...el.options].some((o) => o.value == value)) el.add(new Option(value, value));
  Reflect.set(Object.getPrototypeOf(el), isBox(el) ? "checked" : "value", isBox(el) ? value == "true" : value, el);
  for (const type of [isBox(el) ? "click" : "input", "change"]) el.dispatchEvent(new Event(type, { bubbles: true }));
};

/**
 * Binds the controls of a form to the fields they are named after: inputs (text, email, tel, date and the like),
 * checkboxes, selects, and textareas (one item a line for arrays, JSON text for meta_public). Every change is judged by
 * the engine; what is wrong goes to setCustomValidity, aria-invalid and a message element, the one with
 * data-error-for="<name>" or a new one behind the control. A submit with something wrong in it stops before other
 * listeners see it. A select or datalist for the timezone that has no options is filled.
 */
export function bindForm(form: HTMLFormElement, engine: Engine, options: FormOptions): FormBinding {
  const {
    captions = ["Keep mine", "Use theirs"],
    message = (issue) =>
      "theirs" in issue
        ? `Changed meanwhile to “${issue.theirs}”.`
        : issue.detail + (issue.meta.suggestion ? ` Did you mean ${issue.meta.suggestion}?` : ""),
  } = options;
  const { noValidate } = form;
  const fields = new Map(engine.fields.filter((f) => f.writable).map((f) => [f.name as string, f]));
  const added: Element[] = [];
  const off = new AbortController();

  let base: string;
  // What the controls show of the base.
  const initial = new Map<string, string>();
  // What is wrong for other reasons than the value: faults the server found, and conflicts.
  const issues = new Map<string, Issue>();
  let entering = false;

  // Frameworks replace elements, so they are looked up each time.
  const controls = () =>
    ([...form.elements] as Control[]).filter((el) => fields.has(el.name) && el.type != "hidden");
  const fieldOf = (el: Control) => fields.get(el.name)!;
  const differs = (el: Control) => shown(el) != initial.get(el.name);
  const changed = () => controls().filter(differs);
  const theirsOf = (name: string) => (issues.get(name) as { theirs?: string })?.theirs;

  // What a control is given to show of a contact.
  const textOf = (el: Control, contact: string): string => {
    const { name, kind } = fieldOf(el);
    const value = (JSON.parse(contact) as Contact)[name];
    if (kind == "object") return accept(engine.pick(contact, [name])).text.slice(name.length + 4, -1);
    return (value as string[])?.join?.("\n") ?? `${value ?? ""}`;
  };

  // What a control shows, as JSON text.
  const jsonOf = (el: Control) => {
    const { kind } = fieldOf(el);
    const value = shown(el);
    if (/ids|strings/.test(kind)) return JSON.stringify(value.split("\n").filter(Boolean));
    return value && !/boolean|object/.test(kind) ? JSON.stringify(value) : value.trim() || "null";
  };

  const accept = <R extends { ok: boolean }>(result: R) => {
    if (!result.ok) throw Error((result as unknown as Refused).errors[0].detail);
    return result as R & { ok: true };
  };

  const edit = (els: Control[]) => accept(engine.edit(base, `{${els.map((el) => `"${el.name}":${jsonOf(el)}`)}}`)).text;

  const judge = (el: Control) => {
    const theirs = theirsOf(el.name);
    el.setCustomValidity("");
    // Where the platform finds a fault itself, as in a date half typed, there is no value to judge.
    if (el.validity.valid) {
      const issue = issues.get(el.name) ?? (differs(el) && engine.checkFieldText(fieldOf(el).name, jsonOf(el))[0]);
      if (issue) el.setCustomValidity(message(issue, fieldOf(el)));
    }
    let node = form.querySelector<HTMLElement>(`[data-error-for="${el.name}"]`);
    if (!node) {
      node = document.createElement("span");
      node.dataset.errorFor = el.name;
      (el.closest("label") ?? el).after(node);
      added.push(node);
    }
    node.id ||= "e" + Math.random();
    node.ariaLive = "polite";
    const text = el.validationMessage;
    if (node.firstChild?.nodeValue != (text || undefined)) {
      node.textContent = text;
      if (theirs != null)
        captions.forEach((caption, i) => {
          const button = document.createElement("button");
          button.type = "button";
          button.textContent = caption;
          button.onclick = () => {
            if (i) enter(el, theirs);
            touch(el);
            el.focus();
          };
          node.append(" ", button);
        });
    }
    el.ariaInvalid = `${!!text}`;
    const described = el.getAttribute("aria-describedby") ?? "";
    if (!described.includes(node.id)) el.setAttribute("aria-describedby", described + " " + node.id);
    return !text;
  };

  const check = () => controls().map(judge).every(Boolean);
  const refresh = (els = controls()) => {
    els.forEach(judge);
    options.onchange?.(binding);
  };

  const touch = (el: Control) => {
    issues.delete(el.name);
    refresh([el]);
  };

  // Makes a contact the base and has every control show it, or what `keep` says.
  const adopt = (contact: string, keep?: (el: Control) => string | undefined) => {
    base = contact;
    entering = true;
    for (const el of controls()) {
      const kept = keep?.(el);
      // A control may alter what it is given (a text input drops line breaks): what it then shows is no change.
      enter(el, textOf(el, contact));
      initial.set(el.name, shown(el));
      if (kept != null) enter(el, kept);
    }
    entering = false;
    refresh();
  };

  const stored = (contact: Body) => accept(engine.parseStored(contact, { ignoreUnknown: true })).text;

  const binding: FormBinding = {
    get contact() {
      return base;
    },
    get changed() {
      return changed().map((el) => fieldOf(el).name);
    },
    get conflicts() {
      return [...issues.keys()].filter((name) => theirsOf(name) != null) as FieldName[];
    },
    check,
    patch({ version } = {}) {
      const patch = edit(changed().filter(judge));
      return version && patch != "{}"
        ? `{"updated_at":"${(JSON.parse(base) as Contact).updated_at}",` + patch.slice(1)
        : patch;
    },
    show(errors) {
      const rest = errors.filter((error) => {
        const el = controls().find((el) => el.name == error.source?.pointer?.split("/")[1]);
        if (el) issues.set(el.name, error);
        return !el;
      });
      refresh();
      return rest;
    },
    rebase(contact) {
      const theirs = stored(contact);
      const mine = changed();
      const torn = binding.conflicts;
      issues.clear();
      // What is not valid cannot be merged: it stays as it is, in conflict with any change of theirs.
      const sound = mine.filter(judge);
      const ours = accept(engine.merge(base, edit(sound), { now: null })).text;
      // A conflict goes to the last side, so that each choice the person has keeps all else that either side changed.
      const yours = accept(engine.merge3(base, ours, theirs)).text;
      const kept = accept(engine.merge3(base, theirs, ours)).text;
      adopt(theirs, (el) => {
        if (!mine.includes(el)) return;
        const own = sound.includes(el) ? textOf(el, kept) : shown(el);
        // What was not settled before is not settled by another save.
        const open = torn.includes(el.name as FieldName);
        const other = textOf(el, open ? theirs : yours);
        if (own != other && (open || other != initial.get(el.name))) issues.set(el.name, { theirs: other });
        return own;
      });
      return binding.conflicts;
    },
    reset(contact) {
      const text = stored(contact);
      issues.clear();
      adopt(text);
    },
    unbind() {
      off.abort();
      form.noValidate = noValidate;
      for (const el of controls()) {
        el.setCustomValidity("");
        el.ariaInvalid = null;
      }
      for (const node of added) node.remove();
    },
  };

  const listen = (type: string, on: (event: Event) => void) =>
    form.addEventListener(type, on, { capture: true, signal: off.signal });
  for (const type of ["input", "change"])
    listen(type, ({ target }) => {
      const el = target as Control;
      // A control that loses the focus tells of its change again: what came up since is not settled by that.
      if (!entering && controls().includes(el)) type == "input" ? touch(el) : refresh([el]);
    });
  // The form puts its own defaults back after this event.
  listen("reset", () => setTimeout(() => off.signal.aborted || binding.reset(base)));
  listen("submit", (event) => {
    if (check()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    controls().find((el) => el.validationMessage)!.focus();
  });

  for (const el of controls()) {
    const list = "options" in el ? el : (el as HTMLInputElement).list;
    if (fieldOf(el).kind == "timezone" && list && list.children.length < 2)
      list.append(...["", ...engine.timezones].map((zone) => new Option(zone, zone)));
  }
  form.noValidate = true;
  binding.reset(options.contact);
  return binding;
}
