// The verdicts that need no engine, for the time until it has come and for where it cannot: a few
// KB of plain script. What it says is what the engine would say; where only the engine can tell
// it returns undefined. Both are held to that on a million bodies (test/instant.test.mjs).
import type { Body, ContactError, FieldOptions, Options, Rule, Text } from "./contact.js";
import { fields, type Contact, type Field, type FieldName, type Kind } from "./fields.gen.js";
import { suggest } from "./instant-suggest.js";
import { enumDetails, limits, nullDetail, texts, typeDetails, tzdb, zones } from "./rules.gen.js";
import { decoder } from "./text.js";

export { fields, tzdb };
export type { Contact, ContactError, Field, FieldName, FieldOptions, Options };

/** The timezone names that are valid, as the engine lists them. */
export const timezones: readonly string[] = /* @__PURE__ */ zones
  .split("\n")
  .flatMap((line) => {
    const [area, ...places] = line.split(" ");
    return places.map((place) => area + place);
  })
  .sort();

/** What undefined says: only the engine can tell. */
export type Verdict = ContactError[] | undefined;

/** The verdict on one value for a field, as a patch would carry it. With `json` it is JSON text. */
export function checkField(name: FieldName, value: unknown, options: FieldOptions = {}): Verdict {
  const text = options.json ? (value as Text) : JSON.stringify(value);
  const field = fields.find((field) => field.name == name);
  if (!field) throw Error("no such field");
  // A field stands inside of a body: one bracket is open already.
  const json = read(text, options, limits.maxDepth - 1);
  return json && few(judge(field, json.value, options));
}

/** The verdict on a patch. */
export function checkPatch(body: Body, options: Options = {}): Verdict {
  const text = typeof body == "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  const json = read(text, options, limits.maxDepth);
  if (!json) return;
  if (typeOf(json.value) != "object") return [failure("type", "", typeDetails.body)];
  const patch = json.value as Record<string, unknown>;
  const present = fields.filter(({ name }) => patch[name] !== undefined);
  // A name that is no field's may deserve a suggestion.
  if (!options.ignoreUnknown && Object.keys(patch).length > present.length) return;
  return few(fields.flatMap((field) => judge(field, patch[field.name], options)));
}

/** Leaves it to the engine to cut a list that is too long. */
const few = (errors: ContactError[]) => (errors.length > limits.maxErrors ? undefined : errors);

function failure(rule: keyof typeof texts, pointer: string, detail?: string): ContactError {
  const [title, usual] = texts[rule];
  return {
    code: "validation_failed",
    title,
    detail: detail ?? usual,
    source: { pointer },
    meta: { rule },
  };
}

/** Judges the value of a field; undefined is a field that is absent. */
function judge(field: Field, value: unknown, options: Options): ContactError[] {
  const { name, required } = field;
  const pointer = "/" + name;
  if (value === undefined)
    return options.requireComplete && required ? [failure("required", pointer)] : [];
  if (value !== null) return judgeValue(field, value, pointer);
  if (required) return [failure("null", pointer)];
  return options.requireComplete ? [failure("null", pointer, nullDetail)] : [];
}

/** The kinds that are no strings in JSON. */
const types: { [K in Kind]?: string } = {
  boolean: "boolean",
  object: "object",
  ids: "array",
  strings: "array",
};

const typeOf = (value: unknown) =>
  Array.isArray(value) ? "array" : value === null ? "null" : typeof value;

/** What a string of a kind must be, and the rule that it breaks if it is not. */
const forms: {
  [K in Kind]?: [
    rule: Rule & keyof typeof texts,
    holds: (text: string, values?: readonly string[]) => boolean,
  ];
} = {
  id: ["uuid", isID],
  constant: ["enum", isOneOf],
  enum: ["enum", isOneOf],
  date: ["date", isDate],
  timestamp: ["timestamp", isTimestamp],
  timezone: ["timezone", (text) => timezones.includes(text)],
};

function judgeValue(
  { kind, name, values }: Pick<Field, "kind" | "name" | "values">,
  value: unknown,
  pointer: string,
): ContactError[] {
  if (typeOf(value) != (types[kind] ?? "string"))
    return [failure("type", pointer, typeDetails[kind])];
  if (Array.isArray(value)) {
    const element = { name, kind: kind == "ids" ? "id" : "string" } as const;
    return value.flatMap((item, i) => judgeValue(element, item, `${pointer}/${i}`));
  }
  const [rule, holds] = forms[kind] ?? [];
  if (!rule || holds!(value as string, values)) return [];
  const error = failure(rule, pointer, values && enumDetails[name]);
  if (kind != "timezone") return [error];
  const suggestion = suggest(value as string, timezones);
  if (suggestion) error.meta.suggestion = suggestion;
  return [error];
}

/** One of the strings that an enum allows. */
function isOneOf(text: string, values: readonly string[] = []): boolean {
  return values.includes(text);
}

/** A version 4 UUID (RFC 9562 §4 and §5.4). */
function isID(text: string): boolean {
  return /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i.test(text);
}

/** A day that exists, as RFC 3339 writes it. A Date carries the 30th of February over to March. */
function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && new Date(text).toJSON()?.slice(0, 10) == text;
}

const clock = "(?:[01]\\d|2[0-3]):[0-5]\\d";
const timestamp = RegExp(
  `^(\\d{4}-\\d\\d-\\d\\d)T(${clock}):([0-5]\\d|60)(?:\\.\\d+)?(Z|[+-]${clock})$`,
  "i",
);
const day = 864e5;
const first = Date.parse("0000-01-01");
const last = Date.parse("9999-12-31") + day - 1;

/**
 * An RFC 3339 timestamp (§5.6) whose year in UTC has four digits. A leap second is one only at the
 * end of a day in UTC (§5.7).
 */
function isTimestamp(text: string): boolean {
  const [, date, time, seconds, offset] = timestamp.exec(text) ?? [];
  if (!date || !isDate(date)) return false;
  const instant = Date.parse(`${date}T${time}${offset.toUpperCase()}`) + Number(seconds) * 1000;
  return instant >= first && instant <= last && (seconds != "60" || instant % day == 0);
}

/**
 * Reads a JSON text, at most depth brackets deep. It returns undefined where the engine may see
 * more than JSON.parse: what is no JSON, half surrogate pairs, repeated names, too much of it.
 */
function read(text: Text, options: Options, depth: number): { value: unknown } | undefined {
  if (options.maxBytes || options.maxDepth || options.maxErrors) return;
  try {
    if (typeof text != "string") text = utf8.decode(text);
    // A character takes at most three bytes.
    if (text.length * 3 > limits.maxBytes || /\p{Cs}|\\ud[89a-f]/iu.test(text)) return;
    const value: unknown = JSON.parse(text);
    const names = [...text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g)].filter(
      ([, colon]) => colon,
    );
    // JSON.parse keeps one of the members of a name.
    if (names.length == countMembers(value, depth)) return { value };
  } catch {}
}

const utf8 = /* @__PURE__ */ decoder({ fatal: true, ignoreBOM: true });

/** Counts the members of all objects in a value; NaN where it is deeper than depth. */
function countMembers(value: unknown, depth: number): number {
  if (typeof value != "object" || !value) return 0;
  if (depth == 0) return NaN;
  const items = Object.values(value);
  const own = Array.isArray(value) ? 0 : items.length;
  return items.reduce((sum: number, item) => sum + countMembers(item, depth - 1), own);
}
