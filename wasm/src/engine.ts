// The functions of the Go package contact, over a module of its WebAssembly build.
import type { Contact, Field, FieldName } from "./fields.gen.js";
import type { Code, Rule } from "./rules.gen.js";
import { start, type Module, type Text } from "./shim.js";

export type { Contact, Field, FieldName, Text };

/** A JSON document: its text, or an object that JSON.stringify turns into one. */
export type Body = Text | object;

/** A merge patch (RFC 7396): what is absent stays, null clears an optional field. */
export type ContactPatch = {
  [K in FieldName]?: undefined extends Contact[K] ? Contact[K] | null : Contact[K];
};

export type { Code, Rule };

/** One fault, as the API reports it. No text in it repeats a submitted value. */
export interface ContactError {
  code: Code;
  title: string;
  detail: string;
  /** Where the fault is: a JSON Pointer into the body ("" is the body itself), a parameter or a header. */
  source?: { pointer?: string; parameter?: string; header?: string };
  meta: Meta;
}

interface AnyMeta {
  rule: Rule;
  /** The limit that was exceeded. */
  limit?: number;
  /** A name of ours that the value may have meant. */
  suggestion?: string;
  required_scope?: string;
  /** The byte of the body at which it stops being JSON. */
  offset?: number;
  pointer_truncated?: boolean;
}

/** More about a fault: its rule tells what else there is. */
export type Meta =
  | (AnyMeta & { rule: "size" | "depth" | "truncated"; limit: number })
  | (AnyMeta & { rule: "scope"; required_scope: string })
  | (AnyMeta & { rule: "syntax"; offset: number })
  | (AnyMeta & { rule: Exclude<Rule, "size" | "depth" | "truncated" | "scope" | "syntax"> });

/** How to judge; what is left out is the contract. */
export interface Options {
  /** The body must itself be a whole contact. */
  requireComplete?: boolean | undefined;
  /** Skip members that are no fields. */
  ignoreUnknown?: boolean | undefined;
  /** Let a patch with an old updated_at through. */
  allowStale?: boolean | undefined;
  /** Take any Idempotency-Key, not only a UUID. */
  anyIdempotencyKey?: boolean | undefined;
  /** Limits: 0 for the default, -1 for none. */
  maxBytes?: number | undefined;
  maxDepth?: number | undefined;
  maxErrors?: number | undefined;
  maxMeta?: number | undefined;
  maxDocument?: number | undefined;
  /** The nanoseconds at which the store keeps updated_at, a divisor of a second: 1000 if left out. */
  versionResolution?: number | undefined;
  /** The nanoseconds in which the store keeps last_seen_at; 0: all digits. */
  timestampResolution?: number | undefined;
}

/** How to judge the value of a field. */
export interface FieldOptions extends Options {
  /** The value is JSON text, in which numbers have all their digits. */
  json?: boolean | undefined;
}

/** A refusal: the faults, and the HTTP status that belongs to them. */
export interface Refused {
  ok: false;
  status: number;
  errors: ContactError[];
}

/** A document that the engine accepted, as it writes it: every number has the digits it came with. */
export interface Accepted<V> {
  ok: true;
  text: string;
  /** The text through JSON.parse: convenient, but its numbers are doubles. */
  readonly value: V;
}

export interface Merged extends Accepted<Contact> {
  /** The fields that changed, updated_at among them where it was stamped; empty where nothing did. */
  changed: FieldName[];
}

/** A place that both sides changed, differently: JSON texts, undefined where the value is absent. */
export interface Conflict {
  pointer: string;
  /** The pointer stops at the last whole token within 100 characters: two conflicts may have the same. */
  pointer_truncated?: true;
  base?: string;
  ours?: string;
  theirs?: string;
}

export interface Merged3 extends Accepted<Contact> {
  conflicts: Conflict[];
}

/**
 * The engine. Its functions do not depend on `this` and keep nothing between calls. They throw where the caller is at
 * fault: a contact that was never stored so, a time that is none, a document above 64 MiB. Faults in the data judged
 * come back as errors.
 */
export interface Engine {
  /** The verdict on a whole contact: the faults, none if it is valid. The fastest call there is. */
  check(body: Body, options?: Options): ContactError[];
  /** The verdict on a patch. */
  checkPatch(body: Body, options?: Options): ContactError[];
  /** The verdict on one value for a field, as a patch would carry it. With `json` it is JSON text. */
  checkField(name: FieldName, value: unknown, options?: FieldOptions): ContactError[];
  /** Reads a whole contact from outside. */
  parse(body: Body, options?: Options): Accepted<Contact> | Refused;
  /** Reads a contact from a store: null is absent, timezone names are not judged again. */
  parseStored(body: Body, options?: Options): Accepted<Contact> | Refused;
  /** Reads a patch. */
  parsePatch(body: Body, options?: Options): Accepted<ContactPatch> | Refused;
  /** Applies a patch to a stored contact. `now` stamps updated_at: the present by default, null for no stamp. */
  merge(existing: Body, patch: Body, options?: Options & { now?: Date | string | null }): Merged | Refused;
  /** The patch that makes `to` of `from`. */
  diff(from: Body, to: Body): Accepted<ContactPatch> | Refused;
  /** Merges two changes of one contact. */
  merge3(base: Body, ours: Body, theirs: Body): Merged3 | Refused;
  /** The fields in the order of the contract. */
  readonly fields: readonly Field[];
  /** The timezone names that are valid. */
  readonly timezones: readonly string[];
  /** The version of this package. */
  readonly version: string;
  /** The version of the tz database that the timezone names are from. */
  readonly tzdb: string;
  /** The compiled module: post it to a worker and `load` it there without a second download. */
  readonly module: Module;
}

declare const VERSION: string;

/** The operations, in the order of main.go. */
export const enum Op {
  About, Timezones, Check, CheckPatch, CheckField, Parse, ParseStored, ParsePatch, Merge, Diff, Merge3, ParseUpdate,
}

// Stands between the parts of an answer, which do not hold it.
const SEPARATOR = "\x1e";

const { parse, stringify } = JSON;

// A test environment may have a Uint8Array of its own beside Node's: instanceof would not do.
const isBytes = (body: unknown): body is Uint8Array => ArrayBuffer.isView(body);

// What is no JSON value (undefined, a function) gives undefined, which the shim throws at.
const textOf = (body: unknown) => (typeof body == "string" || isBytes(body) ? body : stringify(body));

/** Starts the engine of a compiled module. */
export async function engineOf<E extends Engine = Engine>(
  module: Module,
  more: (result: (op: Op, bodies: unknown[], options?: Options) => any, separator: string) => Omit<E, keyof Engine> = () => ({}) as E,
): Promise<E> {
  const call = await start(module);

  const ask = (op: number, bodies: unknown[], options?: any) =>
    call(op, bodies.map(textOf), options ? optionNames.map((name: string) => options[name]) : []);

  const verdict = (op: number, bodies: unknown[], options?: Options): ContactError[] => {
    const refused = ask(op, bodies, options);
    return refused ? parse(refused).map(whole) : [];
  };
  // The short form is that of verdict in main.go.
  const whole = (error: any): ContactError => {
    if (error.code) return error;
    const [rule, pointer, suggestion, detail] = error;
    const sample = samples[rule];
    return { ...sample, detail: detail || sample.detail, source: { pointer }, meta: suggestion ? { rule, suggestion } : { rule } };
  };
  // What is beside the document comes before it.
  const result = (op: number, bodies: unknown[], options?: Options) => {
    const [head, text] = ask(op, bodies, options).split(SEPARATOR);
    return {
      ...parse(head),
      ...(text && {
        text,
        get value() {
          return parse(text);
        },
      }),
    };
  };
  const judge = (op: number) => (body: Body, options?: Options) => verdict(op, [body], options);
  const read = (op: number) => (body: Body, options?: Options) => result(op, [body], options);

  const { samples, options: optionNames, ...about } = parse(ask(Op.About, []));

  return {
    check: judge(Op.Check),
    checkPatch: judge(Op.CheckPatch),
    checkField: (name, value, options) => verdict(Op.CheckField, [name, options?.json ? value : stringify(value)], options),
    parse: read(Op.Parse),
    parseStored: read(Op.ParseStored),
    parsePatch: read(Op.ParsePatch),
    merge: (existing, patch, { now = new Date(), ...options } = {}) => result(Op.Merge, [existing, patch, now ?? ""], options),
    diff: (...contacts) => result(Op.Diff, contacts),
    merge3: (...contacts) => result(Op.Merge3, contacts),
    ...about,
    timezones: ask(Op.Timezones, []).split(SEPARATOR),
    version: VERSION,
    module,
    ...more(result, SEPARATOR),
  } as E;
}
