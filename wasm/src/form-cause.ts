// Why a control shows what nobody told of with an event. A script writes through the properties of the
// element, where it can be seen; the browser (a restored page, autofill) does not.
import type { Control } from "./form-controls.js";

/** Whether the browser opened this document from its history: it then puts back what was entered. */
const reopened =
  typeof document == "object" &&
  /reload|back/.test((performance.getEntriesByType?.("navigation")[0] as PerformanceNavigationTiming)?.type);

/** The controls that came with the page: the browser restores no others. */
const early = new WeakSet<Element>(reopened ? document.querySelectorAll("input,select,textarea") : []);

/** Whether the page is still being restored. Select elements cannot be told apart otherwise. */
let opening = reopened;
if (opening) addEventListener("pageshow", () => setTimeout(() => setTimeout(() => (opening = false))), { once: true });

const stateOf = (el: Control) => `${el.checked} ${el.value}`;

/** What the last script to write to a control made of it. */
const written = new WeakMap<Control, string>();

const watched = ["value", "checked", "selectedIndex"];

/** Tells of the writes of scripts to a control. The function that it returns ends that. */
export function watchWrites(el: Control, wrote: () => void): () => void {
  const undo: (() => void)[] = [];
  const watch = (target: HTMLElement, name: string) => {
    const own = Object.getOwnPropertyDescriptor(target, name);
    const before = own ?? Object.getOwnPropertyDescriptor(Object.getPrototypeOf(target), name);
    if (!before?.set || own?.configurable == false) return;
    const set = function (this: HTMLElement, value: unknown) {
      before.set!.call(this, value);
      written.set(el, stateOf(el));
      wrote();
    };
    Object.defineProperty(target, name, { ...before, configurable: true, set });
    undo.push(() => {
      if (Object.getOwnPropertyDescriptor(target, name)?.set != set) return;
      if (own) Object.defineProperty(target, name, own);
      else delete (target as any)[name];
    });
  };
  if (!el.localName.includes("-") && el.type != "hidden") for (const name of watched) watch(el, name);
  if (el.localName == "select")
    for (const option of el.querySelectorAll("option")) watch(option, "selected");
  return () => undo.forEach((end) => end());
}

/** Whether it was the browser, not a script, that gave a control what it shows. */
export const isNative = (el: Control) =>
  !el.localName.includes("-") &&
  written.get(el) !== stateOf(el) &&
  (el.localName != "select" || (opening && early.has(el)));

/**
 * Whether the browser had restored a control before anybody looked. What a framework has made has
 * properties of its own. A default that was changed shows in a control that nothing was entered into.
 */
export function wasRestored(el: Control): boolean {
  const { options } = el as unknown as HTMLSelectElement;
  // The options of a select are own properties, too.
  if (!early.has(el) || Reflect.ownKeys(el).length > (options?.length ?? 0)) return false;
  if (options) return [...options].some((o) => o.selected != o.defaultSelected && (o.defaultSelected || o.index > 0));
  const input = el as unknown as HTMLInputElement;
  const now = /checkbox|radio/.test(el.type) ? "checked" : "value";
  const preset = now == "checked" ? "defaultChecked" : "defaultValue";
  const [was, before] = [input[now], input[preset]];
  // To try radio buttons would put out the others of their group.
  if (was !== before || el.type == "radio") return was !== before;
  const other = now == "checked" ? !before : (probes[el.type] ?? before + "1");
  Reflect.set(input, preset, other);
  const entered = input[now] !== other;
  Reflect.set(input, preset, before);
  return entered;
}

/** Values that controls take which do not take any text. */
const probes: Record<string, string> = { date: "0001-01-01", "datetime-local": "0001-01-01T01:01" };
