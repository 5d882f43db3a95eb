// The stored contact behind a form: the value of each field as JSON text. It is read by JSON.parse,
// so that a form works before the engine has come; numbers in meta_public keep their digits.
import type { Body } from "./contact.js";
import type { Field } from "./fields.gen.js";
import { decoder } from "./text.js";

export interface Stored {
  /** The contact as JSON text. */
  readonly text: string;
  readonly id: unknown;
  /** The version as JSON text. */
  readonly version: string;
  /** The value of a field, null for one that is absent. */
  value(field: Field): string;
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;

/** The text of a JSON document without white space between the tokens. */
const compact = (json: string) => (json.match(TOKEN) ?? []).join("");

/** The members of an object by name, each as compact text with its numbers as they stand. */
export function members(json: string): Map<string, string> {
  const found = new Map<string, string>();
  let depth = 0;
  let name = "";
  let text = "";
  for (const [token] of json.matchAll(TOKEN)) {
    if (token == "}" || token == "]") depth--;
    if (depth == 1 && token == ":") {
      name = JSON.parse(text);
      text = "";
    } else if (depth == 0 || (depth == 1 && token == ",")) {
      found.set(name, text);
      text = "";
    } else text += token;
    if (token == "{" || token == "[") depth++;
  }
  return found;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value == "object" && value != null && !Array.isArray(value);

export function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const isList = (field: Field) => field.kind == "ids" || field.kind == "strings";

/** Reads a contact; what is none at all is a TypeError. */
export function readContact(body: Body): Stored {
  const text =
    typeof body == "string"
      ? body
      : ArrayBuffer.isView(body)
        ? decoder().decode(body)
        : JSON.stringify(body);
  const contact = parsed(text);
  if (!isObject(contact)) throw TypeError("bindForm: the contact is not a JSON object");
  const texts = members(text);
  return {
    text,
    id: contact.id,
    version: texts.get("updated_at") ?? "null",
    value(field) {
      const value = contact[field.name];
      if (field.kind == "object") return isObject(value) ? texts.get(field.name)! : "{}";
      return JSON.stringify(value ?? (isList(field) ? [] : null));
    },
  };
}

/** Whether two values of a field are one: ids are compared as bits, JSON text by its tokens. */
export function same({ kind }: Field, a: string, b: string): boolean {
  if (a == b) return true;
  if (kind == "ids") return a.toLowerCase() == b.toLowerCase();
  return kind == "object" && compact(a) == compact(b) && isObject(parsed(a)) && isObject(parsed(b));
}
