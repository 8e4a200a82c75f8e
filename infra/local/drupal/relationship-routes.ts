// A user's relationships: reading them, and changing roles one by one or all at once.
import { z } from "zod";
import { notModelled, refusal } from "./drupal-error.ts";
import { documentReply, noContent, type Reply } from "./drupal-http.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { mayEditField, maySeeField, maySeeUser, updateForbidden } from "./field-access.ts";
import { ROLES_WITHHELD } from "./includes.ts";
import { document } from "./json-api-document.ts";
import { checkParameters, type IncludePath } from "./read-parameters.ts";
import {
  entityUrl,
  fileResource,
  link,
  pictureIdentifier,
  relationshipLinks,
  roleIdentifiers,
  roleResource,
} from "./resource-objects.ts";
import {
  type Call,
  JSON_API_TYPE,
  ownUrl,
  requireContentType,
  userFromPath,
  viewOf,
} from "./route-tools.ts";
import { betweenLoadAndSave, exclusively, updateUser } from "./save-user.ts";
import { pause, type Site } from "./site.ts";
import { applyDocument } from "./user-changes.ts";
import { parseBody, type UserDocument } from "./user-document.ts";

const ROLE = "user_role--user_role";
const PICTURE = "file--file";
const identifier = z.object({ type: z.string(), id: z.string() });
const meta = z.object({ alt: z.string().nullish(), title: z.string().nullish() });

function requireVisible(call: Call, user: DrupalUser, field: IncludePath): void {
  if (!maySeeUser(call.who, user) || !maySeeField(call.who, user, field))
    throw notModelled(`reading ${field} of a user whose ${field} may not be seen`);
}

/** GET .../relationships/{roles|user_picture}. */
export async function getRelationship(
  call: Call,
  uuid: string,
  field: IncludePath,
): Promise<Reply> {
  const { site, request } = call;
  checkParameters(request.query);
  await pause(site.settings.latencyMs);
  const user = userFromPath(site, uuid, `/relationships/${field}`, `${field}.relationship.get`);
  requireVisible(call, user, field);
  const data = field === "roles" ? roleIdentifiers(site, user) : pictureIdentifier(site, user);
  const links = relationshipLinks(entityUrl(request.origin, "user--user", user.uuid), field);
  return documentReply(200, document({ data, links }));
}

/** GET .../{roles|user_picture}: the related resources themselves (contract/drupal 180, 181). */
export async function getRelated(call: Call, uuid: string, field: IncludePath): Promise<Reply> {
  const { site, request, who } = call;
  checkParameters(request.query);
  await pause(site.settings.latencyMs);
  const user = userFromPath(site, uuid, `/${field}`, `${field}.related`);
  requireVisible(call, user, field);
  const links = { self: link(ownUrl(request)) };
  const view = viewOf(call);
  if (field === "user_picture") {
    const file = site.files.get(user.user_picture?.target ?? "");
    return documentReply(
      200,
      document({ data: file === undefined ? null : fileResource(view, file), links }),
    );
  }
  const roles = user.roles.flatMap((id) => site.roles.find((role) => role.id === id) ?? []);
  if (who.may("administer permissions"))
    return documentReply(
      200,
      document({ data: roles.map((role) => roleResource(view, role)), links }),
    );
  const omitted = roles.map((role) => ({
    href: entityUrl(request.origin, ROLE, role.uuid),
    reason: ROLES_WITHHELD,
  }));
  return documentReply(200, document({ data: [], omitted, links }));
}

function checkedId(value: unknown, type: string): string {
  const given = identifier.safeParse(value);
  if (!given.success) throw notModelled("a resource identifier without type or id");
  if (given.data.type !== type)
    throw refusal(
      400,
      `The provided type (${given.data.type}) does not match the destination resource types (${type}).`,
    );
  return given.data.id;
}

const missing = (type: string, id: string): Error =>
  refusal(400, `The targeted \`${type}\` resource with ID \`${id}\` does not exist.`);

/** Unlike in a user document an unknown role is 400 here, not 404 (contract/drupal 187). */
function rolesFrom(site: Site, data: unknown): string[] {
  if (!Array.isArray(data)) throw notModelled("roles that are no list");
  return data.map((item) => {
    const id = checkedId(item, ROLE);
    const role = site.roles.find((each) => each.uuid === id);
    if (role === undefined) throw missing(ROLE, id);
    return role.id;
  });
}

function pictureFrom(site: Site, data: unknown): UserDocument["picture"] {
  if (data === null) return null;
  const id = checkedId(data, PICTURE);
  if (site.files.get(id) === undefined) throw missing(PICTURE, id);
  const given = meta.safeParse(z.object({ meta: z.unknown() }).safeParse(data).data?.meta).data;
  return { target: id, alt: given?.alt ?? null, title: given?.title ?? null };
}

function nextRoles(method: string, user: DrupalUser, given: readonly string[]): readonly string[] {
  if (method === "POST") return [...new Set([...user.roles, ...given])];
  if (method === "PATCH") return [...new Set(given)];
  return user.roles.filter((id) => !given.includes(id));
}

/** POST adds (200, idempotent), PATCH replaces (204), DELETE removes, also what is not there (204) (contract/drupal 182-191). */
export async function changeRelationship(
  call: Call,
  uuid: string,
  field: IncludePath,
): Promise<Reply> {
  const { site, request, who } = call;
  const { method } = request;
  requireContentType(request, JSON_API_TYPE);
  if (field === "user_picture" && method !== "PATCH")
    throw notModelled(`${method} on the to-one relationship user_picture`);
  const path = `/relationships/${field}`;
  const route = `${field}.relationship.${method.toLowerCase()}`;
  userFromPath(site, uuid, path, route);
  return await exclusively(site, uuid, async () => {
    const before = userFromPath(site, uuid, path, route);
    const reason = updateForbidden(who, before);
    if (reason !== undefined) throw refusal(403, reason);
    if (!mayEditField(who, before, field))
      throw notModelled(`changing ${field} without the right to`);
    const data = z.object({ data: z.unknown() }).safeParse(parseBody(request.body)).data?.data;
    const roles = field === "roles" ? nextRoles(method, before, rolesFrom(site, data)) : undefined;
    const picture = field === "user_picture" ? pictureFrom(site, data) : undefined;
    const body: UserDocument = { id: before.uuid, attributes: new Map(), roles, picture };
    const after = applyDocument(site, who, before, before, body);
    await betweenLoadAndSave(site);
    const saved = await updateUser(site, before, after, who.user);
    if (method !== "POST") return noContent;
    const links = relationshipLinks(entityUrl(request.origin, "user--user", saved.uuid), field);
    return documentReply(200, document({ data: roleIdentifiers(site, saved), links }));
  });
}
