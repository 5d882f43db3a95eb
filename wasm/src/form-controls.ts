// The controls that can show a field: one table of what holds what, and for each kind how it is
// read and written, and how its texts and the field's value become each other.
import type { Field } from "./fields.gen.js";
import { parsed } from "./form-contact.js";

/** An input, select or textarea, or a form-associated custom element. */
export interface Control extends HTMLElement {
  type: string;
  value: any;
  checked?: boolean;
  readonly form: HTMLFormElement | null;
  readonly labels: NodeListOf<HTMLLabelElement> | null;
  readonly validity?: ValidityState;
  readonly willValidate?: boolean;
  readonly validationMessage?: string;
  setCustomValidity?(message: string): void;
}

/** How controls show texts: a text box shows one, a group of boxes those that are ticked. */
interface Face {
  /** All controls of one name show the field together. */
  together?: boolean;
  read(controls: Control[]): string[];
  /** What the controls would show of these texts: a date input shows no other text than a date. */
  fit(texts: string[], controls: Control[]): string[];
  write(texts: string[], controls: Control[]): void;
  /** The texts that a person can choose from, where there is a choice of several. */
  choices?(controls: Control[]): string[];
}

/** How a value, as JSON text, becomes texts, and texts the value. */
interface Codec {
  texts(value: string, controls: Control[]): string[];
  value(texts: string[], lists: Lists): string;
}

/** What a value is made in view of, where the controls show only part of a list. */
interface Lists {
  stored: string;
  now: string;
  choices: string[];
}

// As if a person had entered it, so that frameworks notice: React overrides the accessor on the
// element and takes the click of a box for its change.
function enter(el: Control, property: "value" | "checked", value: unknown) {
  if (el[property] === value && !el.validity?.badInput) return;
  Reflect.set(Object.getPrototypeOf(el), property, value, el);
  announce(el, property == "checked" ? "click" : "input", "change");
}

function announce(el: Element, ...types: string[]) {
  // The document's own: a test environment may have another one beside it.
  const { Event } = el.ownerDocument.defaultView ?? globalThis;
  for (const type of types) el.dispatchEvent(new Event(type, { bubbles: true }));
}

/** The options that were not the page's. */
const added = new WeakSet<Element>();

/** The options that were added to selects and datalists. */
export const optionsAdded = (controls: Control[]) =>
  controls
    .flatMap((el) => [el, (el as unknown as HTMLInputElement).list ?? el])
    .flatMap((list) => [...list.querySelectorAll("option")])
    .filter((option) => added.has(option));

/** The name of an element as its form has it; a custom element need not have the property. */
export const nameOf = (el: Element) => el.getAttribute("name") ?? "";

export function addOption(list: Element, value: string) {
  const option = new Option(value, value);
  added.add(option);
  list.append(option);
}

const optionsOf = ([el]: Control[]) => [...(el as unknown as HTMLSelectElement).options];

const box: Face = {
  read: ([el]) => [el.value == null ? "" : `${el.value}`],
  fit([text], [el]) {
    // A select gets an option for what it does not list; an element of the page's own shows all.
    if (el.localName != "input" && el.localName != "textarea") return [text];
    const probe = el.cloneNode() as Control;
    // One line has no line ends; without them words would run into each other.
    probe.value = el.localName == "input" ? text.replace(/\s*[\r\n]+\s*/g, " ") : text;
    return [probe.value];
  },
  write([text], controls) {
    const [el] = controls;
    if (el.localName == "select" && !optionsOf(controls).some((option) => option.value == text))
      addOption(el, text);
    enter(el, "value", text);
  },
};

const tick: Face = {
  read: ([el]) => [`${!!el.checked}`],
  fit: ([text]) => [`${text == "true"}`],
  write: ([text], [el]) => enter(el, "checked", text == "true"),
};

const ticks: Face = {
  together: true,
  choices: (controls) => controls.map((el) => el.value),
  read: (controls) => controls.filter((el) => el.checked).map((el) => el.value),
  fit: (texts, controls) => ticks.choices!(controls).filter((choice) => texts.includes(choice)),
  write(texts, controls) {
    for (const el of controls) enter(el, "checked", texts.includes(el.value));
  },
};

const options: Face = {
  choices: (controls) => optionsOf(controls).map((option) => option.value),
  read: (controls) =>
    optionsOf(controls).filter((option) => option.selected).map((option) => option.value),
  fit: (texts, controls) => options.choices!(controls).filter((choice) => texts.includes(choice)),
  write(texts, controls) {
    for (const option of optionsOf(controls)) option.selected = texts.includes(option.value);
    announce(controls[0], "input", "change");
  },
};

/** A custom element whose value is an array. */
const array: Face = {
  read: ([el]) => [...el.value],
  fit: (texts) => texts,
  write: (texts, [el]) => enter(el, "value", texts),
};

const noLists: Lists = { stored: "null", now: "null", choices: [] };

const list = (value: string): string[] => {
  const items = parsed(value);
  return Array.isArray(items) ? items.map(String) : [];
};

const plain: Codec = {
  texts: (value) => [String(parsed(value) ?? "")],
  value: ([text = ""]) => (text ? JSON.stringify(text) : "null"),
};

/** What is before and behind a value that holds no spaces: copied text brings them along. */
const margins = /^[\s\u200b-\u200d\u2060]+|[\s\u200b-\u200d\u2060]+$/g;

/** A value without spaces around it. */
const token: Codec = {
  texts: plain.texts,
  value: ([text = ""]) => plain.value([text.replace(margins, "")], noLists),
};

/** JSON text as it stands. */
const json: Codec = {
  texts: (value) => [value == "null" ? "" : value],
  value: ([text = ""]) => text.trim() || "null",
};

/** A moment in the reader's time zone, as fine as the control can enter it. */
const moment: Codec = {
  texts(value, [el]) {
    const date = new Date(String(parsed(value) ?? ""));
    if (isNaN(+date)) return [""];
    const local = new Date(+date - date.getTimezoneOffset() * 60_000);
    const step = el.getAttribute("step") || "60";
    const length = +step % 60 == 0 ? 16 : +step % 1 == 0 ? 19 : 23;
    return [local.toISOString().slice(0, length)];
  },
  value([text], { stored }) {
    if (!text) return "null";
    const utc = Date.parse(text + "Z");
    const from = (minutes: number) => new Date(utc + minutes * 60_000);
    // An hour that comes twice is the one that was stored, where that fits.
    const before = new Date(String(parsed(stored))).getTimezoneOffset();
    const kept = from(before);
    const date = kept.getTimezoneOffset() == before ? kept : new Date(text);
    // An hour that is skipped is no timestamp.
    return JSON.stringify(+from(date.getTimezoneOffset()) == +date ? date.toJSON() : text);
  },
};

/** Items to choose from. What is not there to choose stays in the list; stored items keep order. */
const chosen: Codec = {
  texts: list,
  value(texts, { stored, now, choices }) {
    const before = list(stored);
    const wanted = [...list(now).filter((item) => !choices.includes(item)), ...texts];
    return JSON.stringify([
      ...before.filter((item) => wanted.includes(item)),
      ...new Set(wanted.filter((item) => !before.includes(item))),
    ]);
  },
};

/** The whole list. */
const whole: Codec = {
  texts: list,
  value: (texts) => JSON.stringify(texts),
};

// An item that a line cannot hold stands there as a JSON string, and so does one that looks so.
const quoted = /^$|[\n\r]|^".*"$/s;

/** An item a line. Blank lines are none: an empty item is written "". */
export const lines: Codec = {
  texts: (value) => [
    list(value).map((item) => (quoted.test(item) ? JSON.stringify(item) : item)).join("\n"),
  ],
  value: ([text]) =>
    JSON.stringify(
      text.split("\n").filter(Boolean).map((line) => {
        const item = quoted.test(line) && parsed(line);
        return typeof item == "string" ? item : line;
      }),
    ),
};

/** Ids have no spaces around them. */
const idLines: Codec = {
  texts: lines.texts,
  value: ([text], which) => lines.value([text.split("\n").map((line) => line.replace(margins, "")).join("\n")], which),
};

interface Kind {
  controls: string;
  fields: string;
  face: Face;
  codec: Codec;
}

const tokens = "date timezone timestamp enum";
const scalars = "string " + tokens;
const lists = "ids strings";

/** What can show what; the first row that fits is taken, what none fits is refused. */
const kinds: readonly Kind[] = [
  { controls: "text search tel url email password textarea hidden select-one custom",
    fields: "string", face: box, codec: plain },
  { controls: "text search tel url email password textarea hidden select-one custom",
    fields: tokens, face: box, codec: token },
  { controls: "number month week time", fields: "string", face: box, codec: plain },
  { controls: "date", fields: "date string", face: box, codec: plain },
  { controls: "datetime-local", fields: "timestamp", face: box, codec: moment },
  { controls: "radio", fields: scalars, face: ticks, codec: plain },
  { controls: "radio", fields: "boolean", face: ticks, codec: json },
  { controls: "checkbox custom-checked", fields: "boolean", face: tick, codec: json },
  { controls: "select-one hidden custom", fields: "boolean", face: box, codec: json },
  { controls: "checkbox", fields: lists, face: ticks, codec: chosen },
  { controls: "select-multiple", fields: lists, face: options, codec: chosen },
  { controls: "custom-array", fields: lists, face: array, codec: whole },
  { controls: "textarea", fields: "ids", face: box, codec: idLines },
  { controls: "textarea", fields: "strings", face: box, codec: lines },
  { controls: "hidden", fields: lists, face: box, codec: json },
  { controls: "textarea text hidden custom", fields: "object", face: box, codec: json },
];

const inert = "fieldset output object button submit reset image".split(" ");

/** Whether an element of a form holds nothing that a person enters. */
export const isInert = (el: Element) =>
  inert.includes(el.localName) || (el.localName == "input" && inert.includes((el as Control).type));

function namesOf(el: Control): string[] {
  if (!el.localName.includes("-")) return [el.type];
  if (Array.isArray(el.value)) return ["custom-array"];
  return [typeof el.checked == "boolean" && "custom-checked", "value" in el && "custom"].filter(
    (name) => typeof name == "string",
  );
}

const kindOf = (el: Control, field: Field) =>
  kinds.find(
    ({ controls, fields }) =>
      fields.split(" ").includes(field.kind) &&
      namesOf(el).some((name) => controls.split(" ").includes(name)),
  );

const equal = (a: string[], b: string[]) => JSON.stringify(a) == JSON.stringify(b);

/** The controls of one name that show its field together, most often a single one. */
export class View {
  constructor(
    readonly field: Field,
    readonly controls: Control[],
    readonly kind: Kind,
  ) {}

  /** Whether somebody has entered half of something, which scripts cannot read. */
  get incomplete() {
    return this.controls.some((el) => el.validity?.badInput);
  }

  /** The texts that the controls would show of a value. */
  private fitting(value: string) {
    const { face, codec } = this.kind;
    return face.fit(codec.texts(value, this.controls), this.controls);
  }

  private valueOf(texts: string[], stored: string, now: string) {
    const { face, codec } = this.kind;
    return codec.value(texts, { stored, now, choices: face.choices?.(this.controls) ?? [] });
  }

  /** What the controls say, as a value; the stored one where they show what they would of that. */
  value(stored: string, now: string) {
    const { face, codec } = this.kind;
    const texts = face.read(this.controls);
    // Choices are made in view of what cannot be chosen there, which may have been edited elsewhere.
    const restored = codec != chosen && equal(texts, this.fitting(stored));
    return restored ? stored : this.valueOf(texts, stored, now);
  }

  /** Whether the controls show a value; a text that means it may be written in another way. */
  shows(value: string) {
    const texts = this.kind.face.read(this.controls);
    return !this.incomplete && (equal(texts, this.fitting(value)) || this.valueOf(texts, value, value) == value);
  }

  /** Shows a value. Texts that mean this value already stay as they are written. */
  show(value: string) {
    if (!this.shows(value)) this.kind.face.write(this.fitting(value), this.controls);
  }

  /** What a person sees of a value. */
  words(value: string) {
    return this.kind.codec.texts(value, this.controls).join("\n");
  }

  /** The line of an item of a list, counted from 1; undefined where a line is no item. */
  line(index: number): number | undefined {
    if (this.kind.codec != lines && this.kind.codec != idLines) return undefined;
    const filled = this.kind.face.read(this.controls)[0].split("\n").map((line, i) => line && i + 1);
    return filled.filter(Boolean)[index] as number | undefined;
  }
}

/** Why a control cannot show a field; undefined if it can. */
export function refusal(el: Control, field: Field): string | undefined {
  const kind = kindOf(el, field);
  const what = `bindForm: <${el.localName} type="${el.type ?? ""}" name="${nameOf(el)}">`;
  if (!kind) return `${what} cannot show a field of the kind ${field.kind}`;
  const choices = el.localName == "select" ? options.choices!([el]) : el.type == "radio" ? [el.value] : [];
  if (field.kind == "boolean" && choices.some((choice) => !["true", "false", ""].includes(choice)))
    return `${what} shows a boolean: its values must be true, false or empty`;
}

/** Sorts controls into views; those that cannot show their field are left out. */
export function viewsOf(controls: Control[], fieldOf: (el: Control) => Field): View[] {
  const views: View[] = [];
  for (const el of controls) {
    const field = fieldOf(el);
    // A hidden input beside a visible control is what a form without scripts would send.
    const shadowed = controls.some((other) => nameOf(other) == nameOf(el) && other.type != "hidden");
    if ((el.type == "hidden" && shadowed) || refusal(el, field)) continue;
    const kind = kindOf(el, field)!;
    const group = kind.face.together && views.find((v) => v.field == field && v.kind == kind);
    if (group) group.controls.push(el);
    else views.push(new View(field, [el], kind));
  }
  return views;
}
