// The user resources: collection, one user, create, change, and the DELETE that usually only blocks.
import { randomBytes, randomUUID } from "node:crypto";
import { refusal } from "./drupal-error.ts";
import { documentReply, type Reply } from "./drupal-http.ts";
import { blankUser, type DrupalUser } from "./drupal-user.ts";
import { cancelForbidden, relationshipFields, updateForbidden } from "./field-access.ts";
import { type ColumnFinder, parseFilter } from "./filter.ts";
import { findUsers } from "./find-users.ts";
import { includesOf } from "./includes.ts";
import { document } from "./json-api-document.ts";
import { pageLinks } from "./page-links.ts";
import {
  arrayParameter,
  checkParameters,
  readInclude,
  readPage,
  readSort,
} from "./read-parameters.ts";
import { entityUrl, link, userResource } from "./resource-objects.ts";
import {
  type Call,
  JSON_API_TYPE,
  ownUrl,
  requireContentType,
  userFromPath,
  viewOf,
} from "./route-tools.ts";
import {
  betweenLoadAndSave,
  cancelUser,
  exclusively,
  insertUser,
  updateUser,
} from "./save-user.ts";
import { pause } from "./site.ts";
import { applyDocument } from "./user-changes.ts";
import { userColumn } from "./user-columns.ts";
import { parseBody, readUserDocument } from "./user-document.ts";

/** Any filter hides uid 0, and from people without rights everybody they may not see (contract/drupal 074, 097). */
function findable(call: Call, filtered: boolean): (user: DrupalUser) => boolean {
  if (!filtered) return () => true;
  if (call.who.may("administer users")) return (user) => user.uid > 0;
  // Everybody finds themselves.
  if (!call.who.may("access user profiles"))
    return (user) => user.uid > 0 && user.uuid === call.who.user?.uuid;
  return (user) => user.uid > 0 && user.status;
}

/** GET /jsonapi/user/user. */
export async function listUsers(call: Call): Promise<Reply> {
  const { site, request, who } = call;
  checkParameters(request.query);
  const given = arrayParameter(request.query, "filter");
  const columnOf: ColumnFinder<DrupalUser> = (path, operator) =>
    userColumn(site, who, path, operator);
  const filter = given.size === 0 ? undefined : parseFilter(given, columnOf);
  const { offset, limit } = readPage(request.query);
  const sort = readSort(request.query, columnOf);
  const paths = readInclude(request.query, relationshipFields(site));
  await pause(site.settings.latencyMs);
  const query = { filter, findable: findable(call, filter !== undefined), sort, offset, limit };
  const { users, more } = findUsers(site.users, query);
  const view = viewOf(call);
  const data = users.map((user) => userResource(view, user));
  const links = pageLinks(call, offset, limit, more);
  return documentReply(200, document({ data, ...includesOf(view, users, paths), links }));
}

/** GET /jsonapi/user/user/{uuid}. Everybody may see the label, so it is never refused. */
export async function getUser(call: Call, uuid: string): Promise<Reply> {
  const { site, request } = call;
  userFromPath(site, uuid, "", "individual");
  checkParameters(request.query);
  const paths = readInclude(request.query, relationshipFields(site));
  await pause(site.settings.latencyMs);
  const user = userFromPath(site, uuid, "", "individual");
  const view = viewOf(call);
  const links = { self: link(ownUrl(request)) };
  const data = userResource(view, user);
  return documentReply(200, document({ data, ...includesOf(view, [user], paths), links }));
}

/** POST /jsonapi/user/user. A client may choose the UUID, once (contract/drupal 045, 046). */
export async function createUser(call: Call): Promise<Reply> {
  const { site, request, who } = call;
  requireContentType(request, JSON_API_TYPE);
  if (!who.may("administer users"))
    throw refusal(403, "The 'administer users' permission is required.");
  const body = readUserDocument(site, parseBody(request.body));
  // While it is judged the new user is nobody yet: a repeated create with the same name is 422 (contract/drupal-fields 105).
  const start = blankUser(0, "", site.now());
  const accepted = applyDocument(site, who, start, undefined, body);
  if (body.id !== undefined && site.users.get(body.id) !== undefined)
    throw refusal(409, "Conflict: Entity already exists.");
  const draft = { ...accepted, uuid: body.id ?? randomUUID() };
  await betweenLoadAndSave(site);
  const saved = await insertUser(site, draft, who.user);
  const links = { self: link(`${request.origin}${request.path}`) };
  const data = userResource(viewOf(call), saved);
  const location = entityUrl(request.origin, "user--user", saved.uuid);
  return documentReply(201, document({ data, links }), { Location: location });
}

/** PATCH /jsonapi/user/user/{uuid}: loads the entity, changes it, and writes all of it back. */
export async function changeUser(call: Call, uuid: string): Promise<Reply> {
  const { site, request, who } = call;
  requireContentType(request, JSON_API_TYPE);
  userFromPath(site, uuid, "", "individual.patch");
  return await exclusively(site, uuid, async () => {
    const before = userFromPath(site, uuid, "", "individual.patch");
    const reason = updateForbidden(who, before);
    if (reason !== undefined) throw refusal(403, reason);
    const body = readUserDocument(site, parseBody(request.body));
    if (body.id !== before.uuid)
      throw refusal(
        400,
        `The selected entity (${before.uuid}) does not match the ID in the payload (${body.id ?? ""}).`,
      );
    const after = applyDocument(site, who, before, before, body);
    await betweenLoadAndSave(site);
    const saved = await updateUser(site, before, after, who.user);
    const links = { self: link(`${request.origin}${request.path}`) };
    return documentReply(200, document({ data: userResource(viewOf(call), saved), links }));
  });
}

/** DELETE /jsonapi/user/user/{uuid}: 204 whatever really happened; the batch behind it sets a cookie. */
export async function deleteUser(call: Call, uuid: string): Promise<Reply> {
  const { site, who } = call;
  userFromPath(site, uuid, "", "individual.delete");
  return await exclusively(site, uuid, async () => {
    const user = userFromPath(site, uuid, "", "individual.delete");
    const reason = cancelForbidden(who, user);
    if (reason !== undefined) throw refusal(403, reason);
    await betweenLoadAndSave(site);
    await cancelUser(site, user, who.user);
    const session = `SESS${randomBytes(16).toString("hex")}=${randomBytes(24).toString("base64url")}`;
    return {
      status: 204,
      headers: { "Set-Cookie": `${session}; Max-Age=2000000; path=/; HttpOnly; SameSite=Lax` },
      body: { kind: "none" },
    };
  });
}
