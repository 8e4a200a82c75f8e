// What the relationship routes are sent, and what it makes of the user.
import { z } from "zod";
import { notModelled, refusal } from "./drupal-error.ts";
import type { DrupalRequest } from "./drupal-http.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { targetType } from "./references.ts";
import type { Site } from "./site.ts";
import { parseBody, type UserDocument, userDocument } from "./user-document.ts";
import { targetsOf, type UserFieldDefinition } from "./user-fields.ts";

/** A relationship of users. */
export interface Relationship {
  readonly name: string;
  readonly many: boolean;
  readonly type: string;
  /** The field that the site added, if it is one. */
  readonly added: UserFieldDefinition | undefined;
}

/** A resource identifier that was sent. */
export interface SentIdentifier {
  readonly id: string;
  readonly meta: unknown;
}

/** The relationship of a name. */
export function relationshipOf(site: Site, name: string): Relationship {
  if (name === "roles") return { name, many: true, type: "user_role--user_role", added: undefined };
  const added = site.fields.find((field) => field.name === name);
  if (added === undefined) return { name, many: false, type: "file--file", added };
  return { name, many: added.many, type: targetType(added), added };
}

const invalid = (): Error => refusal(400, "Invalid body payload for the relationship.");
const identifier = z.object({
  type: z.string().min(1),
  id: z.string().min(1),
  meta: z.unknown().optional(),
});
const pictureMeta = z.object({ alt: z.string().nullish(), title: z.string().nullish() });

/** Reads the body: a list for a to-many relationship, one or null else, of the one type that fits. */
export function readIdentifiers(
  field: Relationship,
  request: DrupalRequest,
): readonly SentIdentifier[] {
  if (request.body.length === 0 && request.method === "DELETE")
    throw refusal(
      400,
      `You need to provide a body for DELETE operations on a relationship (${field.name}).`,
    );
  const { data } = z.object({ data: z.unknown() }).safeParse(parseBody(request.body)).data ?? {};
  if ((data === null || data === undefined) && !field.many) return [];
  if (Array.isArray(data) !== field.many) throw invalid();
  const list: readonly unknown[] = Array.isArray(data) ? data : [data];
  return list.map((item) => {
    const given = identifier.safeParse(item);
    if (!given.success) throw invalid();
    const { type, id, meta } = given.data;
    if (type !== field.type)
      throw refusal(
        400,
        `The provided type (${type}) does not match the destination resource types (${field.type}).`,
      );
    return { id, meta };
  });
}

const missing = (type: string, id: string): Error =>
  refusal(400, `The targeted \`${type}\` resource with ID \`${id}\` does not exist.`);

/** Unlike in a user document an unknown target is 400 here, not 404 (contract/drupal 187). */
function found<T>(field: Relationship, id: string, target: T | undefined): T {
  if (target === undefined) throw missing(field.type, id);
  return target;
}

function roleOf(site: Site, id: string): string | undefined {
  return site.roles.find((role) => role.uuid === id)?.id;
}

function numberOf(site: Site, added: UserFieldDefinition, id: string): number | undefined {
  return added.type === "user" ? site.users.get(id)?.uid : site.taxonomy.byUuid(id)?.tid;
}

/** What is held after a POST, PATCH or DELETE; undefined when a POST has nothing to add. */
function held<T extends string | number>(
  method: string,
  before: readonly T[],
  sent: readonly SentIdentifier[],
  find: (id: string) => T | undefined,
  field: Relationship,
): readonly T[] | undefined {
  // What is not there need not be removed, even if there is no such thing (contract/drupal-fields 099).
  if (method === "DELETE") {
    const gone = sent.flatMap(({ id }) => find(id) ?? []);
    return before.filter((each) => !gone.includes(each));
  }
  const given = sent.map(({ id }) => found(field, id, find(id)));
  if (method === "PATCH") return given;
  const added = given.filter((each) => !before.includes(each));
  return added.length === 0 ? undefined : [...before, ...new Set(added)];
}

function pictureChange(
  site: Site,
  field: Relationship,
  [sent]: readonly SentIdentifier[],
): UserDocument["picture"] {
  if (sent === undefined) return null;
  found(field, sent.id, site.files.get(sent.id));
  const meta = pictureMeta.safeParse(sent.meta).data;
  return { target: sent.id, alt: meta?.alt ?? null, title: meta?.title ?? null };
}

/** The change of the user, as a document would say it; undefined when there is nothing to do. */
export function changedBy(
  site: Site,
  method: string,
  field: Relationship,
  before: DrupalUser,
  sent: readonly SentIdentifier[],
): UserDocument | undefined {
  if (!field.many && method === "POST")
    throw refusal(
      409,
      `You can only POST to to-many relationships. ${field.name} is a to-one relationship.`,
    );
  if (!field.many && method === "DELETE")
    throw refusal(
      409,
      `You can only DELETE from to-many relationships. ${field.name} is a to-one relationship.`,
    );
  const { added } = field;
  if (added !== undefined) {
    const old = targetsOf(before[added.name]);
    if (method === "DELETE" && new Set(old).size < old.length)
      throw notModelled(`removing from ${field.name}, which holds something twice`);
    const find = (id: string): number | undefined => numberOf(site, added, id);
    const targets = held(method, old, sent, find, field);
    return targets && userDocument(before.uuid, { references: new Map([[added.name, targets]]) });
  }
  if (field.name === "user_picture")
    return userDocument(before.uuid, { picture: pictureChange(site, field, sent) });
  const roles = held(method, before.roles, sent, (id) => roleOf(site, id), field);
  return roles && userDocument(before.uuid, { roles });
}
