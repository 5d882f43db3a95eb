// What a person has changed of a contact, field by field: the state of a form. It knows no page.
import type { Engine } from "./contact.js";
import type { Field } from "./fields.gen.js";
import { members, same, type Stored } from "./form-contact.js";
import { fields } from "./instant.js";

/** The fields that a person may change, in the order of the contract. */
export const writable: readonly Field[] = fields.filter((field) => field.writable);

// The engine works on whole contacts. These have nothing but meta_public, so that no other value
// of long ago stands in the way.
const samples: Partial<Record<Field["kind"], unknown>> = {
  id: "00000000-0000-4000-8000-000000000000",
  constant: "contact",
  boolean: false,
  timestamp: "2000-01-01T00:00:00Z",
  ids: [],
  strings: [],
};
const contactWith = (meta: string) => {
  const rest = fields.filter(({ required, kind }) => required && kind != "object");
  const texts = rest.map(({ name, kind }) => `"${name}":${JSON.stringify(samples[kind])}`);
  return `{${texts},"meta_public":${meta}}`;
};

/** A patch that was sent: what it has, and the version that it is for. */
interface Sent {
  version: string;
  values: Map<Field, string>;
}

export class Edits {
  /**
   * The values, as JSON text, of the fields that were edited; undefined where nobody can read it,
   * as with half a date.
   */
  private readonly values = new Map<Field, string | undefined>();
  /** What somebody else has saved in fields that were edited, until the person has decided. */
  readonly conflicts = new Map<Field, string>();
  /** The patches that may be stored by now, the latest last. */
  private sent: Sent[] = [];

  engine?: Engine;

  constructor(public stored: Stored) {}

  has(field: Field) {
    return this.values.has(field);
  }

  /** The edited value; undefined where there is none, or none that can be read. */
  get(field: Field) {
    return this.values.get(field);
  }

  /** Whether the person has left something that nobody can read. */
  unreadable(field: Field) {
    return this.values.has(field) && this.values.get(field) === undefined;
  }

  /** What the form is to show. */
  now(field: Field) {
    return this.values.get(field) ?? this.stored.value(field);
  }

  /**
   * Sets the value of a field and tells whether that changes anything. The stored one is no edit,
   * unless another was sent: it may be stored by now.
   */
  set(field: Field, value: string | undefined): boolean {
    const had = this.values.has(field);
    const before = this.values.get(field);
    const pending = () => this.sentOf(field).some((sent) => sent !== value);
    if (value !== undefined && this.same(field, value, this.stored.value(field)) && !pending())
      this.values.delete(field);
    else this.values.set(field, value);
    return this.values.has(field) != had || this.values.get(field) !== before;
  }

  forget(field: Field) {
    this.values.delete(field);
    this.conflicts.delete(field);
  }

  changed() {
    return writable.filter((field) => this.values.has(field));
  }

  /** Whether an edit is equal to a stored value. */
  private same(field: Field, edit: string, stored: string) {
    if (same(field, edit, stored)) return true;
    return field.kind == "object" && this.metaPatch(stored, edit) == "";
  }

  /** Whether a meta_public can be compared and merged: with the engine, and if it is valid. */
  private canMerge(meta: string) {
    return this.engine?.checkField("meta_public", meta, { json: true }).length == 0;
  }

  /** The merge patch from one meta_public to another: "" if none is needed, undefined if none is. */
  private metaPatch(from: string, to: string) {
    if (!this.canMerge(to)) return undefined;
    // A person who writes null at a member means that it is to go: no patch can set it.
    const wanted = this.engine!.merge(contactWith("{}"), `{"meta_public":${to}}`, { now: null });
    const patch = wanted.ok && this.engine!.diff(contactWith(from), wanted.text);
    return patch && patch.ok ? (members(patch.text).get("meta_public") ?? "") : undefined;
  }

  /** The members of the patch for these fields. */
  private members(which: Field[]) {
    return which.flatMap((field) => {
      const value = this.values.get(field)!;
      const text = field.kind == "object" ? this.metaPatch(this.stored.value(field), value) : value;
      return text ? [`"${field.name}":${text}`] : [];
    });
  }

  /** The patch that writes these fields, and nothing else but the version. */
  patch(which: Field[], version: boolean) {
    const found = this.members(which);
    if (version && found.length) found.unshift(`"updated_at":${this.stored.version}`);
    return `{${found}}`;
  }

  /** Remembers these fields as those that are being saved. A submit and its patch are one save. */
  send(which: Field[]) {
    const values = new Map(which.map((field) => [field, this.values.get(field)!]));
    const { version } = this.stored;
    const last = this.sent.at(-1);
    if (last?.version != version || values.size != last.values.size || which.some((field) => last.values.get(field) !== values.get(field)))
      this.sent.push({ version, values });
  }

  /** The latest save was refused. */
  refuse() {
    this.sent.pop();
    for (const [field, value] of this.values) if (value !== undefined) this.set(field, value);
  }

  /** What was sent of a field, the latest last. */
  private sentOf(field: Field) {
    return this.sent.flatMap(({ values }) => values.get(field) ?? []);
  }

  /** Takes a contact, and forgets what was saved in it: all, unless something was sent. */
  reset(now: Stored) {
    if (this.sent.length && now.id === this.stored.id) {
      // It answers the latest save of which it has everything; if the server changes what it is sent, the first.
      const has = ({ values }: Sent) =>
        [...values].every(([field, value]) => this.same(field, value, now.value(field)));
      const at = Math.max(0, this.sent.map(has).lastIndexOf(true));
      const { values } = this.sent[at];
      this.sent.splice(0, at + 1);
      return this.merge(now, values);
    }
    this.stored = now;
    this.discard();
  }

  /** Forgets all edits. The function that it returns brings them back, where nothing was stored since. */
  discard(): () => boolean {
    const { stored, sent } = this;
    const [values, conflicts] = [[...this.values], [...this.conflicts]];
    this.sent = [];
    this.values.clear();
    this.conflicts.clear();
    return () => {
      if (this.stored != stored) return false;
      this.sent = [...sent, ...this.sent];
      for (const [field, value] of values) if (!this.values.has(field)) this.values.set(field, value);
      for (const [field, value] of conflicts) this.conflicts.set(field, value);
      return true;
    };
  }

  /** Takes the contact as it is now and merges the edits into it three ways. */
  rebase(now: Stored) {
    if (now.id !== undefined && this.stored.id !== undefined && now.id !== this.stored.id)
      throw TypeError("rebase takes the contact that the form shows, not another");
    // Of an earlier version a save is in what was read now, or will be refused.
    const open = this.sent.filter(({ version }) => version == now.version);
    const mine = [...this.values].filter(([field]) => open.some(({ values }) => values.has(field)));
    this.merge(now);
    this.sent = open;
    for (const [field, value] of mine) if (!this.values.has(field)) this.set(field, value);
  }

  /** Merges a contact, the answer to a save if that is given. */
  private merge(now: Stored, answered?: Map<Field, string>) {
    for (const field of writable) {
      const was = this.stored.value(field);
      const theirs = now.value(field);
      const saved = answered?.get(field);
      // What we have sent ourselves is no change of somebody else's.
      const sent = saved ?? this.sentOf(field).find((value) => this.same(field, value, theirs));
      const ours = sent !== undefined;
      // An edit that was taken back while it was being saved.
      if (ours && !this.values.has(field)) this.values.set(field, was);
      if (saved !== undefined && saved === this.values.get(field)) this.forget(field);
      else if (this.values.has(field)) this.mergeField(field, sent ?? was, theirs, ours);
    }
    this.stored = now;
    // A consent that was absent and is stored by now is taken back by false.
    for (const [field, value] of this.values)
      if (field.kind == "boolean" && value == "null" && now.value(field) != "null") this.set(field, "false");
  }

  private mergeField(field: Field, base: string, theirs: string, ours: boolean) {
    const mine = this.values.get(field);
    if (mine !== undefined && this.same(field, mine, theirs)) return this.forget(field);
    // What was not settled before is not settled by another save.
    const open = this.conflicts.has(field);
    const isMeta = field.kind == "object" && mine !== undefined;
    if (this.same(field, base, theirs) || (ours && !isMeta)) {
      if (open) this.conflicts.set(field, theirs);
      return;
    }
    const merged = isMeta && this.mergeMeta(base, mine, theirs);
    if (!merged) return void this.conflicts.set(field, theirs);
    if (this.same(field, merged.mine, theirs)) this.values.delete(field);
    else this.values.set(field, merged.mine);
    if (open) this.conflicts.set(field, theirs);
    else if (!this.same(field, merged.mine, merged.theirs)) this.conflicts.set(field, merged.theirs);
  }

  /**
   * Both merges of a changed meta_public: where the two sides differ, the one has mine and the other
   * theirs. What is not valid cannot be merged.
   */
  private mergeMeta(base: string, mine: string, theirs: string) {
    if (!this.canMerge(mine)) return undefined;
    // A conflict goes to the last side.
    const merge = (...sides: [string, string]) => {
      const merged = this.engine!.merge3(contactWith(base), ...(sides.map(contactWith) as typeof sides));
      return members(merged.ok ? merged.text : "{}").get("meta_public") ?? mine;
    };
    return { mine: merge(theirs, mine), theirs: merge(mine, theirs) };
  }

  /** Goes on from the edits of an earlier binding, those that `still` holds for. */
  resume(last: Edits, still: (field: Field, value: string | undefined, stored: string) => boolean) {
    if (last.stored.id === undefined || last.stored.id !== this.stored.id) return;
    const { stored } = this;
    this.stored = last.stored;
    this.sent = [...last.sent];
    for (const [field, value] of last.values) {
      if (!still(field, value, last.stored.value(field))) continue;
      this.values.set(field, value);
      const theirs = last.conflicts.get(field);
      if (theirs !== undefined) this.conflicts.set(field, theirs);
    }
    this.rebase(stored);
  }
}
