// The request document of POST and PATCH on users, read the way Drupal's deserializer reads it.
import { z } from "zod";
import { DrupalError, notModelled, refusal, violations } from "./drupal-error.ts";
import type { DrupalUser } from "./drupal-user.ts";
import type { Site } from "./site.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const record = z.record(z.string(), z.unknown());

/** The public names of fields that can be sent, with the column behind each. */
const ATTRIBUTES: ReadonlyMap<string, string> = new Map([
  ["drupal_internal__uid", "uid"],
  ...[
    "langcode preferred_langcode preferred_admin_langcode name pass mail timezone status created",
    "changed access login init default_langcode display_name",
    "field_department field_first_name field_last_name",
  ]
    .join(" ")
    .split(" ")
    .map((name): [string, string] => [name, name]),
]);

/** A request document with its fields sorted out but not yet judged. */
export interface UserDocument {
  readonly id: string | undefined;
  readonly attributes: ReadonlyMap<string, unknown>;
  readonly roles: readonly string[] | undefined;
  readonly picture:
    | { readonly target: string; readonly alt: string | null; readonly title: string | null }
    | null
    | undefined;
}

/** Parses a JSON body, or refuses it (contract/drupal 056, 057). */
export function parseBody(body: Buffer): unknown {
  if (body.length === 0) throw refusal(400, "Empty request body.");
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw refusal(400, "Syntax error");
  }
}

const asRecord = (value: unknown): Record<string, unknown> => record.safeParse(value).data ?? {};

function linkageOf(
  value: unknown,
  type: string,
): { type: string; id: string; meta: Record<string, unknown> } {
  const given = asRecord(value);
  if (given.type !== type || typeof given.id !== "string")
    throw notModelled(`a relationship item that is not a ${type} with an id`);
  return { type, id: given.id, meta: asRecord(given.meta) };
}

/** Machine names of the roles in a `roles` relationship; an unknown id is a 404 (contract/drupal 007). */
function readRoles(site: Site, data: unknown): string[] {
  if (!Array.isArray(data)) throw notModelled("a roles relationship that is no list");
  return data.map((item) => {
    const { id } = linkageOf(item, "user_role--user_role");
    const role = site.roles.find((each) => each.uuid === id);
    if (role === undefined)
      throw refusal(
        404,
        `The resource identified by \`user_role--user_role:${id}\` (given as a relationship item) could not be found.`,
      );
    return role.id;
  });
}

function readPicture(site: Site, data: unknown): UserDocument["picture"] {
  if (data === null) return null;
  const { id, meta } = linkageOf(data, "file--file");
  if (site.files.get(id) === undefined)
    throw refusal(
      404,
      `The resource identified by \`file--file:${id}\` (given as a relationship item) could not be found.`,
    );
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return { target: id, alt: text(meta.alt), title: text(meta.title) };
}

/** Reads `data`; the type is required but not checked (contract/drupal 053-055, 155), the id must be a UUID (047). */
export function readUserDocument(site: Site, body: unknown): UserDocument {
  const data = asRecord(asRecord(body).data);
  if (typeof data.type !== "string") throw refusal(400, 'Resource object must include a "type".');
  const id = data.id;
  if (id !== undefined && (typeof id !== "string" || !UUID.test(id)))
    throw new DrupalError({
      status: 422,
      items: [
        {
          detail: "IDs should be properly generated and formatted UUIDs as described in RFC 4122.",
        },
      ],
    });
  const attributes = new Map(Object.entries(asRecord(data.attributes)));
  for (const name of attributes.keys())
    if (!ATTRIBUTES.has(name))
      throw refusal(422, `The attribute ${name} does not exist on the user--user resource type.`);
  const relationships = asRecord(data.relationships);
  for (const name of Object.keys(relationships))
    if (name !== "roles" && name !== "user_picture")
      throw notModelled(`the relationship ${name} in a user document`);
  const { roles, user_picture: picture } = relationships;
  return {
    id,
    attributes,
    roles: roles === undefined ? undefined : readRoles(site, asRecord(roles).data),
    picture: picture === undefined ? undefined : readPicture(site, asRecord(picture).data),
  };
}

const invalidType = (field: string): DrupalError =>
  violations([
    {
      detail: `${field}.0.value: This value should be of the correct primitive type.`,
      pointer: `/data/attributes/${field}/value`,
    },
  ]);

/** A field value may come bare, as `{value}`, or as a list of one (contract/drupal 042, 146). */
function bare(field: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    if (value.length > 1 && field.startsWith("field_"))
      throw violations([
        {
          detail: `${field}: ${fieldLabel(field)}: this field cannot hold more than 1 values.`,
          pointer: `/data/attributes/${field}`,
        },
      ]);
    throw notModelled(`a list as the value of ${field}`);
  }
  if (typeof value !== "object" || value === null) return value;
  const given = asRecord(value);
  const known = Object.keys(given).every((key) => key === "value" || key === "existing");
  if (!known || (given.value === undefined && field !== "pass"))
    throw notModelled(`an object without "value" as the value of ${field}`);
  return given.value;
}

const fieldLabel = (field: string): string => {
  const words = field.replace("field_", "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

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
    case "langcode":
    case "default_langcode":
      throw notModelled(`writing ${name}`);
    case "display_name":
      return {};
    default:
      return { [name]: readText(name, value) };
  }
}
