// Standard Schema (https://standardschema.dev) version 1 for a contact, a patch and each field, so
// that form libraries and routers take them as they are.
import type { ContactError, ContactPatch, FieldOptions, Options } from "./contact.js";
import { fields, type Contact, type Field, type FieldName, type Kind } from "./fields.gen.js";
import { en } from "./messages/en.js";
import { sentence } from "./messages/index.js";

/** What judges: an engine, or the module of the instant tier. */
export interface Judge {
  checkPatch(body: string, options?: Options): ContactError[] | undefined;
  checkField(name: FieldName, value: unknown, options?: FieldOptions): ContactError[] | undefined;
}

/** What is wrong, as Standard Schema has it, with the API's own error beside it. */
export interface StandardIssue {
  readonly message: string;
  readonly path: readonly PropertyKey[];
  /** Absent where nobody could tell. */
  readonly error?: ContactError;
}

export type StandardResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** A StandardSchemaV1 whose values come out as they went in. */
export interface StandardSchema<T> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: "partner-contacts";
    readonly validate: (value: unknown) => StandardResult<T> | Promise<StandardResult<T>>;
    /** The schema as JSON Schema (https://standardschema.dev/json-schema), for "draft-2020-12" and "draft-07". */
    readonly jsonSchema: {
      readonly input: (options: { target: string }) => Record<string, unknown>;
      readonly output: (options: { target: string }) => Record<string, unknown>;
    };
    readonly types?: { readonly input: T; readonly output: T };
  };
}

export interface StandardSchemas {
  /** A whole contact. */
  contact: StandardSchema<Contact>;
  /** The body of an update. */
  patch: StandardSchema<ContactPatch>;
  /** The value of one field in a patch; undefined is a field that the patch leaves alone. */
  fields: { [K in FieldName]-?: StandardSchema<ContactPatch[K]> };
}

export interface StandardOptions extends Options {
  /** The sentence for an error, by default that of the English catalogue. */
  message?: ((error: ContactError, field?: Field) => string) | undefined;
  /**
   * Loads what is asked where the judge cannot tell: `load`. The answer is a promise then, which
   * some libraries take from their asynchronous validators alone. Without it, what the judge
   * cannot tell is refused.
   */
  engine?: (() => Judge | Promise<Judge>) | undefined;
}

/**
 * The schemas, judged by an engine or by the instant tier. A value is judged as JSON.stringify
 * writes it: a Date is a string, and members that are undefined are absent.
 */
export function standard(judge: Judge, options: StandardOptions = {}): StandardSchemas {
  const { message = (error, field) => sentence(en, error, field, rules), engine, ...rules } = options;

  // A pointer leads to the value through so many names: into a field's it begins with the field.
  const schema = <T>(
    depth: number,
    json: () => Record<string, unknown>,
    ask: (judge: Judge, text: string) => Verdict,
    absent = false,
  ) => {
    const answer = (value: unknown, verdict: Verdict): StandardResult<T> => {
      if (!verdict) return { issues: [{ message: "Only the engine can judge this.", path: [] }] };
      if (!verdict.length) return { value: value as T };
      return { issues: verdict.map((error) => issueOf(error, value, depth, message)) };
    };
    const validate = (value: unknown) => {
      if (absent && value === undefined) return answer(value, []);
      const text = jsonOf(value);
      const verdict = ask(judge, text);
      if (verdict || !engine) return answer(value, verdict);
      const later = async () => answer(value, ask(await engine(), text));
      return later();
    };
    const describe = ({ target }: { target: string }) => {
      const $schema = dialects[target];
      if (!$schema) throw Error("no JSON Schema for " + target);
      return { $schema, ...json() };
    };
    return {
      "~standard": { version: 1, vendor: "partner-contacts", validate, jsonSchema: { input: describe, output: describe } },
    } as StandardSchema<T>;
  };

  const fieldSchema = (field: Field) =>
    schema(1, () => typeOf(field, field.required), (judge, text) => judge.checkField(field.name, text, { ...rules, json: true }), true);
  return {
    contact: schema(0, () => objectOf(true), (judge, text) => judge.checkPatch(text, { ...rules, requireComplete: true })),
    patch: schema(0, () => objectOf(false), (judge, text) => judge.checkPatch(text, rules)),
    fields: Object.fromEntries(
      fields.map((field) => [field.name, fieldSchema(field)]),
    ) as unknown as StandardSchemas["fields"],
  };
}

type Verdict = ContactError[] | undefined;

/** The JSON text of a value; for what has none that of a number, which no schema takes. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "0";
  } catch {
    return "0";
  }
}

const dialects: Record<string, string> = {
  "draft-2020-12": "https://json-schema.org/draft/2020-12/schema",
  "draft-07": "http://json-schema.org/draft-07/schema#",
};

/** The JSON Schema of a kind of field: what it can say of it. */
const types: { [K in Kind]?: Record<string, unknown> } = {
  boolean: { type: "boolean" },
  object: { type: "object" },
  ids: { type: "array", items: { type: "string", format: "uuid" } },
  strings: { type: "array", items: { type: "string" } },
  id: { type: "string", format: "uuid" },
  date: { type: "string", format: "date" },
  timestamp: { type: "string", format: "date-time" },
};

function typeOf({ kind, values }: Field, required: boolean): Record<string, unknown> {
  const type = values ? { enum: [...values] } : (types[kind] ?? { type: "string" });
  return required ? type : { anyOf: [type, { type: "null" }] };
}

const objectOf = (whole: boolean) => ({
  type: "object",
  properties: Object.fromEntries(fields.map((field) => [field.name, typeOf(field, whole || field.required)])),
  ...(whole && { required: fields.filter(({ required }) => required).map(({ name }) => name) }),
  additionalProperties: false,
});

/**
 * What the entries of a form mean as a patch: an empty text of an optional field is null, "on" and
 * "true" of a consent are true. Lists have an item on each line, meta_public is JSON text. Entries
 * that are no field's stay as they are; an unticked box has no entry: read it from the control.
 */
export function fromForm(values: FormData | Record<string, unknown>): Record<string, unknown> {
  const entries = values instanceof FormData ? [...values] : Object.entries(values);
  return Object.fromEntries(entries.map(([name, value]) => [name, entered(fields.find((f) => f.name == name), value)]));
}

function entered(field: Field | undefined, value: unknown): unknown {
  if (!field || typeof value != "string") return value;
  const text = value.trim();
  if (field.kind == "boolean") return text == "on" || text == "true" ? true : text == "false" || !text ? false : value;
  if (field.kind == "ids" || field.kind == "strings") return value.split(/\r?\n/).filter((line) => line.trim());
  if (!text && !field.required) return null;
  if (field.kind != "object") return value;
  try {
    return JSON.parse(text);
  } catch {
    return value;
  }
}

function issueOf(
  error: ContactError,
  value: unknown,
  depth: number,
  message: (error: ContactError, field?: Field) => string,
): StandardIssue {
  // A pointer (RFC 6901) does not say whether a token is a name or an index: the value does.
  const tokens = (error.source?.pointer ?? "")
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  const field = fields.find(({ name }) => name == tokens[0]);
  let parent: any = value;
  const path = tokens.slice(depth).map((token) => {
    const key = Array.isArray(parent) ? Number(token) : token;
    parent = parent?.[key];
    return key;
  });
  return { message: message(error, field), path, error };
}
