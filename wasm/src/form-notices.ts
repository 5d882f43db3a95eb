// What a form tells the person: messages at the controls, and the way to the first of them.
import type { Control, View } from "./form-controls.js";

export interface Notice {
  text: string;
  /** Buttons that settle the matter, by caption. */
  buttons?: Record<string, () => void>;
}

const visible = (el: Element) => el.checkVisibility?.({ visibilityProperty: true }) ?? true;

const tokens = (el: Element, name: string) => (el.getAttribute(name) ?? "").split(/\s+/).filter(Boolean);

function setAttribute(el: Element, name: string, value: string | null) {
  if (value == null) el.removeAttribute(name);
  else if (el.getAttribute(name) != value) el.setAttribute(name, value);
}

/** The text of an element but for that of the controls in it. */
function textOf(el: Element | null | undefined): string {
  const parts = [...(el?.childNodes ?? [])].map((node) =>
    node.nodeType == Node.TEXT_NODE
      ? node.nodeValue!
      : node instanceof Element && !node.matches("select,textarea,input,button,datalist,small,[data-error-for]")
        ? textOf(node)
        : "",
  );
  return parts.join("").replace(/\s+/g, " ").trim();
}

/** What the page calls a field. */
export function labelOf({ controls, field }: View): string {
  const group = controls.length > 1 && controls[0].closest("fieldset, [role=group], [role=radiogroup]");
  const named = group || controls[0];
  const ids = tokens(named, "aria-labelledby");
  const root = named.getRootNode() as Document | ShadowRoot;
  const label =
    ids.length > 0
      ? root.getElementById(ids[0])
      : group
        ? group.querySelector("legend")
        : controls[0].labels?.[0];
  return named.getAttribute("aria-label") || textOf(label) || field.name.replaceAll("_", " ");
}

/** How a copy of a bound form is known for one, and its message elements for ours. */
export const mark = "data-contact-form";
const ours = /^contact-error-\d+$/;
const markMade = "data-contact-made";

/** What a copy of a bound form has of that binding is taken off it; its mark is returned. */
export function unmark(form: HTMLFormElement): string | undefined {
  const [number, novalidate] = tokens(form, mark);
  if (!number) return undefined;
  form.noValidate = !!novalidate;
  form.removeAttribute(mark);
  for (const el of form.querySelectorAll(`[${markMade}]`)) el.remove();
  for (const el of form.querySelectorAll("[aria-describedby*=contact-error-]")) {
    el.removeAttribute("aria-invalid");
    const left = tokens(el, "aria-describedby").filter((id) => !ours.test(id));
    setAttribute(el, "aria-describedby", left.join(" ") || null);
  }
  for (const el of form.querySelectorAll("[data-error-for]")) {
    el.textContent = "";
    if (ours.test(el.id)) el.removeAttribute("id");
  }
  return number;
}

export const setMark = (form: HTMLFormElement, number: string, novalidate: boolean) =>
  form.setAttribute(mark, novalidate ? number + " novalidate" : number);

let count = 0;

export class Notices {
  /** The elements made for messages, by the control that each stands behind. */
  private readonly made = new Map<Control, HTMLElement>();
  /** The page's own elements for messages, with what they held. */
  private readonly used = new Map<HTMLElement, { nodes: Node[]; id: string }>();
  /** What was on the controls. */
  private readonly before = new Map<Control, { invalid: string | null; described: string | null }>();
  /** The custom validity of each control that is of our making. */
  private readonly validity = new WeakMap<Control, string>();
  private summary?: HTMLElement;
  /** What was written into each message element last. Translation makes other nodes of it. */
  private readonly said = new Map<HTMLElement, string>();
  /** The one element that speaks: several would speak at once. */
  private voice?: HTMLElement;

  constructor(private readonly form: HTMLFormElement) {}

  /** Has a screen reader say something. */
  announce(text: string) {
    if (!this.voice) {
      this.voice = document.createElement("span");
      this.voice.setAttribute("role", "status");
      this.voice.setAttribute(markMade, "");
      // It is there for the ear alone.
      const style = { position: "absolute", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)", whiteSpace: "nowrap" };
      Object.assign(this.voice.style, style);
    }
    if (this.voice.parentNode != this.form) this.form.append(this.voice);
    this.voice.textContent = text;
  }

  /**
   * What a script of the page's has against a view's controls, as it says it, or the platform, as the
   * name of what is wrong.
   */
  platformFault(view: View, edited: boolean): { text: string } | { validity: string; type: string } | undefined {
    for (const el of view.controls) {
      if (!el.willValidate) continue;
      this.setValidity(el, "");
      // A stored value that the platform would refuse is none of the person's making.
      if (el.validity!.customError) return { text: el.validationMessage! };
      if (!edited) continue;
      for (const name in el.validity)
        if (name != "valid" && el.validity[name as keyof ValidityState]) return { validity: name, type: el.type };
    }
    return undefined;
  }

  /** Shows the notice of a view, or that there is none, and tells whether it is a new one. */
  tell(view: View, notice?: Notice): boolean {
    const node = this.place(view);
    const text = notice?.text ?? "";
    const news = this.said.get(node) !== text;
    if (news) {
      this.said.set(node, text);
      node.textContent = text;
      for (const [caption, onclick] of Object.entries(notice?.buttons ?? {})) {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", textContent: caption, onclick });
        button.setAttribute("aria-label", `${caption}: ${labelOf(view)}`);
        node.append(" ", button);
      }
    }
    this.setValidity(view.controls[0], text);
    for (const el of view.controls) {
      if (!this.before.has(el))
        this.before.set(el, {
          invalid: el.getAttribute("aria-invalid"),
          described: el.getAttribute("aria-describedby"),
        });
      setAttribute(el, "aria-invalid", `${!!notice}`);
      const described = tokens(el, "aria-describedby");
      if (!described.includes(node.id))
        setAttribute(el, "aria-describedby", [...described, node.id].join(" "));
    }
    return news && !!text;
  }

  private setValidity(el: Control, text: string) {
    // What a script of the page's has set is not ours to take away.
    const own = this.validity.get(el);
    const said = el.willValidate ? el.validationMessage : own;
    if ((el.validity?.customError && own != said) || (!text && !own)) return;
    this.validity.set(el, text);
    el.setCustomValidity?.(text);
    // What the control says of itself may be a cut version of the text, or nothing while readonly.
    if (text && el.validationMessage) this.validity.set(el, el.validationMessage);
  }

  /** The element for a view's messages: the page's own, or one made behind the last control. */
  private place({ field, controls }: View): HTMLElement {
    const known = controls.map((el) => this.made.get(el)).find((node) => node?.isConnected);
    const node = known ?? this.pagesOwn(field.name, controls[0]) ?? this.make(field.name, controls);
    node.id ||= `contact-error-${++count}`;
    return node;
  }

  private pagesOwn(name: string, control: Control) {
    const root = control.getRootNode() as ParentNode & Node;
    const inside = this.form.contains(control);
    const scopes = inside ? [this.form] : root == this.form.getRootNode() ? [this.form, root] : [root];
    const made = new Set(this.made.values());
    const node = scopes
      .flatMap((scope) => [...scope.querySelectorAll<HTMLElement>(`[data-error-for="${name}"]`)])
      .find((node) => !made.has(node) && [this.form, null].includes(node.closest("form")));
    if (node && !this.used.has(node)) {
      this.used.set(node, { nodes: [...node.childNodes], id: node.id });
    }
    return node;
  }

  private make(name: string, controls: Control[]) {
    const node = document.createElement("span");
    node.dataset.errorFor = name;
    node.setAttribute(markMade, "");
    const last = controls.at(-1)!;
    (last.closest("label") ?? last).after(node);
    this.made.set(controls[0], node);
    return node;
  }

  /** Removes the elements made for controls that are gone. */
  sweep(controls: Control[]) {
    for (const [el, node] of this.made) {
      if (controls.includes(el)) continue;
      node.remove();
      this.made.delete(el);
    }
  }

  /**
   * Brings the person to a fault: opens what hides the control and gives it the focus. Where the
   * control cannot have it, its message gets it, and where that cannot be seen either, a summary.
   */
  async reach(name: string, text: string, find: () => View | undefined) {
    this.reveal(find()?.controls[0] ?? this.form, name);
    if (this.focus(find())) return;
    // A framework shows what it was asked to show a little later.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const view = find();
    if (this.focus(view)) return;
    const node = view && this.place(view);
    const target = node && visible(node) ? node : this.summarize(view ? labelOf(view) : name.replaceAll("_", " "), text);
    target.tabIndex = -1;
    target.focus();
  }

  /** Opens what hides an element, and asks the page to do so with what only it can open. */
  reveal(target: Element, field: string) {
    for (let el: Element | null = target; el; el = el.parentElement) {
      if (el instanceof HTMLDetailsElement) el.open = true;
      if (el.getAttribute("hidden") == "until-found") el.removeAttribute("hidden");
    }
    const init = { bubbles: true, composed: true, detail: { field } };
    const { CustomEvent } = target.ownerDocument.defaultView ?? globalThis;
    target.dispatchEvent(new CustomEvent("reveal", init));
  }

  private focus(view?: View) {
    const el = view?.controls.find((el) => el.checked) ?? view?.controls[0];
    if (!el || !visible(el) || el.type == "hidden" || el.matches(":disabled")) return false;
    el.focus();
    return true;
  }

  private summarize(label: string, text: string) {
    this.summary ??= document.createElement("p");
    this.summary.setAttribute("role", "alert");
    this.summary.setAttribute(markMade, "");
    this.summary.dataset.errorSummary = "";
    this.summary.textContent = `${label[0].toUpperCase()}${label.slice(1)}: ${text}`;
    this.form.append(this.summary);
    return this.summary;
  }

  clearSummary() {
    this.summary?.remove();
  }

  /** Leaves the page as it was. */
  undo() {
    const ids = [...this.made.values(), ...this.used.keys()].map((node) => node.id);
    for (const [el, { invalid, described }] of this.before) {
      this.setValidity(el, "");
      setAttribute(el, "aria-invalid", invalid);
      const left = tokens(el, "aria-describedby").filter((id) => !ids.includes(id));
      setAttribute(el, "aria-describedby", left.length ? left.join(" ") : described && "");
    }
    for (const node of this.made.values()) node.remove();
    for (const [node, { nodes, id }] of this.used) {
      node.replaceChildren(...nodes);
      setAttribute(node, "id", id || null);
      node.removeAttribute("tabindex");
    }
    this.clearSummary();
    this.voice?.remove();
  }
}
