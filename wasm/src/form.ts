// A contact form. Its state is what the person has changed, field by field (form-edits.ts), known
// from the events of its controls (form-controls.ts), and told to the person (form-notices.ts).
import type { Body, ContactError, Engine } from "./contact.js";
import type { Field, FieldName } from "./fields.gen.js";
import { readContact } from "./form-contact.js";
import {
  addedOptions, addOption, isInert, refusal, viewsOf, type Control, type View,
} from "./form-controls.js";
import { Edits, writable } from "./form-edits.js";
import { Notices } from "./form-notices.js";
import { checkFieldText, timezones } from "./instant.js";
import en from "./messages/en.js";
import { say, sentence, type Catalogue, type Issue } from "./messages/index.js";

export type { Catalogue, Issue };

export interface FormOptions {
  /** The contact to edit, as the server gave it. */
  contact: Body;
  /**
   * When a field is judged first: when the person leaves it ("blur", the default), while they type,
   * or at a submit. A message that is shown is judged anew while they type, whatever this says.
   */
  validate?: "blur" | "input" | "submit";
  /** The language of the messages, one of `@partner-contacts/contact/messages/…`. English if none. */
  messages?: Catalogue;
  /** The sentence for an issue, in other words; where it gives "" the catalogue's is taken. */
  message?: (issue: Issue, field: Field) => string;
  /** Open shadow roots that hold controls of the form. */
  roots?: readonly ShadowRoot[];
  /** Called after every change of what the form shows or says. */
  onchange?: (binding: FormBinding) => void;
  /**
   * Called if the engine cannot be loaded, with the reason; `reportError` if there is none. The form
   * goes on without it: only a change of meta_public cannot be sent.
   */
  onerror?: (reason: unknown) => void;
}

export interface FormBinding {
  /** The contact that changes count from, as JSON text. */
  readonly contact: string;
  /** The fields that the person has changed. */
  readonly changed: FieldName[];
  /** The fields with something wrong in them, whether it is shown yet or not. */
  readonly faults: FieldName[];
  /** The fields in conflict since `rebase` that the person has not settled yet. */
  readonly conflicts: FieldName[];
  /** Judges every field and shows the verdicts; true where nothing is wrong. */
  check(): boolean;
  /**
   * The minimal merge patch of what the person changed, as JSON text: "{}" if that is nothing, null
   * for an optional field that was emptied. Fields with a fault or a conflict are left out: `check`
   * tells. With `version` it also carries updated_at, so that a server answers 409 if the contact
   * has changed since.
   */
  patch(options?: { version?: boolean }): string;
  /** Shows errors of the server at their fields, and returns those that have none here. */
  show(errors: readonly ContactError[]): ContactError[];
  /**
   * After a 409: takes the contact as it is now, merges the person's changes into it three ways, and
   * marks the fields that both changed, differently, until the person settles each. Returns these.
   */
  rebase(contact: Body): FieldName[];
  /**
   * Shows this contact and forgets the changes. After a submit, or a patch with `version`, it
   * forgets those that went out with it and keeps what the person has changed since.
   */
  reset(contact: Body): void;
  /** Takes the binding off the form again. */
  unbind(): void;
}

const bindings = new WeakMap<HTMLFormElement, FormBinding>();

/** What the last binding of a form left: a framework may bind anew for each contact it gets. */
const left = new WeakMap<HTMLFormElement, { edits: Edits; justNow: boolean }>();

/** Controls that have been bound: what stands in them may be another contact's. */
const known = new WeakSet<Element>();

const byName = new Map<string, Field>(writable.map((field) => [field.name, field]));

/** The rules that are about one value alone. Any other may be about what several fields hold. */
const aboutOne = ["required", "null", "type", "enum", "uuid", "date", "timestamp", "timezone", "size", "depth", "syntax"];

/**
 * Binds the controls of a form to the fields they are named after. The engine may still be loading:
 * until it has come, and if it never does, fields are judged without it. A control that cannot show
 * its field is refused with a TypeError that names it, and nothing is bound then.
 */
export function bindForm(
  form: HTMLFormElement,
  engine: Engine | PromiseLike<Engine>,
  options: FormOptions,
): FormBinding {
  const { validate = "blur", messages = en } = options;
  const shadows = options.roots ?? [];
  const roots = [form.getRootNode() as Document | ShadowRoot, ...shadows];
  const fieldOf = (el: Control) => byName.get(el.name)!;
  const everything = () =>
    [...form.elements, ...shadows.flatMap((root) => [...root.querySelectorAll("[name]")])] as Control[];
  const controls = () => everything().filter((el) => byName.has(el.name) && !isInert(el));

  const edits = new Edits(readContact(options.contact));
  for (const el of controls()) {
    const why = refusal(el, fieldOf(el));
    if (why) throw TypeError(why);
  }
  // Nothing has been touched up to here.
  bindings.get(form)?.unbind();

  const { noValidate } = form;
  const notices = new Notices(form);
  const off = new AbortController();
  const { signal } = off;
  let elements: Control[] = [];
  let views: View[] = [];
  /** Errors that the server has found. */
  const refused = new Map<Field, ContactError>();
  /** The fields whose verdict is shown. */
  const judged = new Set<Field>();
  /** The controls that a person is busy with. They are read again when all others have seen the event. */
  const touched = new Set<Control>();
  let composing: Control | undefined;
  /** Whether the engine is still to come. */
  let waiting = true;
  /** Whether somebody has asked for a verdict meanwhile that only it can give. */
  let asked = false;
  /** Whether events are of our own making. */
  let entering = false;

  const viewsOn = (field: Field) => views.filter((view) => view.field == field);
  const viewOf = (target: EventTarget | null) =>
    views.find(({ controls }) => controls.includes(target as Control));
  const names = (which: Iterable<Field>) => Array.from(which, ({ name }) => name);

  // What is wrong

  /** The sentence for an issue. */
  function words(issue: Issue, field: Field): string {
    const own = options.message?.(issue, field);
    if (own) return own;
    const item = "theirs" in issue ? null : /^(\/\w+)\/(\d+)$/.exec(issue.source?.pointer ?? "");
    if ("theirs" in issue || !item) return sentence(messages, issue, field);
    // An item of a list is told by the line it stands in, where it has one.
    const line = viewsOn(field)[0]?.line(+item[2]);
    const pointer = line ? `${item[1]}/${line - 1}` : item[1];
    return sentence(messages, { ...issue, source: { pointer } }, field);
  }

  /** What is wrong with the value of a field; "" if nothing is. */
  function faultIn(field: Field): string {
    const edited = edits.has(field);
    for (const view of viewsOn(field)) {
      const fault = notices.platformFault(view, edited || view.incomplete);
      if (fault) return fault;
    }
    const value = edits.get(field);
    if (value === undefined) return "";
    const errors = (edits.engine?.checkFieldText ?? checkFieldText)(field.name, value);
    if (errors) return errors.length ? words(errors[0], field) : "";
    // The server judges what nobody here can. But a patch for meta_public needs the engine.
    if (field.kind != "object" || (waiting && !asked)) return "";
    return say(messages, waiting ? "waiting" : "unavailable");
  }

  function faultOf(field: Field): string {
    const theirs = edits.conflicts.get(field);
    const error = refused.get(field);
    if (theirs !== undefined) return words({ theirs: viewsOn(field)[0]?.words(theirs) ?? theirs }, field);
    return error ? words(error, field) : faultIn(field);
  }

  const faulty = () => writable.filter(faultOf);

  /** Whether only the engine can tell, which has not come yet. */
  const undecided = () => waiting && edits.changed().some(({ kind, name }) => kind == "object" && checkFieldText(name, edits.get(byName.get(name)!)!) === undefined);

  /** The fields that a patch can have. */
  const sound = () =>
    edits.changed().filter((field) => !edits.unreadable(field) && !edits.conflicts.has(field) && !faultIn(field));

  // What the form shows

  function tell(field: Field) {
    if (composing && fieldOf(composing) == field) return;
    const torn = edits.conflicts.has(field);
    const text = judged.has(field) || torn || refused.has(field) ? faultOf(field) : "";
    const buttons = torn && {
      [say(messages, "keep")]: () => decide(field),
      [say(messages, "take")]: () => decide(field, edits.conflicts.get(field)),
    };
    for (const view of viewsOn(field)) notices.tell(view, text ? { text, buttons: buttons || {} } : undefined);
  }

  function refresh(which: readonly Field[] = writable) {
    which.forEach(tell);
    options.onchange?.(binding);
  }

  function decide(field: Field, theirs?: string) {
    edits.conflicts.delete(field);
    if (theirs !== undefined) edits.set(field, theirs);
    judged.add(field);
    display(viewsOn(field));
    refresh();
    viewsOn(field)[0]?.controls[0].focus();
  }

  /** Has controls show what the form holds. Frameworks notice; for us it is no edit. */
  function display(which = views) {
    entering = true;
    try {
      for (const view of which)
        if (!(edits.unreadable(view.field) && view.incomplete)) view.show(edits.now(view.field));
    } finally {
      entering = false;
    }
    // What we have put into hidden inputs.
    watch.takeRecords();
    scan();
  }

  /** Takes notice of controls that have come or gone. */
  function scan() {
    const present = controls();
    if (present.length == elements.length && present.every((el, i) => el == elements[i])) return;
    const fresh = present.filter((el) => !elements.includes(el));
    elements = present;
    views = viewsOf(present, fieldOf);
    notices.sweep(present);
    const added = views.filter((view) => view.controls.some((el) => fresh.includes(el)));
    for (const el of fresh) {
      const why = known.has(el) ? undefined : refusal(el, fieldOf(el));
      if (why) reportError(TypeError(why));
      known.add(el);
      pageValue.set(el, el.value);
      const list = el.localName == "select" ? el : (el as unknown as HTMLInputElement).list;
      if (fieldOf(el).kind == "timezone" && list && list.children.length < 2)
        for (const zone of ["", ...timezones]) addOption(list, zone);
    }
    display(added);
    for (const { field } of added) tell(field);
  }

  // What the person does

  /** Takes what a view says for what the person wants, and tells whether that is news. */
  function note(view: View) {
    const { field } = view;
    const value = view.incomplete ? undefined : view.value(edits.stored.value(field), edits.now(field));
    if (!edits.set(field, value)) return false;
    refused.delete(field);
    for (const [other, { meta }] of refused) if (!aboutOne.includes(meta?.rule)) refused.delete(other);
    display(viewsOn(field).filter((other) => other != view));
    return true;
  }

  /** Reads again what was touched: the page's own handlers may have put it into another form. */
  function reread() {
    observe(watch.takeRecords());
    const again = views.filter(
      (view) => view.incomplete || edits.unreadable(view.field) || view.controls.some((el) => touched.has(el)),
    );
    return again.filter(note).length > 0;
  }

  function onEvent(event: Event) {
    const view = viewOf(event.target);
    if (entering || !view) return;
    const el = event.target as Control;
    const { type } = event;
    composing = type == "compositionstart" || (event as InputEvent).isComposing ? el : undefined;
    // The end of the typing is not told as an edit: what a framework has put there since is none.
    const left = type == "focusout";
    if (left ? view.incomplete || edits.unreadable(view.field) : type != "compositionstart") {
      const news = note(view);
      // A control that loses the focus tells of its change again: that settles no conflict.
      if (news || type == "input") edits.conflicts.delete(view.field);
      if (!left) touched.add(el);
    }
    const due = validate == "input" || (validate == "blur" && (left || type == "change"));
    if (due && !composing && (edits.has(view.field) || view.incomplete)) judged.add(view.field);
  }

  function afterEvent(event: Event) {
    const view = viewOf(event.target);
    if (entering || !view) return;
    reread();
    refresh();
  }

  /** The values of hidden inputs before they showed anything of ours. */
  const pageValue = new WeakMap<Element, unknown>();

  function observe(records: MutationRecord[]) {
    const hidden = new Set(records.filter((r) => r.attributeName == "value").map((r) => r.target as Control));
    let news = false;
    for (const el of hidden) {
      const view = el.type == "hidden" && viewOf(el);
      // React has an accessor of its own on the elements it renders, and renders them as they were.
      const renders = view && Object.hasOwn(el, "value") && el.value === pageValue.get(el);
      if (view && !(renders && !edits.has(view.field)) && note(view)) news = true;
    }
    scan();
    if (news) refresh();
  }

  const watch = new MutationObserver((records) => observe(records));

  /** Whether a person has typed into a control before it was bound, as far as the platform tells. */
  function typedBefore({ controls }: View) {
    return controls.some((el) => {
      if (known.has(el) || el.localName.includes("-") || el.type == "hidden") return false;
      const { defaultChecked, defaultValue } = el as unknown as HTMLInputElement;
      if (el.matches(":user-valid, :user-invalid"))
        return el.checked === undefined || !["checkbox", "radio"].includes(el.type) ? el.value != "" : el.checked != defaultChecked;
      return defaultValue !== undefined && (el.getRootNode() as Document).activeElement == el && el.value != "" && el.value != defaultValue;
    });
  }

  // Submits

  /** The first thing in the page's order that is wrong: a control, or a field that has none now. */
  function firstFault(): Control | Field | undefined {
    const wrong = faulty();
    const bound = new Set(views.flatMap((view) => view.controls));
    const pages = (el: Control) => !noValidate && !bound.has(el) && "checkValidity" in el && !(el as any).checkValidity();
    return everything().filter((el) => (bound.has(el) ? wrong.includes(fieldOf(el)) : pages(el)))[0] ?? wrong[0];
  }

  function onSubmit(event: SubmitEvent) {
    const submitter = event.submitter as HTMLButtonElement | null;
    // The server judges anew.
    refused.clear();
    if (!submitter?.formNoValidate) {
      const sound = check();
      const fault = firstFault();
      if (fault || !sound) {
        event.preventDefault();
        event.stopImmediatePropagation();
        if (fault) reach(fault);
        else hold(submitter);
        return;
      }
    }
    send();
  }
