// Standard Schema (https://standardschema.dev) version 1 for a contact, a patch and each field, so
// that form libraries and routers take them as they are.
import type { ContactError, ContactPatch, FieldOptions, Options } from "./contact.js";
import { fields, type Contact, type Field, type FieldName } from "./fields.gen.js";

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
  /** The sentence for an error, by default its English detail. */
  message?: (error: ContactError, field?: Field) => string;
  /**
   * Loads what is asked where the judge cannot tell: `load`. The answer is a promise then, which
   * some libraries take from their asynchronous validators alone. Without it, what the judge
   * cannot tell is refused.
   */
  engine?: () => Judge | Promise<Judge>;
}

/**
 * The schemas, judged by an engine or by the instant tier. A value is judged as JSON.stringify
 * writes it: a Date is a string, and members that are undefined are absent.
 */
export function standard(judge: Judge, options: StandardOptions = {}): StandardSchemas {
  const { message = detailOf, engine, ...rules } = options;

  // A pointer leads to the value through so many names: into a field's it begins with the field.
  const schema = <T>(
    depth: number,
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
    return {
      "~standard": { version: 1, vendor: "partner-contacts", validate },
    } as StandardSchema<T>;
  };

  const fieldSchema = ({ name }: Field) =>
    schema(1, (judge, text) => judge.checkField(name, text, { ...rules, json: true }), true);
  return {
    contact: schema(0, (judge, text) => judge.checkPatch(text, { ...rules, requireComplete: true })),
    patch: schema(0, (judge, text) => judge.checkPatch(text, rules)),
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

function detailOf({ detail, meta }: ContactError): string {
  return meta.suggestion ? `${detail} Did you mean ${meta.suggestion}?` : detail;
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
