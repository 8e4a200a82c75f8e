// The request document of POST and PATCH on users, sorted out but not yet judged.
import { z } from "zod";
import { DrupalError, notModelled, refusal } from "./drupal-error.ts";
import { type Linkage, readLinkage } from "./linkage.ts";
import { readField } from "./read-field.ts";
import type { Site } from "./site.ts";
import { isReference } from "./user-fields.ts";

/** Uuid::isValid() knows no upper-case letters (contract/drupal-fields 107). */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const record = z.record(z.string(), z.unknown());

/** The attributes that every site's users have. */
const ATTRIBUTES: readonly string[] = (
  "drupal_internal__uid langcode preferred_langcode preferred_admin_langcode name pass mail " +
  "timezone status created changed access login init default_langcode display_name"
).split(" ");

/** A request document with its fields sorted out. */
export interface UserDocument extends Omit<Linkage, "others"> {
  readonly id: string | undefined;
  readonly attributes: ReadonlyMap<string, unknown>;
}

/** A document that changes only what is given. */
export function userDocument(id: string, given: Partial<UserDocument>): UserDocument {
  return {
    id,
    attributes: new Map(),
    roles: undefined,
    picture: undefined,
    references: new Map(),
    ...given,
  };
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

function checkId(id: unknown): string | undefined {
  if (id === undefined) return undefined;
  if (typeof id === "string" && UUID.test(id)) return id;
  throw new DrupalError({
    status: 422,
    items: [
      { detail: "IDs should be properly generated and formatted UUIDs as described in RFC 4122." },
    ],
  });
}

function relationshipNames(site: Site): string[] {
  return ["roles", "user_picture", ...site.fields.filter(isReference).map(({ name }) => name)];
}

/** Reads `data`; the type is required but not checked (contract/drupal 053-055, 155), the id must be a UUID (047). */
export function readUserDocument(site: Site, body: unknown): UserDocument {
  const data = asRecord(asRecord(body).data);
  if (typeof data.type !== "string") throw refusal(400, 'Resource object must include a "type".');
  const id = checkId(data.id);
  const attributes = new Map(Object.entries(asRecord(data.attributes)));
  const linkable = relationshipNames(site);
  const misplaced = [...attributes.keys()].filter((name) => linkable.includes(name));
  if (misplaced.length > 0)
    throw refusal(
      422,
      `The following relationship fields were provided as attributes: [ ${misplaced.join(", ")} ]`,
    );
  const { others, ...linkage } = readLinkage(site, data.relationships);
  for (const { name } of others) attributes.set(name, []);
  for (const [name, given] of attributes) {
    const field = site.fields.find((each) => each.name === name);
    if (field === undefined && !ATTRIBUTES.includes(name))
      throw refusal(422, `The attribute ${name} does not exist on the user--user resource type.`);
    // What ends the request while it is read comes before all that is judged later.
    if (field !== undefined) readField(field, given);
  }
  const filled = others.find(({ isEmpty }) => !isEmpty);
  if (filled !== undefined) throw notModelled(`identifiers for the attribute ${filled.name}`);
  return { id, attributes, ...linkage };
}
