// What kinds of values the fields of Drupal and the properties of Entra hold, and how one becomes the other. Each
// conversion is exact: a value that has no counterpart is a fault, never a guess.
import { z } from "zod";
import type { Reason } from "./plan.ts";
import type { AttributeValue } from "./users.ts";
import { canonical, fingerprint, folded } from "./values.ts";

/** How a field of Drupal's user is declared; a field that is not declared is one line of text of up to 255 characters. */
export const drupalFieldSchema = z.strictObject({
  type: z
    .enum([
      "text",
      "list",
      "boolean",
      "integer",
      "decimal",
      "date",
      "datetime",
      "term",
      "user",
      "timezone",
      "language",
    ])
    .describe("What the field holds. term and user are references."),
  multiple: z.boolean().default(false).describe("The field holds several values."),
  maxLength: z.int().min(1).max(100_000).optional().describe("Characters that the field takes."),
  values: z
    .array(z.string().min(1).max(255))
    .max(1000)
    .optional()
    .describe(
      "The keys that a list field, or the languages that the site, has; others are refused before Drupal does.",
    ),
  vocabulary: z
    .string()
    .regex(/^[a-z0-9_]{1,32}$/)
    .optional()
    .describe("Machine name of the vocabulary whose terms a term field refers to."),
});

/** A declared field. */
export type DrupalField = z.infer<typeof drupalFieldSchema>;

/** What an Entra property holds. `one`: a list that takes a single value (businessPhones). */
export type EntraType = "text" | "list" | "one" | "boolean" | "integer" | "date" | "user";

/** Either the value in the other system's form, or why it has none. */
export type Converted =
  | { readonly ok: true; readonly value: AttributeValue }
  | { readonly ok: false; readonly fault: Reason };

const BUILT_IN_FIELDS: Readonly<Record<string, DrupalField>> = {
  name: { type: "text", multiple: false, maxLength: 60 },
  mail: { type: "text", multiple: false, maxLength: 254 },
  timezone: { type: "timezone", multiple: false },
  langcode: { type: "language", multiple: false },
  preferred_langcode: { type: "language", multiple: false },
  preferred_admin_langcode: { type: "language", multiple: false },
};
const TEXT: DrupalField = { type: "text", multiple: false, maxLength: 255 };

/** The declaration of a field, from the configuration, Drupal's own fields, or the usual. */
export function drupalFieldOf(
  name: string,
  declared: Readonly<Record<string, DrupalField>>,
): DrupalField {
  if (Object.hasOwn(declared, name)) return declared[name] ?? TEXT;
  return Object.hasOwn(BUILT_IN_FIELDS, name) ? (BUILT_IN_FIELDS[name] ?? TEXT) : TEXT;
}

const ENTRA_TYPES = new Map<string, EntraType>([
  ["businessPhones", "one"],
  ["otherMails", "list"],
  ["manager", "user"],
  ["employeeHireDate", "date"],
  ["employeeLeaveDateTime", "date"],
]);

/** What a property holds; directory extensions are text unless declared otherwise. */
export function entraTypeOf(
  attribute: string,
  declared: Readonly<Record<string, EntraType>>,
): EntraType {
  if (Object.hasOwn(declared, attribute)) return declared[attribute] ?? "text";
  return ENTRA_TYPES.get(attribute) ?? "text";
}

// Addresses and names that Entra compares without regard to case, and answers as they were first stored.
const FOLDED = new Set(["mail", "userPrincipalName", "otherMails"]);

const isoTime = (text: string): string => {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? text : new Date(ms).toISOString();
};
const each = (value: AttributeValue, work: (text: string) => string): AttributeValue => {
  if (typeof value === "string") return work(value);
  return Array.isArray(value) ? value.map((item) => work(String(item))) : value;
};

/** The fingerprint under which a value of an Entra property is compared. */
export function entraPrint(attribute: string, value: AttributeValue | undefined): string {
  const known = canonical(value);
  if (FOLDED.has(attribute)) return fingerprint(each(known, folded));
  return fingerprint(ENTRA_TYPES.get(attribute) === "date" ? each(known, isoTime) : known);
}

/** The fingerprint under which a value of a Drupal field is compared. */
export function drupalPrint(
  name: string,
  field: DrupalField,
  value: AttributeValue | undefined,
): string {
  const known = canonical(value);
  if (name === "mail") return fingerprint(each(known, folded));
  const decimal = (text: string) => (/^-?\d+\.\d*$/.test(text) ? text.replace(/\.?0*$/, "") : text);
  switch (field.type) {
    case "decimal":
      return fingerprint(each(typeof known === "number" ? String(known) : known, decimal));
    case "datetime":
      return fingerprint(each(known, isoTime));
    case "boolean": // an unticked box and one that was never touched are the same to a person
      return fingerprint(known ?? false);
    default:
      return fingerprint(known);
  }
}

const fault = (code: string, message: string): Converted => ({
  ok: false,
  fault: { code, message },
});
const good = (value: AttributeValue): Converted => ({ ok: true, value });

// Text or a list of texts, in which both systems meet.
function neutral(value: AttributeValue): string | readonly string[] | null {
  const known = canonical(value);
  if (known === null || typeof known === "string") return known;
  return typeof known === "object" ? known : String(known);
}

function scalarForEntra(text: string, type: EntraType): Converted {
  switch (type) {
    case "boolean":
      if (text === "true" || text === "false") return good(text === "true");
      return fault("invalidValue", "the property takes true or false");
    case "integer":
      if (/^-?\d{1,15}$/.test(text)) return good(Number(text));
      return fault("invalidValue", "the property takes a whole number");
    case "date":
      if (/^\d{4}-\d\d-\d\d$/.test(text)) return good(`${text}T00:00:00Z`);
      if (!Number.isNaN(Date.parse(text))) return good(isoTime(text).replace(".000Z", "Z"));
      return fault("invalidValue", "the property takes a date");
    case "list":
    case "one":
      return good([text]);
    default:
      return good(text);
  }
}

/** A Drupal value in the form of an Entra property of `type`. Limits of length are checked elsewhere. */
export function toEntraForm(value: AttributeValue, type: EntraType): Converted {
  const known = neutral(value);
  if (known === null) return good(null);
  if (typeof known === "string") return scalarForEntra(known, type);
  if (type === "list") return good(known);
  const [only, ...others] = known;
  if (only === undefined) return good(null);
  if (others.length > 0)
    return fault("severalValues", `the property takes one value, not ${known.length}`);
  return scalarForEntra(only, type);
}

const TIME_ZONES = new Set(["UTC", ...Intl.supportedValuesOf("timeZone")]);

function languageForDrupal(text: string, values: readonly string[] | undefined): Converted {
  const tag = folded(text);
  if (values === undefined) return good(tag);
  const found =
    values.find((value) => folded(value) === tag) ??
    values.find((value) => folded(value) === tag.split("-")[0]);
  return found === undefined
    ? fault("invalidValue", "the site does not have this language")
    : good(found);
}

const invalid = (message: string): Converted => fault("invalidValue", message);

function textForDrupal(text: string, field: DrupalField): Converted {
  const max = field.maxLength ?? 255;
  if (text.length <= max) return good(text);
  return fault("valueTooLong", `the field takes at most ${max} characters, not ${text.length}`);
}

// Drupal's integer column has 32 bits.
function integerForDrupal(text: string): Converted {
  const number = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (Math.abs(number) < 2 ** 31) return good(number);
  return invalid("the field takes a whole number of 32 bits");
}

function dateForDrupal(text: string): Converted {
  const isDate = /^\d{4}-\d\d-\d\d($|T)/.test(text) && !Number.isNaN(Date.parse(text));
  return isDate ? good(text.slice(0, 10)) : invalid("the field takes a date");
}

// With an offset and without milliseconds, as Drupal asks for (contract/drupal-fields).
function timeForDrupal(text: string): Converted {
  if (Number.isNaN(Date.parse(text))) return invalid("the field takes a time");
  return good(isoTime(text).replace(/\.\d+Z$/, "+00:00"));
}

const FORMS: Readonly<
  Record<DrupalField["type"], (text: string, field: DrupalField) => Converted>
> = {
  text: textForDrupal,
  term: textForDrupal,
  user: textForDrupal,
  integer: integerForDrupal,
  date: dateForDrupal,
  datetime: timeForDrupal,
  language: (text, { values }) => languageForDrupal(text, values),
  boolean: (text) =>
    text === "true" || text === "false"
      ? good(text === "true")
      : invalid("the field takes true or false"),
  decimal: (text) =>
    /^-?\d+(\.\d+)?$/.test(text) ? good(text) : invalid("the field takes a decimal number"),
  list: (text, { values }) =>
    values === undefined || values.includes(text)
      ? good(text)
      : invalid("the list field does not have this value"),
  timezone: (text) =>
    TIME_ZONES.has(text) ? good(text) : invalid("the field takes a time zone of the IANA database"),
};

/** An Entra value in the form of a Drupal field, with the field's own limits. */
export function toDrupalForm(value: AttributeValue, field: DrupalField): Converted {
  const known = neutral(value);
  if (known === null) return good(null);
  const texts = typeof known === "string" ? [known] : known;
  if (!field.multiple && texts.length > 1)
    return fault("severalValues", `the field takes one value, not ${texts.length}`);
  const converted = texts.map((text) => FORMS[field.type](text, field));
  const refused = converted.find((one) => !one.ok);
  if (refused !== undefined) return refused;
  const values = converted.flatMap((one) => (one.ok && one.value !== null ? [one.value] : []));
  return good(field.multiple ? values.map(String) : (values[0] ?? null));
}
