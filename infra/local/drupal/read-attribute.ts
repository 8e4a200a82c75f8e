// Core's own attributes of a user as JSON:API takes them, read the way Drupal's deserializer reads them.
import { z } from "zod";
import { type DrupalError, notModelled, refusal, violations } from "./drupal-error.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { NOT_PRIMITIVE } from "./field-faults.ts";

const record = z.record(z.string(), z.unknown());

const invalidType = (field: string): DrupalError =>
  violations([
    {
      detail: `${field}.0.value: ${NOT_PRIMITIVE}`,
      pointer: `/data/attributes/${field}/value`,
    },
  ]);

/** A field value may come bare or as `{value}` (contract/drupal 146). */
function bare(field: string, value: unknown): unknown {
  if (Array.isArray(value)) throw notModelled(`a list as the value of ${field}`);
  if (typeof value !== "object" || value === null) return value;
  const given = record.parse(value);
  const known = Object.keys(given).every((key) => key === "value" || key === "existing");
  if (!known || (given.value === undefined && field !== "pass"))
    throw notModelled(`an object without "value" as the value of ${field}`);
  return given.value;
}

/** Unix seconds, or a date with an offset; anything else is 422 without a pointer (contract/drupal 166, 167). */
function readTime(field: string, value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (typeof value === "string" && /^-?\d+$/.test(value)) return Number(value);
  const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:?\d\d$/;
  if (typeof value === "string" && shape.test(value))
    return Math.floor(Date.parse(value.replace(/(\d\d):?(\d\d)$/, "$1:$2")) / 1000);
  if (typeof value !== "string") throw notModelled(`this kind of value for ${field}`);
  throw refusal(
    422,
    `The specified date "${value}" is not in an accepted format: "U" (UNIX timestamp), "Y-m-d\\TH:i:sO" (ISO 8601), "Y-m-d\\TH:i:sP" (RFC 3339).`,
  );
}

function readStatus(value: unknown): boolean {
  if (value === true || value === 1 || value === "1") return true;
  if (value === false || value === 0 || value === "0") return false;
  if (value === null) throw notModelled("a status of null");
  throw invalidType("status");
}

/** Texts: numbers become texts, the empty text is stored as null (contract/drupal 041, 043). */
function readText(field: string, value: unknown): string | null {
  if (value === null || value === "") return null;
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw invalidType(field);
}

/** What one attribute would store: the column and its value. */
export function readAttribute(name: string, given: unknown): Partial<DrupalUser> {
  const value = bare(name, given);
  switch (name) {
    case "status":
      return { status: readStatus(value) };
    case "created":
    case "changed":
    case "access":
    case "login":
      return { [name]: readTime(name, value) };
    case "drupal_internal__uid":
      return typeof value === "number" ? { uid: value } : {};
    case "name":
      return { name: readText(name, value) ?? "" };
    case "pass":
      // UserPassItem: an empty password, or `existing` alone, leaves the old one.
      return value === undefined || value === null || value === ""
        ? {}
        : { pass: readText(name, value) };
    case "preferred_langcode":
    case "preferred_admin_langcode":
      // The empty language stays empty, and is no valid choice.
      return { [name]: value === "" ? "" : readText(name, value) };
    case "langcode":
    case "default_langcode":
      throw notModelled(`writing ${name}`);
    case "display_name":
      return {};
    default:
      return { [name]: readText(name, value) };
  }
}
