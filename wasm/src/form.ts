// A contact form. Its state is what the person has changed, field by field (form-edits.ts), known
// from the events of its controls (form-controls.ts), and told to the person (form-notices.ts).
import type { Body, ContactError, Engine } from "./contact.js";
import type { Field, FieldName } from "./fields.gen.js";
import { readContact } from "./form-contact.js";
import { addOption, isInert, nameOf, optionsAdded, refusal, viewsOf, type Control, type View } from "./form-controls.js";
import { Edits, writable } from "./form-edits.js";
import { Notices } from "./form-notices.js";
import { checkFieldText, timezones } from "./instant.js";
import { en } from "./messages/en.js";
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
  /** Shows the errors of a save that was refused at their fields, and returns those that have none here. */
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

/** The fields that a person may change, by name. */
const byName = new Map<string, Field>(writable.map((field) => [field.name, field]));

const bindings = new WeakMap<HTMLFormElement, FormBinding>();

/** What the last binding of a form left: a framework may bind anew for each contact it gets. */
const left = new WeakMap<HTMLFormElement, { edits: Edits; justNow: boolean }>();

/** What the page had in each control before it was first bound. */
const pageValues = new WeakMap<Element, unknown>();

/** The rules that are about one value. Any other may be about what several fields hold. */
const aboutOne = new Set("required null type enum uuid date timestamp timezone size depth syntax".split(" "));

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
  const roots = [form.getRootNode(), ...shadows] as (Document | ShadowRoot)[];
  const fieldOf = (el: Element) => byName.get(nameOf(el))!;
  const everything = () => {
    const inShadows = shadows.flatMap((root) => [...root.querySelectorAll("[name]")]);
    return [...form.elements, ...inShadows] as Control[];
  };
  const controls = () => everything().filter((el) => byName.has(nameOf(el)) && !isInert(el));

  const edits = new Edits(readContact(options.contact));
  for (const el of controls()) {
    const why = refusal(el, fieldOf(el));
    if (why) throw TypeError(why);
  }
  // Nothing has been touched up to here.
  bindings.get(form)?.unbind();

  const { noValidate } = form;
  const busy = form.getAttribute("aria-busy");
  const notices = new Notices(form);
  const off = new AbortController();
  const { signal } = off;
  let elements: Control[] = [];
  let views = viewsOf(controls(), fieldOf);
  /** Errors that the server has found. */
  const refused = new Map<Field, ContactError>();
  /** The fields whose verdict is shown. */
  const judged = new Set<Field>();
  /** The controls with an event that is not yet over for all who listen. */
  const touched = new Set<Control>();
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

  const viewsOn = (field: Field) => views.filter((view) => view.field == field);
  const viewOf = (el: unknown) => views.find(({ controls }) => controls.includes(el as Control));

  // What is wrong

  function words(issue: Issue, field: Field): string {
    const own = options.message?.(issue, field);
    if (own) return own;
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
      if (fault) return fault;
    }
    const value = edits.get(field);
    if (value === undefined) return "";
    const errors = (edits.engine?.checkFieldText ?? checkFieldText)(field.name, value);
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
    for (const view of viewsOn(field)) notices.tell(view, text ? { text, buttons } : undefined);
  }

  function refresh() {
    untold = false;
    notices.clearSummary();
    writable.forEach(tell);
    options.onchange?.(binding);
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
    for (const el of fresh) {
      const why = refusal(el, fieldOf(el));
      if (why && !pageValues.has(el)) reportError(TypeError(why));
      if (!pageValues.has(el)) pageValues.set(el, el.value);
      const list = el.localName == "select" ? el : (el as unknown as HTMLInputElement).list;
      if (fieldOf(el).kind == "timezone" && list && list.querySelectorAll("option").length < 2)
        for (const zone of ["", ...timezones]) addOption(list, zone);
    }
    const added = views.filter((view) => view.controls.some((el) => fresh.has(el)));
    display(added);
    for (const { field } of added) tell(field);
  }

  // What the person does

  /** Takes what a view says for what the person wants, and tells whether that is news. */
  function take(view: View) {
    const { field, incomplete } = view;
    return edits.set(field, incomplete ? undefined : view.value(edits.stored.value(field), edits.now(field)));
  }

  function note(view: View) {
    const { field } = view;
    if (!take(view)) return false;
    refused.delete(field);
    for (const [other, { meta }] of refused) if (!aboutOne.has(meta?.rule)) refused.delete(other);
    display(viewsOn(field).filter((other) => other != view));
    return true;
  }

  /** Reads again what may have changed without an event that tells of it. */
  function reread() {
    observe(watch.takeRecords());
    return views
      .filter((view) => view.incomplete || edits.unreadable(view.field) || view.controls.some((el) => touched.has(el)))
      .filter(note).length > 0;
  }

  function onEvent(event: Event) {
    const view = viewOf(event.target);
    if (entering || !view) return;
    const el = event.target as Control;
    const { type } = event;
    composing = type == "compositionstart" || (event as InputEvent).isComposing ? el : undefined;
    const leaving = type == "focusout";
    // Leaving a control edits nothing: what a framework has written into it since is no edit.
    if (leaving ? view.incomplete || edits.unreadable(view.field) : type != "compositionstart") {
      const news = note(view);
      // A control that is left tells of its change again, which settles no conflict.
      if ((news || type == "input") && !unseen.has(view.field)) edits.conflicts.delete(view.field);
    }
    if (leaving) unseen.delete(view.field);
    const due = validate == "input" || (validate == "blur" && (leaving || type == "change"));
    if (due && !composing && edits.has(view.field)) judged.add(view.field);
    if (leaving) return;
    // The page's own handlers may put the text into another form, at once or when they render.
    touched.add(el);
    untold = true;
    setTimeout(() => {
      if (signal.aborted) return;
      if (reread() || untold) tellSoon();
      touched.delete(el);
    });
  }

  function afterEvent(event: Event) {
    if (entering || !viewOf(event.target)) return;
    reread();
    tellSoon();
  }

  function tellSoon() {
    if (pressed) untold = true;
    else refresh();
  }

  function onPointer({ type }: Event) {
    pressed = type == "pointerdown";
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
      const { type, checked, defaultChecked, defaultValue } = el as unknown as HTMLInputElement;
      const boxed = type == "checkbox" || type == "radio";
      if (usedBefore(el)) return boxed ? checked != defaultChecked : el.value != "";
      const { activeElement } = el.getRootNode() as Document;
      return activeElement == el && !boxed && !!el.value && el.localName != "select" && el.value != defaultValue;
    });

  // Submits

  function judgeAll() {
    reread();
    // Where the two differ, the person is to see what will be sent.
    display(views.filter(({ field }) => edits.has(field)));
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
    const root = form.getRootNode();
    ("host" in root ? root : (form.ownerDocument.defaultView ?? window)).addEventListener("submit", stay, { signal });
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

  const binding: FormBinding = {
    get contact() {
      return edits.stored.text;
    },
    get changed() {
      return inOrder(edits);
    },
    get faults() {
      return writable.filter(faultOf).map(({ name }) => name);
    },
    get conflicts() {
      return inOrder(edits.conflicts);
    },
    check() {
      asked = true;
      judgeAll();
      return !firstFault();
    },
    patch({ version = false } = {}) {
      reread();
      const which = sound();
      if (version) edits.send(which);
      return edits.patch(which, version);
    },
    show(errors) {
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
      reread();
      const before = new Set(edits.conflicts.keys());
      edits.rebase(now);
      for (const { field, controls } of views)
        if (edits.conflicts.has(field) && !before.has(field) && controls.some((el) => el.matches(":focus"))) unseen.add(field);
      adopt();
      return binding.conflicts;
    },
    reset(contact) {
      const now = readContact(contact);
      release();
      reread();
      edits.reset(now);
      adopt();
    },
    unbind() {
      if (signal.aborted) return;
      off.abort();
      watch.disconnect();
      notices.undo();
      release();
      form.noValidate = noValidate;
      for (const option of optionsAdded(elements)) option.remove();
      bindings.delete(form);
      const rest = { edits, justNow: true };
      left.set(form, rest);
      setTimeout(() => (rest.justNow = false));
    },
  };
  bindings.set(form, binding);

  const heard = new Set<Node>();
  const listen = (root: Node) => {
    heard.add(root);
    for (const type of ["input", "change", "compositionstart", "compositionend", "focusout"]) {
      root.addEventListener(type, onEvent, { capture: true, signal });
      root.addEventListener(type, afterEvent, { signal });
    }
    watch.observe(root, { subtree: true, childList: true, attributeFilter: ["value", "name", "form"] });
  };
  roots.forEach(listen);
  // A form that was bound in a fragment, or is moved, has another root by the time it is used.
  const onMove = (event: Event) => {
    const root = form.getRootNode();
    if (heard.has(root)) return;
    listen(root);
    if (event.type != "focusin") onEvent(event);
  };
  addEventListener("focusin", onMove, { capture: true, signal });
  for (const type of ["input", "change"]) form.addEventListener(type, onMove, { capture: true, signal });
  for (const type of ["pointerdown", "pointerup", "pointercancel"])
    addEventListener(type, onPointer, { capture: true, signal });
  form.addEventListener("submit", onSubmit, { capture: true, signal });
  // The form puts its own defaults back after this event.
  const onReset = (event: Event) =>
    setTimeout(() => {
      if (signal.aborted || event.defaultPrevented) return;
      release();
      edits.discard();
      adopt();
    });
  form.addEventListener("reset", onReset, { signal });
  // Custom elements may be defined later than the form.
  for (const el of form.querySelectorAll(":not(:defined)"))
    customElements.whenDefined(el.localName).then(() => signal.aborted || scan());

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
  form.noValidate = true;
  for (const view of views) if (enteredBefore(view)) take(view);
  const last = left.get(form);
  left.delete(form);
  if (last)
    edits.resume(last.edits, (field, value, stored) =>
      last.justNow || viewsOn(field).some((view) => view.value(stored, value ?? stored) === value),
    );
  scan();
  refresh();
  return binding;
}
