// Makes the sentences that a person who fills in a form reads, from the catalogue of a language.
import type { ContactError, Options, Rule } from "../contact.js";
import type { Field } from "../fields.gen.js";
import { faults, limits } from "../rules.gen.js";

/** Why a text is not JSON. */
export type Fault = (typeof faults)[keyof typeof faults];

/**
 * What there is to say. An error is looked up as `rule.kind` (of the field), `syntax.fault`, and
 * then `rule`.
 */
export type Key =
  | Rule
  | `type.${Field["kind"]}`
  | `null.${Field["kind"]}`
  | `syntax.${Fault}`
  /** A body over its limit; `size` is a meta_public over its own. */
  | "size.body"
  /** Goes behind the sentence of an error that has a suggestion. */
  | "suggestion"
  /** Goes around the sentence of an error in a list. */
  | "line"
  /** What somebody else entered meanwhile, and the captions of the buttons that settle it. */
  | "theirs"
  | "keep"
  | "take"
  /** What stands for an empty control in `theirs`. */
  | "empty";

/**
 * The sentences of a language. In them {suggestion}, {line}, {sentence}, {theirs} and {limit}, a
 * number, stand for what is to be filled in.
 */
export interface Catalogue {
  /** BCP 47 */
  language: string;
  sentences: { readonly [K in Rule | "suggestion" | "line" | "theirs" | "keep" | "take" | "empty" | "size.body"]: string } & {
    readonly [K in Key]?: string;
  };
}

/** A fault, or a change of somebody else's: `theirs` is what the control would show. */
export type Issue = ContactError | { theirs: string };

/** Fills in one sentence. */
export function say(catalogue: Catalogue, key: Key, values: Record<string, string | number> = {}) {
  const numbers = new Intl.NumberFormat(catalogue.language);
  return (catalogue.sentences[key] ?? "").replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value == "number" ? numbers.format(value) : (value ?? "");
  });
}

/** The kinds whose values are strings of a form: what is no string is told that form. */
const rulesOfKinds: { [K in Field["kind"]]?: Rule } = {
  id: "uuid",
  ids: "uuid",
  constant: "enum",
  date: "date",
  timestamp: "timestamp",
  timezone: "timezone",
};

/** Which sentence an error gets. */
function keyOf({ code, detail, meta: { rule } }: ContactError, kind: Field["kind"] | undefined, sentences: Catalogue["sentences"]): Key {
  if (code == "body_too_large") return "size.body";
  if (rule == "syntax") {
    const key = `syntax.${faults[detail as keyof typeof faults]}` as const;
    return sentences[key] ? key : rule;
  }
  if (!kind || (rule != "type" && rule != "null")) return rule;
  const key = `${rule}.${kind}` as const;
  if (sentences[key]) return key;
  return rule == "type" ? (rulesOfKinds[kind] ?? rule) : rule;
}

/** The options that are limits, by the rule that breaks them. */
const limitsOfRules: { [K in Key]?: keyof typeof limits } = {
  "size.body": "maxBytes",
  size: "maxMeta",
  depth: "maxDepth",
  truncated: "maxErrors",
};

/**
 * The sentence for an issue with a field. What stands in a list is told with the number of its
 * line. The options are those the engine judges by, for the limits among them.
 */
export function sentence(catalogue: Catalogue, issue: Issue, field?: Pick<Field, "name" | "kind">, options: Options = {}): string {
  if ("theirs" in issue) return say(catalogue, "theirs", { theirs: issue.theirs || say(catalogue, "empty") });
  const key = keyOf(issue, field?.kind, catalogue.sentences);
  const limit = limitsOfRules[key];
  let text = say(catalogue, key, { limit: limit ? options[limit] || limits[limit] : "" });
  const { suggestion } = issue.meta;
  if (suggestion) text += " " + say(catalogue, "suggestion", { suggestion });
  const item = field && /^\/\w+\/(\d+)$/.exec(issue.source?.pointer ?? "");
  if (item && (field.kind == "ids" || field.kind == "strings"))
    return say(catalogue, "line", { line: Number(item[1]) + 1, sentence: text });
  return text;
}
