// Makes the sentences that a person who fills in a form reads, from the catalogue of a language.
import type { ContactError, Options, Rule } from "../contact.js";
import type { Field, Kind } from "../fields.gen.js";
import { faults, limits } from "../rules.gen.js";

/** Why a text is not JSON. */
export type Fault = (typeof faults)[keyof typeof faults];

/** What every catalogue has a sentence for. */
export type Key =
  | Rule
  | `syntax.${Fault}`
  /** A body over its limit; `size` alone is a meta_public over its own. */
  | "size.body"
  /** Goes behind the sentence of an error that has a {suggestion}. */
  | "suggestion"
  /** Goes around a {sentence} about the item of a list that stands in a {line}. */
  | "line"
  /** What somebody else entered meanwhile, and the captions of the buttons that settle it. */
  | "theirs"
  | "keep"
  | "take"
  /** What stands in `theirs` for nothing. */
  | "empty"
  /** What is entered cannot be judged: not yet, or not at all. */
  | "waiting"
  | "unavailable"
  /** Several faults at once, by the {names} of their fields. */
  | "several"
  /** What the platform itself has against a value. */
  | "incomplete"
  | "email"
  | "url"
  | "pattern"
  | "short"
  | "long"
  | "range"
  | "year"
  /** How a save goes. */
  | "saving"
  | "saved"
  | "merged"
  | "unchanged"
  | "decide"
  | "again"
  | "busy"
  | "broken"
  | "failed"
  | "offline"
  | "forbidden"
  | "gone";

/** The sentences of a language; {suggestion} and the like stand for what is to be filled in. */
export interface Catalogue {
  /** BCP 47 */
  readonly language: string;
  /** A value of the wrong JSON type may have a sentence of its own for a kind of field. */
  readonly sentences: Readonly<Record<Key, string> & { [K in `type.${Kind}`]?: string }>;
}

/**
 * A fault; one that the platform has found, by its name in ValidityState ("year" for one of two digits)
 * and the type of the control; or a change of somebody else's: `theirs` is what the control would show.
 */
export type Issue = ContactError | { validity: string; type: string } | { theirs: string };

const platformKeys: Record<string, Key> = {
  valueMissing: "required", badInput: "incomplete", patternMismatch: "pattern", tooShort: "short", tooLong: "long",
  rangeUnderflow: "range", rangeOverflow: "range", stepMismatch: "range", year: "year",
};

/** Fills in a sentence; numbers are written as the language does. */
export function say(
  { language, sentences }: Catalogue,
  key: keyof Catalogue["sentences"],
  values: Record<string, string | number> = {},
): string {
  return (sentences[key] ?? sentences.type).replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value == "number" ? value.toLocaleString(language) : value;
  });
}

/**
 * The sentence for an issue with a field. What stands in a list is told with the number of its
 * item as the line. The options are those that the engine judges by: some sentences name a limit.
 */
export function sentence(
  catalogue: Catalogue,
  issue: Issue,
  field?: Pick<Field, "kind" | "values">,
  options: Options = {},
): string {
  if ("theirs" in issue)
    return say(catalogue, "theirs", { theirs: issue.theirs || say(catalogue, "empty") });
  if ("validity" in issue)
    return say(catalogue, platformKeys[issue.validity] ?? (issue.type == "url" ? "url" : "email"));
  // A pointer with a number behind the field names an item of a list.
  const kind = field && itemKinds[field.kind];
  const item = kind && /^\/\w+\/(\d+)$/.exec(issue.source?.pointer ?? "");
  const key = keyOf(issue, item ? kind : field?.kind, catalogue);
  const limit = limitsOfKeys[key];
  const values = (field?.values ?? []).join(", ");
  let text = say(catalogue, key, { values, ...(limit && { limit: options[limit] || limits[limit] }) });
  const { suggestion } = issue.meta;
  if (suggestion) text += " " + say(catalogue, "suggestion", { suggestion });
  return item ? say(catalogue, "line", { line: Number(item[1]) + 1, sentence: text }) : text;
}

const itemKinds: { [K in Kind]?: Kind } = { ids: "id", strings: "string" };

/** The limits that sentences name. */
const limitsOfKeys: { [K in keyof Catalogue["sentences"]]?: keyof typeof limits } = {
  "size.body": "maxBytes",
  size: "maxMeta",
  depth: "maxDepth",
  truncated: "maxErrors",
};

/** The rules of what a string must be, which are told to those who send no string at all. */
const rulesOfKinds: { [K in Kind]?: Rule } = {
  id: "uuid",
  ids: "uuid",
  constant: "enum",
  enum: "enum",
  date: "date",
  timestamp: "timestamp",
  timezone: "timezone",
};

function keyOf(
  { code, detail, meta: { rule } }: ContactError,
  kind: Kind | undefined,
  { sentences }: Catalogue,
) {
  if (code == "body_too_large") return "size.body";
  if (rule == "syntax" && has(faults, detail)) return `syntax.${faults[detail]}` as const;
  // A rule of a team's own, or of a later version of the server's, is "not allowed here".
  if (!has(sentences, rule)) return "meta";
  if (rule != "type" || !kind) return rule;
  const own = `type.${kind}` as const;
  return has(sentences, own) ? own : (rulesOfKinds[kind] ?? rule);
}

/** Object.hasOwn, for the compiler too. */
const has = <T extends object>(table: T, key: PropertyKey): key is keyof T =>
  Object.hasOwn(table, key);
