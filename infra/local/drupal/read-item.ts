// One value of an added field as JSON:API takes it, by field type: what is stored, and what is wrong with it.
import { notModelled, refusal } from "./drupal-error.ts";
import { type Fault, NOT_A_CHOICE, NOT_PRIMITIVE, valueFault } from "./field-faults.ts";
import type { FieldItem, UserFieldDefinition } from "./user-fields.ts";

/** A value that was read; null is an empty item, which is dropped. */
export interface ReadItem {
  readonly value: FieldItem | null;
  readonly faults: readonly Fault[];
}

const TEXT_LENGTH = 255;
const PHONE_LENGTH = 256;
/** The text formats that a member without further rights may use (contract/drupal-fields 006). */
const FORMATS: readonly unknown[] = ["basic_html", "plain_text"];

const empty: ReadItem = { value: null, faults: [] };
const fine = (value: FieldItem): ReadItem => ({ value, faults: [] });
const unknownValue = (field: UserFieldDefinition, given: unknown): Error =>
  notModelled(`the value ${JSON.stringify(given)} for ${field.name} (${field.type})`);

/** Numbers and true become texts, as PHP casts them (contract/drupal-fields 015). */
function cast(field: UserFieldDefinition, given: unknown): string {
  if (typeof given === "string") return given;
  if (given === true) return "1";
  if (typeof given === "number" && Number.isSafeInteger(given)) return String(given);
  throw unknownValue(field, given);
}

function readText(field: UserFieldDefinition, given: unknown): ReadItem {
  // The answer shows "1", but the text that was there stays stored (contract/drupal-fields 016, 017).
  if (given === true) throw unknownValue(field, given);
  const text = cast(field, given);
  if (text === "") return empty;
  const isPhone = field.type === "telephone";
  const length = isPhone ? PHONE_LENGTH : TEXT_LENGTH;
  if ([...text].length <= length) return fine(text);
  const what = isPhone ? "the telephone number may not" : "may not";
  return {
    value: text,
    faults: [valueFault(`${field.label}: ${what} be longer than ${length} characters.`)],
  };
}

function rangeFaults({ label, min, max }: UserFieldDefinition, value: number): Fault[] {
  return [
    ...(min !== undefined && value < min
      ? [`${label}: the value may be no less than ${min}.`]
      : []),
    ...(max !== undefined && value > max
      ? [`${label}: the value may be no greater than ${max}.`]
      : []),
  ].map(valueFault);
}

/** Each bound complains on its own about what is no number (contract/drupal-fields 008). */
const notNumeric = ({ min, max }: UserFieldDefinition): Fault[] =>
  [min, max]
    .filter((bound) => bound !== undefined)
    .map(() => valueFault("This value should be a valid number."));

const NUMERIC = /^\s*-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i;
const INTEGER = /^\s*-?(0|[1-9]\d*)\s*$/;
const DECIMAL = /^\s*-?\d+(\.\d+)?\s*$/;
const DECIMAL_PLACES = 2;

function readNumber(field: UserFieldDefinition, given: unknown): ReadItem {
  if (given === false || given === "") return empty;
  if (given === true) {
    // Without bounds nobody complains; what is stored then was not measured.
    if (field.min === undefined || field.max === undefined) throw unknownValue(field, given);
    return { value: 1, faults: notNumeric(field) };
  }
  if (typeof given !== "number" && typeof given !== "string") throw unknownValue(field, given);
  const text = String(given);
  if (typeof given === "number" && Math.abs(given) > Number.MAX_SAFE_INTEGER)
    throw unknownValue(field, given);
  if (/^\s*\+/.test(text)) throw unknownValue(field, given);
  if (!NUMERIC.test(text))
    return { value: text, faults: [...notNumeric(field), valueFault(NOT_PRIMITIVE)] };
  const value = Number(text);
  const shape = field.type === "integer" ? INTEGER : DECIMAL;
  const faults = [
    ...rangeFaults(field, value),
    ...(shape.test(text) ? [] : [valueFault(NOT_PRIMITIVE)]),
  ];
  if (field.type === "integer") return { value, faults };
  // SQLite gives decimals back without trailing zeros (contract/drupal-fields 003, 018).
  return { value: String(Number(value.toFixed(DECIMAL_PLACES))), faults };
}

function readBoolean(given: unknown): ReadItem {
  if (given === true || given === 1 || given === "1") return fine(true);
  if (given === false || given === 0 || given === "0") return fine(false);
  return { value: false, faults: [valueFault(NOT_PRIMITIVE)] };
}

function readChoice(field: UserFieldDefinition, given: unknown): ReadItem {
  const key = cast(field, given);
  if (key === "") return empty;
  const isAllowed = (field.allowed ?? []).includes(key);
  return {
    value: key,
    faults: isAllowed ? [] : [{ property: "", message: NOT_A_CHOICE }],
  };
}

const formats: Readonly<Record<string, string>> = {
  date: '"Y-m-d" (date-only)',
  datetime: '"Y-m-d\\TH:i:sP" (RFC 3339), "Y-m-d\\TH:i:sO" (ISO 8601)',
};

/** The one fault that is told without a pointer and before all others (contract/drupal-fields 029-034). */
function wrongDate(field: UserFieldDefinition, given: unknown): Error {
  return refusal(
    422,
    `The specified date "${String(given)}" is not in an accepted format: ${formats[field.type] ?? ""}.`,
  );
}

function calendarDay(text: string): string | undefined {
  const [, year = "", month = "", day = ""] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text) ?? [];
  const iso = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const time = Date.parse(`${iso}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(iso) ? iso : undefined;
}

function readDate(field: UserFieldDefinition, given: unknown): ReadItem {
  if (given === true) {
    const message = "The datetime value must be a string.";
    return { value: "1", faults: [{ property: "", message }, valueFault(NOT_PRIMITIVE)] };
  }
  if (typeof given !== "string" && typeof given !== "number") throw unknownValue(field, given);
  const text = String(given);
  if (field.type === "date") {
    const day = calendarDay(text);
    if (day === undefined) throw wrongDate(field, given);
    return fine(day);
  }
  const [, day = "", time = "", zone = ""] =
    /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(Z|[+-]\d\d:?\d\d)$/.exec(text) ?? [];
  const instant = Date.parse(`${day}T${time}${zone.replace(/(\d\d):?(\d\d)$/, "$1:$2")}`);
  if (calendarDay(day) === undefined || Number.isNaN(instant)) throw wrongDate(field, given);
  return fine(new Date(instant).toISOString().slice(0, 19));
}

function readLongText(
  field: UserFieldDefinition,
  given: Readonly<Record<string, unknown>>,
): ReadItem {
  const { value, format = null } = given;
  if (value === undefined || value === null || value === "") return empty;
  const text = cast(field, value);
  if (format !== null && typeof format !== "string") throw unknownValue(field, given);
  const isUsable = format === null || FORMATS.includes(format);
  return {
    value: { value: text, format },
    faults: isUsable ? [] : [{ property: "format", message: NOT_A_CHOICE }],
  };
}

function readLink(field: UserFieldDefinition, given: Readonly<Record<string, unknown>>): ReadItem {
  const { uri, title = null, options } = given;
  if (uri === undefined || uri === null || uri === "") return empty;
  const hasOptions =
    options !== undefined && !(Array.isArray(options) && options.length === 0) && options !== null;
  if (typeof uri !== "string" || hasOptions || (title !== null && typeof title !== "string"))
    throw unknownValue(field, given);
  if (/^https?:\/\/[^\s/]+\S*$/.test(uri)) return fine({ uri, title });
  // Paths, entities and other schemes are legal or not by rules that nobody measured.
  if (/^[a-z][a-z0-9+.-]*:/i.test(uri)) throw unknownValue(field, given);
  const faults = [
    { property: "", message: `The path '${uri}' is invalid.` },
    { property: "uri", message: NOT_PRIMITIVE },
  ];
  return { value: { uri, title }, faults };
}

/** The names that an item may have, in the order in which Drupal lists them. */
const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  text_long: ["value", "format"],
  link: ["uri", "title", "options"],
};
const VALUE_ONLY: readonly string[] = ["value"];

/** Drupal's own name of a field type where it is not ours. */
const TYPE_NAMES: Readonly<Record<string, string>> = { date: "datetime" };

function checkProperties(field: UserFieldDefinition, given: object): void {
  const known = PROPERTIES[field.type] ?? VALUE_ONLY;
  const unknown = Object.keys(given).find(
    (name) => !known.includes(name) && !(field.type === "text_long" && name === "processed"),
  );
  if (unknown === undefined) return;
  const type = TYPE_NAMES[field.type] ?? field.type;
  const list = known.map((name) => `'${name}'`).join(", ");
  throw refusal(
    422,
    `The property '${unknown}' does not exist on the '${field.name}' field of type '${type}'. Writable properties are: ${list}.`,
  );
}

function readScalar(field: UserFieldDefinition, given: unknown): ReadItem {
  if (given === null || given === undefined) return empty;
  switch (field.type) {
    case "string":
    case "telephone":
      return readText(field, given);
    case "integer":
    case "decimal":
      return readNumber(field, given);
    case "boolean":
      return readBoolean(given);
    case "list_string":
      return readChoice(field, given);
    case "date":
    case "datetime":
      return readDate(field, given);
    default:
      throw unknownValue(field, given);
  }
}

/** Reads one item, which may come bare or as an object of its properties. */
export function readItem(field: UserFieldDefinition, given: unknown): ReadItem {
  if (given === null) return empty;
  const isObject = typeof given === "object";
  if (isObject) checkProperties(field, given);
  const properties: Readonly<Record<string, unknown>> = isObject
    ? Object.fromEntries(Object.entries(given))
    : {};
  if (field.type === "text_long")
    return readLongText(field, isObject ? properties : { value: given });
  if (field.type === "link") return readLink(field, isObject ? properties : { uri: given });
  return readScalar(field, isObject ? properties.value : given);
}
