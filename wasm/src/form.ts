// A contact form. Its state is the person's changes, field by field (form-edits.ts). Whenever the
// person may decide, each control (form-controls.ts) is compared with that state: a difference is
// either the person's (form-cause.ts) and taken, or the control is made to show the state again.
import type { Body, ContactError, Engine } from "./contact.js";
import type { Field, FieldName } from "./fields.gen.js";
import { isNative, watchWrites, wasRestored } from "./form-cause.js";
import { readContact } from "./form-contact.js";
import { addOption, isInert, nameOf, optionsAdded, refusal, viewsOf, type Control, type View } from "./form-controls.js";
import { Edits, writable } from "./form-edits.js";
import { labelOf, mark, Notices, setMark, unmark } from "./form-notices.js";
import { busyForms } from "./form-save.js";
import { checkField, timezones } from "./instant.js";
import { en } from "./messages/en.js";
import { say, sentence, type Catalogue, type Issue } from "./messages/index.js";
import { fieldRules } from "./rules.gen.js";

export { save, type SaveOptions, type Saver, type SaveRequest, type SaveState } from "./form-save.js";
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
  messages?: Catalogue | undefined;
  /** The sentence for an issue, in other words; where it gives "" the catalogue's is taken. */
  message?: ((issue: Issue, field: Field) => string) | undefined;
  /** Open shadow roots, and elements outside the form, that hold controls of it. */
  roots?: readonly (ShadowRoot | Element)[] | undefined;
  /**
   * Called if the engine cannot be loaded, with the reason; `reportError` if there is none. The form
   * goes on without it: only a change of meta_public cannot be sent.
   */
  onerror?: ((reason: unknown) => void) | undefined;
}

export interface FormBinding {
  readonly form: HTMLFormElement;
  /** The contact that changes count from, as JSON text. */
  readonly contact: string;
  readonly messages: Catalogue;
  /** The fields that the person has changed. */
  readonly changed: FieldName[];
  /** Whether there are any. */
  readonly isDirty: boolean;
  /** The fields with something wrong in them, whether it is shown yet or not. */
  readonly faults: FieldName[];
  /** The fields in conflict since `rebase` that the person has not settled yet. */
  readonly conflicts: FieldName[];
  /** What is wrong with a field, "" if nothing is. */
  messageOf(name: FieldName): string;
  /** What the page calls a field. */
  labelOf(name: FieldName): string;
  /** Judges every field and shows the verdicts; true where nothing is wrong. */
  validate(): boolean;
  /** Brings the person to the first fault or conflict; false where there is none. */
  focusFault(): boolean;
  /**
   * The minimal merge patch of the person's changes, as JSON text: "{}" if there are none, null for
   * an optional field that was emptied. Fields with a fault or a conflict are left out: `faults` and
   * `conflicts` name them. It carries updated_at, so that a server answers 409 if the contact has
   * changed since; without `version` it does not, and an update of somebody else's may be lost.
   */
  patch(options?: { version?: boolean | undefined }): string;
  /** The same for a save that begins now. A submit of the form begins one by itself. */
  begin(options?: { version?: boolean | undefined }): string;
  /** Shows the errors of a save that was refused at their fields, and returns those that have none here. */
  showErrors(errors: readonly ContactError[]): ContactError[];
  /**
   * After a 409: takes the contact as it is now, merges the person's changes into it three ways, and
   * marks the fields that both changed, differently, until the person settles each. Returns these.
   */
  rebase(contact: Body): FieldName[];
  /**
   * Shows the contact that a server has answered with. After `begin` or a submit it forgets the
   * changes that went out and keeps those made since; if no save is under way it forgets all.
   */
  saved(contact: Body): void;
  /** Forgets all changes, as a reset button of the form does. The function that it returns undoes that. */
  discard(): () => void;
  /** Calls back after every change of what the form shows or says. The function it returns ends that. */
  subscribe(listener: (binding: FormBinding) => void): () => void;
  /** Takes the binding off the form again. */
  unbind(): void;
}

/** The fields that a person may change, by name. */
const byName = new Map<string, Field>(writable.map((field) => [field.name, field]));

const bindings = new WeakMap<HTMLFormElement, FormBinding>();

/** What the last binding of a form left: a framework may bind anew for each contact it gets. */
const left = new WeakMap<HTMLFormElement, { edits: Edits; justNow: boolean }>();

/** The changes in the forms bound last, by their marks: a copy of a form goes on from them. */
const marked = new Map<string, Edits>();
const MOST_MARKED = 8;
let marks = 0;

/** The bindings that listen at something outlive no form that is gone: what listens is one for all. */
type Hear = (event: Event, capturing: boolean) => void;
const ears = new WeakMap<EventTarget, Set<WeakRef<Hear>>>();
const heardTypes = "input change compositionstart compositionend focusin focusout click pointerdown pointerup pointercancel keydown submit pageshow".split(" ");

function listenAt(target: EventTarget, hear: Hear) {
  let all = ears.get(target);
  if (!all) {
    const set = (all = new Set());
    ears.set(target, set);
    const tell = (capturing: boolean) => (event: Event) => {
      for (const ref of set) {
        const hear = ref.deref();
        if (hear) hear(event, capturing);
        else set.delete(ref);
      }
    };
    for (const type of heardTypes) {
      target.addEventListener(type, tell(true), true);
      target.addEventListener(type, tell(false));
    }
    // Whoever comes back, or leaves, is told what is known.
    target.addEventListener("visibilitychange", tell(true), true);
  }
  const ref = new WeakRef(hear);
  all.add(ref);
  return () => all.delete(ref);
}

/** What the page had in each control before it was first bound. */
const pageValues = new WeakMap<Element, unknown>();

const isDialog = (el?: Element | null) => el?.getAttribute("method")?.toLowerCase() == "dialog";

/**
 * Binds the controls of a form to the fields they are named after. The engine may still be loading:
 * until it has come, and if it never does, fields are judged without it. A control that cannot show
 * its field is refused with a TypeError that names it, and then nothing is bound.
 */
export function bindForm(
  form: HTMLFormElement,
  engine: Engine | PromiseLike<Engine>,
  options: FormOptions,
): FormBinding {
  const { validate = "blur", messages = en } = options;
  const shadows = options.roots ?? [];
  const fieldOf = (el: Element) => byName.get(nameOf(el))!;
  const everything = () => {
    const inShadows = shadows.flatMap((root) => [...root.querySelectorAll("[name]")]);
    return [...new Set([...form.elements, ...inShadows])] as Control[];
  };
  const controls = () => everything().filter((el) => byName.has(nameOf(el)) && !isInert(el));

  const edits = new Edits(readContact(options.contact));
  for (const el of controls()) {
    const why = refusal(el, fieldOf(el));
    if (why) throw TypeError(why);
  }
  // Nothing has been touched up to here.
  bindings.get(form)?.unbind();

  const copied = unmark(form);
  const { noValidate } = form;
  const number = `${++marks}`;
  marked.set(number, edits);
  if (marked.size > MOST_MARKED) marked.delete(marked.keys().next().value!);
  const busy = form.getAttribute("aria-busy");
  const notices = new Notices(form);
  const off = new AbortController();
  const { signal } = off;
  const listeners = new Set<(binding: FormBinding) => void>();
  let elements: Control[] = [];
  /** Ends the watch over the writes of scripts to a control. */
  const unwatch = new Map<Control, () => void>();
  let views = viewsOf(controls(), fieldOf);
  /** Errors that the server has found. */
  const refused = new Map<Field, ContactError>();
  /** The fields whose verdict is shown. */
  const judged = new Set<Field>();
  /** The controls with an event that is not yet over for all who listen, and the values before it. */
  const touched = new Map<Control, string>();
  /** Whether the verdict on what was touched is not yet shown. */
  let untold = false;
  /** Whether a button is held: a message that came up now could move what is about to be clicked. */
  let pressed = false;
  /** The control in which a character is being composed. */
  let composing: Control | undefined;
  /** Whether the engine is still to come, and whether the page has asked for its verdict already. */
  let waiting = true;
  let asked = false;
  /** A submit that waits for the engine. */
  let held: { submitter: HTMLButtonElement | null } | undefined;
  /** The fields in a conflict that came up while somebody was typing there: to type on settles none. */
  const unseen = new Set<Field>();
  /** Whether events are of our own making. */
  let entering = false;
  /** Whether the form is putting its own defaults back. */
  let resetting = false;
  /** Whether the button that resets the form was pressed just now: nobody else may discard. */
  let pressedReset = false;
  /** How often a control was made to show what is known, since the person last did anything. */
  let corrections = 0;
  let due = false;

  const viewsOn = (field: Field) => views.filter((view) => view.field == field);
  const viewOf = (el: unknown) => views.find(({ controls }) => controls.includes(el as Control));

  // What is wrong

  function words(issue: Issue, field: Field): string {
    const own = options.message?.(issue, field);
    if (own) return own;
    if ("validity" in issue) return sentence(messages, issue);
    // A rule of the server's own has no other sentence than the server's.
    if ("meta" in issue && (issue.meta.rule == "meta" || !(issue.meta.rule in messages.sentences)))
      return issue.detail;
    const item = "theirs" in issue ? null : /^(\/\w+)\/(\d+)$/.exec(issue.source?.pointer ?? "");
    if ("theirs" in issue || !item) return sentence(messages, issue, field);
    // An item of a list is told by the line it stands in, where it has one.
    const line = viewsOn(field)[0]?.line(+item[2]);
    const pointer = line ? `${item[1]}/${line - 1}` : item[1];
    return sentence(messages, { ...issue, source: { pointer } }, field);
  }

  /** What is wrong with the value of a field, "" if nothing is. */
  function faultIn(field: Field): string {
    const edited = edits.has(field);
    for (const view of viewsOn(field)) {
      const fault = notices.platformFault(view, edited || view.incomplete);
      if (fault) return "text" in fault ? fault.text : words(fault, field);
    }
    const value = edits.get(field);
    if (value === undefined) return "";
    // A year of two digits, which a date input takes as it is.
    if (/^"00[1-9]/.test(value) && viewsOn(field).some((view) => view.controls[0].type == "date"))
      return words({ validity: "year", type: "date" }, field);
    const errors = (edits.engine?.checkField ?? checkField)(field.name, value, { json: true });
    if (errors?.length) return words(errors[0], field);
    // What cannot be judged here is for the server; but meta_public's patch is made by the engine.
    if (edits.engine || field.kind != "object" || (waiting && !asked)) return "";
    return say(messages, waiting ? "waiting" : "unavailable");
  }

  function faultOf(field: Field): string {
    const theirs = edits.conflicts.get(field);
    const error = refused.get(field);
    if (theirs !== undefined) return words({ theirs: viewsOn(field)[0]?.words(theirs) ?? theirs }, field);
    return error ? words(error, field) : faultIn(field);
  }

  /** The fields that can be sent. */
  const sound = () =>
    edits.changed().filter(
      (field) =>
        !edits.unreadable(field) &&
        !edits.conflicts.has(field) &&
        !faultIn(field) &&
        (edits.engine || field.kind != "object"),
    );

  // What the form shows

  function tell(field: Field) {
    const torn = edits.conflicts.has(field);
    if (composing && fieldOf(composing) == field) return;
    const text = torn || refused.has(field) || judged.has(field) ? faultOf(field) : "";
    const buttons = torn
      ? {
          [say(messages, "keep")]: () => decide(field),
          [say(messages, "take")]: () => decide(field, edits.conflicts.get(field)),
        }
      : {};
    const news = viewsOn(field).map((view) => notices.tell(view, text ? { text, buttons } : undefined));
    return news.includes(true) ? text : "";
  }

  function refresh() {
    untold = false;
    notices.clearSummary();
    const fresh = writable.flatMap((field) => {
      const text = tell(field);
      return text ? [[nameFor(field), text]] : [];
    });
    if (fresh.length == 1) notices.announce(fresh[0].join(": "));
    else if (fresh.length) notices.announce(say(messages, "several", { count: fresh.length, names: fresh.map(([name]) => name).join(", ") }));
    for (const listener of [...listeners]) listener(binding);
  }

  function nameFor(field: Field) {
    const [view] = viewsOn(field);
    const name = view ? labelOf(view) : field.name.replaceAll("_", " ");
    return name[0].toUpperCase() + name.slice(1);
  }

  function decide(field: Field, theirs?: string) {
    unseen.delete(field);
    edits.conflicts.delete(field);
    if (theirs !== undefined) edits.set(field, theirs);
    judged.add(field);
    display(viewsOn(field));
    refresh();
    viewsOn(field)[0]?.controls[0].focus();
  }

  /** Has controls show what the form holds. Frameworks are to notice; for us it is no edit. */
  function display(which = views) {
    entering = true;
    try {
      for (const view of which)
        if (!view.incomplete || !edits.unreadable(view.field)) view.show(edits.now(view.field));
    } finally {
      entering = false;
    }
    // What was put into hidden inputs is no edit either.
    watch.takeRecords();
    scan();
  }

  /** Takes notice of controls that have come or gone. */
  function scan() {
    const present = controls();
    if (present.length == elements.length && present.every((el, i) => el == elements[i])) return;
    const fresh = new Set(present.filter((el) => !elements.includes(el)));
    elements = present;
    views = viewsOf(present, fieldOf);
    notices.sweep(present);
    for (const [el, end] of unwatch) if (!present.includes(el)) end(), unwatch.delete(el);
    for (const el of fresh) {
      const why = refusal(el, fieldOf(el));
      if (why && !pageValues.has(el)) reportError(TypeError(why));
      if (!pageValues.has(el)) pageValues.set(el, el.value);
      const list = el.localName == "select" ? el : (el as unknown as HTMLInputElement).list;
      // A select shows its value by an option; what a datalist suggests can wait for the first verdict.
      if (fieldOf(el).kind == "timezone" && list)
        if (list == el) fill(list);
        else setTimeout(() => signal.aborted || fill(list));
      unwatch.set(el, watchWrites(el, wrote));
    }
    const added = views.filter((view) => view.controls.some((el) => fresh.has(el)));
    display(added);
    for (const { field } of added) tell(field);
  }

  // Names of zones are no words.
  function fill(list: Element) {
    if (list.querySelectorAll("option").length > 1) return;
    list.setAttribute("translate", "no");
    for (const zone of ["", ...timezones]) addOption(list, zone);
  }

  // Shown is known

  /** Makes what is shown and what is known one, and tells whether the person turns out to have changed something. */
  function agree() {
    if (entering || signal.aborted) return false;
    observe(watch.takeRecords());
    let news = false;
    const others: View[] = [];
    for (const view of views) {
      const { field, controls } = view;
      if (!resetting && (view.incomplete || edits.unreadable(field) || controls.some((el) => isOpen(el, view)))) news = note(view) || news;
      else if (view.shows(edits.now(field))) continue;
      else if (!resetting && controls.every(isNative)) news = note(view) || news;
      else others.push(view);
    }
    // A control that writes over it again and again has its way until the person does something.
    if (others.length && corrections++ < 20) display(others);
    return news;
  }

  /**
   * Whether the page may still say what an event comes to: it may put a text into another form. A
   * consent it can only put back.
   */
  function isOpen(el: Control, view: View) {
    const before = touched.get(el);
    return before !== undefined && (view.field.kind != "boolean" || valueOf(view) == before);
  }

  /** At a moment at which the person may decide. */
  function moment() {
    corrections = 0;
    if (agree()) tellSoon();
  }

  /** A script has written to a control. */
  function wrote() {
    if (entering || due || signal.aborted) return;
    due = true;
    setTimeout(() => {
      due = false;
      if (agree()) tellSoon();
    });
  }

  // What the person does

  const valueOf = (view: View) => view.value(edits.stored.value(view.field), edits.now(view.field));

  /** Takes what a view says for what the person wants, and tells whether that is news. */
  function take(view: View) {
    const { field, incomplete } = view;
    return edits.set(field, incomplete ? undefined : valueOf(view));
  }

  function note(view: View) {
    const { field } = view;
    if (!take(view)) return false;
    refused.delete(field);
    // Any other rule may be about what several fields hold.
    for (const [other, { meta }] of refused) if (!fieldRules.includes(meta?.rule)) refused.delete(other);
    display(viewsOn(field).filter((other) => other != view));
    return true;
  }

  function onEvent(event: Event) {
    const view = viewOf(event.target);
    if (entering || !view) return;
    corrections = 0;
    const el = event.target as Control;
    const { type } = event;
    composing = type == "compositionstart" || (event as InputEvent).isComposing ? el : undefined;
    const leaving = type == "focusout";
    const before = edits.now(view.field);
    // Leaving a control edits nothing: what a framework has written into it since is no edit.
    if (leaving ? view.incomplete || edits.unreadable(view.field) : type != "compositionstart") {
      const news = note(view);
      // A control that is left tells of its change again, which settles no conflict.
      if ((news || type == "input") && !unseen.has(view.field)) edits.conflicts.delete(view.field);
    }
    if (leaving) unseen.delete(view.field);
    const judges = validate == "input" || (validate == "blur" && (leaving || type == "change"));
    if (judges && !composing && edits.has(view.field)) judged.add(view.field);
    if (leaving) {
      // A page that formats a text as its field is left does so in this event, too.
      setTimeout(() => signal.aborted || moment());
      return;
    }
    // The page's own handlers may put the text into another form, at once or when they render.
    if (!touched.has(el)) touched.set(el, before);
    untold = true;
    setTimeout(() => {
      if (signal.aborted) return;
      if (agree() || untold) tellSoon();
      touched.delete(el);
    });
  }

  function afterEvent(event: Event) {
    if (entering || !viewOf(event.target)) return;
    agree();
    tellSoon();
  }

  function tellSoon() {
    if (pressed) untold = true;
    else refresh();
  }

  function onPointer({ type, target }: Event) {
    // The list of a select is the platform's own: Safari does not tell that the pointer is up again there.
    pressed = type == "pointerdown" && !(target as Element).closest?.("select");
    // The click comes after the button is up.
    if (!pressed) setTimeout(() => !signal.aborted && untold && tellSoon());
  }

  function observe(records: MutationRecord[]) {
    scan();
    const written = records.filter((record) => record.attributeName == "value");
    let news = false;
    for (const el of new Set(written.map((record) => record.target as Control))) {
      const view = el.type == "hidden" && viewOf(el);
      // React has an accessor of its own on what it renders, and renders what it knows: not an edit
      // unless it is something else than before.
      const rendered = Object.hasOwn(el, "value") && el.value === pageValues.get(el);
      if (!view || (rendered && !edits.has(view.field)) || !note(view)) continue;
      edits.conflicts.delete(view.field);
      news = true;
    }
    if (news) refresh();
  }

  const watch = new MutationObserver(observe);

  /** Whether a person has used a control, where the platform tells. */
  const usedBefore = (el: Control) => {
    try {
      return el.matches(":user-valid, :user-invalid");
    } catch {
      return false; // browsers of 2023 and jsdom do not know these
    }
  };

  /** Whether a person has entered something before the form was bound, as far as the platform tells. */
  const enteredBefore = ({ controls }: View) =>
    controls.some((el) => {
      if (pageValues.has(el) || el.localName.includes("-")) return false;
      if (wasRestored(el)) return true;
      const { type, checked, defaultChecked, defaultValue } = el as unknown as HTMLInputElement;
      const boxed = type == "checkbox" || type == "radio";
      if (usedBefore(el)) return boxed ? checked != defaultChecked : el.value != "";
      const { activeElement } = el.getRootNode() as Document;
      return activeElement == el && !boxed && !!el.value && el.localName != "select" && el.value != defaultValue;
    });

  // Submits

  function judgeAll() {
    agree();
    for (const field of writable) judged.add(field);
    refresh();
  }

  /** The first thing in the page that is wrong: a control, or a field that has none now. */
  function firstFault(): Control | Field | undefined {
    const wrong = writable.filter(faultOf);
    const isPages = (el: Control) => !noValidate && !(el as unknown as HTMLInputElement).checkValidity?.();
    const faulty = everything().filter((el) => {
      if (viewOf(el)) return wrong.includes(fieldOf(el));
      return "checkValidity" in el && isPages(el);
    });
    return faulty[0] ?? wrong[0];
  }

  function stop(event: Event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  // Personal data never goes into the address of a page, whoever else has not listened yet.
  const stay = (event: Event) => {
    const dialog = (event as SubmitEvent).submitter?.getAttribute("formmethod") ?? form.getAttribute("method");
    if (event.target == form && dialog?.toLowerCase() != "dialog") event.preventDefault();
  };

  function onSubmit(event: SubmitEvent) {
    // The last place that a submit comes to, wherever the form is by now: it does not leave a shadow root.
    listen();
    corrections = 0;
    if (busyForms.has(form)) return stop(event);
    release(); // of an earlier submit: this one takes its place
    const submitter = event.submitter as HTMLButtonElement | null;
    // The server judges anew.
    refused.clear();
    // A button that only closes the dialog around the form saves nothing.
    const closes = submitter?.getAttribute("formmethod")?.toLowerCase() == "dialog";
    if (!submitter?.formNoValidate && !(closes && !isDialog(form))) {
      judgeAll();
      const fault = firstFault();
      if (fault) {
        stop(event);
        return void reach(fault);
      }
      if (waiting && edits.changed().some(({ kind }) => kind == "object")) {
        stop(event);
        form.setAttribute("aria-busy", "true");
        held = { submitter };
        return;
      }
    }
    if (!closes && !isDialog(form)) edits.send(sound());
  }

  function reach(fault: Control | Field) {
    const field = fault instanceof Element ? fieldOf(fault) : fault;
    if (!(fault instanceof Element) || viewOf(fault))
      return notices.reach(field.name, faultOf(field), () => viewsOn(field)[0]);
    notices.reveal(fault, nameOf(fault));
    (fault as unknown as HTMLInputElement).reportValidity();
  }

  /** The engine has come, or never will. */
  function arrived(loaded?: Engine) {
    if (signal.aborted) return;
    waiting = false;
    edits.engine = loaded;
    refresh();
    if (!held) return;
    const { submitter } = held;
    form.requestSubmit(submitter?.form == form ? submitter : null);
  }

  function release() {
    if (!held) return;
    held = undefined;
    if (busy == null) form.removeAttribute("aria-busy");
    else form.setAttribute("aria-busy", busy);
  }

  const inOrder = (which: { has(field: Field): boolean }) =>
    writable.filter((field) => which.has(field)).map(({ name }) => name);

  const adopt = () => {
    refused.clear();
    for (const field of judged) if (!edits.has(field)) judged.delete(field);
    display();
    refresh();
  };

  const fieldNamed = (name: FieldName) => byName.get(name)!;

  const patch = (version: boolean, begin: boolean) => {
    agree();
    const which = sound();
    if (begin) edits.send(which);
    return edits.patch(which, version);
  };

  const binding: FormBinding = {
    form,
    messages,
    get contact() {
      return edits.stored.text;
    },
    get changed() {
      agree();
      return inOrder(edits);
    },
    get isDirty() {
      return binding.changed.length > 0;
    },
    get faults() {
      return writable.filter(faultOf).map(({ name }) => name);
    },
    get conflicts() {
      return inOrder(edits.conflicts);
    },
    messageOf: (name) => faultOf(fieldNamed(name)),
    labelOf: (name) => nameFor(fieldNamed(name)),
    validate() {
      asked = true;
      judgeAll();
      return !firstFault();
    },
    focusFault() {
      const fault = firstFault();
      if (fault) void reach(fault);
      return !!fault;
    },
    patch: ({ version = true } = {}) => patch(version, false),
    begin: ({ version = true } = {}) => patch(version, true),
    showErrors(errors) {
      edits.refuse();
      const rest = errors.filter((error) => {
        const field = byName.get(error.source?.pointer?.split("/")[1] ?? "");
        const here = field && viewsOn(field).length > 0;
        if (here && !refused.has(field)) refused.set(field, error);
        return !here;
      });
      refresh();
      return rest;
    },
    rebase(contact) {
      const now = readContact(contact);
      agree();
      const before = new Set(edits.conflicts.keys());
      edits.rebase(now);
      for (const { field, controls } of views)
        if (edits.conflicts.has(field) && !before.has(field) && controls.some((el) => el.matches(":focus"))) unseen.add(field);
      adopt();
      return binding.conflicts;
    },
    saved(contact) {
      const now = readContact(contact);
      release();
      agree();
      edits.reset(now);
      adopt();
    },
    discard() {
      agree();
      release();
      const restore = edits.discard();
      adopt();
      return () => {
        if (signal.aborted || !restore()) return;
        for (const field of edits.changed()) judged.add(field);
        adopt();
      };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    unbind() {
      if (signal.aborted) return;
      agree();
      off.abort();
      for (const end of [...deaf, ...unwatch.values()]) end();
      watch.disconnect();
      notices.undo();
      release();
      form.removeAttribute(mark);
      // A copy that is made of the form from here on goes on from what was entered, too.
      if (edits.changed().length) setMark(form, number, noValidate);
      form.noValidate = noValidate;
      for (const option of optionsAdded(elements)) {
        option.closest("select,datalist")?.removeAttribute("translate");
        option.remove();
      }
      bindings.delete(form);
      const rest = { edits, justNow: true };
      left.set(form, rest);
      setTimeout(() => (rest.justNow = false));
    },
  };
  bindings.set(form, binding);

  const hear: Hear = (event, capturing) => {
    const { type, target } = event;
    if (type == "submit") return capturing || stay(event);
    if (type.startsWith("pointer")) return void (capturing && onPointer(event));
    if (type == "pageshow" || type == "visibilitychange") return void (capturing && setTimeout(moment));
    if (!capturing) return void (/^(in|ch|comp|focusout)/.test(type) && afterEvent(event));
    if (type == "click") {
      const button = target instanceof Element && target.closest("[type=reset]");
      pressedReset = !!button && (button as HTMLButtonElement).form == form;
      if (pressedReset) setTimeout(() => (pressedReset = false));
      return;
    }
    if (type == "keydown") return void (pressed = false);
    if (type == "focusin") {
      // A form that was bound in a fragment, or is moved, has another root by the time it is used.
      listen();
      if ((target as Control).form == form) moment();
    } else onEvent(event);
  };
  const heard = new Set<EventTarget>();
  const deaf: (() => void)[] = [];
  const listen = () => {
    const view = form.ownerDocument.defaultView ?? window;
    // A submit does not leave a shadow root, and what comes out of one names its host.
    for (const root of [view, form.getRootNode(), ...shadows])
      if (root != form.ownerDocument && !heard.has(root)) {
        heard.add(root);
        deaf.push(listenAt(root, hear));
      }
  };
  listen();
  for (const root of [form, ...shadows])
    watch.observe(root, { subtree: true, childList: true, attributeFilter: ["value", "name", "form"] });
  for (const type of ["input", "change"])
    form.addEventListener(type, (event) => {
      if (heard.has(form.getRootNode()) || form.getRootNode() == form.ownerDocument) return;
      listen();
      onEvent(event);
    }, { capture: true, signal });
  form.addEventListener("submit", onSubmit, { capture: true, signal });
  // The form puts its own defaults back after this event. Frameworks do so after a save, too: only
  // the person's own reset discards anything.
  const onReset = (event: Event) => {
    const wanted = pressedReset;
    resetting = true;
    setTimeout(() => {
      if (signal.aborted) return;
      if (wanted && !event.defaultPrevented) binding.discard();
      corrections = 0;
      agree();
      resetting = false;
    });
  };
  form.addEventListener("reset", onReset, { signal });
  // Custom elements may be defined later than the form.
  for (const el of form.querySelectorAll(":not(:defined)"))
    customElements.whenDefined(el.localName).then(scanIn(new WeakRef(scan)));

  if ("then" in engine)
    engine.then(arrived, (reason) => {
      if (signal.aborted) return;
      (options.onerror ?? reportError)(reason);
      arrived();
    });
  else {
    waiting = false;
    edits.engine = engine;
  }
  setMark(form, number, noValidate);
  form.noValidate = true;
  const last = left.get(form);
  left.delete(form);
  const original = copied && !last ? marked.get(copied) : undefined;
  if (original) edits.resume(original, () => true);
  else if (!copied) for (const view of views) if (enteredBefore(view)) take(view);
  if (last)
    edits.resume(last.edits, (field, value, stored) =>
      last.justNow || viewsOn(field).some((view) => view.value(stored, value ?? stored) === value),
    );
  scan();
  refresh();
  queueMicrotask(moment);
  return binding;
}

const scanIn = (ref: WeakRef<() => void>) => () => ref.deref()?.();
