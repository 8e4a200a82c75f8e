// A user's relationships: reading them, and changing them one by one or all at once.
import { z } from "zod";
import { notModelled, refusal } from "./drupal-error.ts";
import { documentReply, type Reply } from "./drupal-http.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { mayEditField, maySeeField, maySeeUser, updateForbidden } from "./field-access.ts";
import { includesOf } from "./includes.ts";
import { document } from "./json-api-document.ts";
import { checkParameters } from "./read-parameters.ts";
import { changedBy, readIdentifiers, relationshipOf } from "./relationship-body.ts";
import { entityUrl, link, relationshipData, relationshipLinks } from "./resource-objects.ts";
import {
  type Call,
  JSON_API_TYPE,
  ownUrl,
  requireContentType,
  userFromPath,
  viewOf,
} from "./route-tools.ts";
import { betweenLoadAndSave, exclusively, updateUser } from "./save-user.ts";
import { pause } from "./site.ts";
import { applyDocument } from "./user-changes.ts";

/** Who may not see the user is told why, who may not see the field is not (contract/drupal-fields 101). */
function requireVisible({ who }: Call, user: DrupalUser, field: string): void {
  const denied = "The current user is not allowed to view this relationship.";
  if (!maySeeUser(who, user)) {
    if (user.uid === 0 || who.may("access user profiles"))
      throw notModelled(`reading ${field} of a user that may not be seen`);
    throw refusal(403, `${denied} The 'access user profiles' permission is required.`);
  }
  if (!maySeeField(who, user, field)) throw refusal(403, denied);
}

function relationshipDocument(
  call: Call,
  user: DrupalUser,
  field: string,
): Record<string, unknown> {
  const { site, request } = call;
  const data = relationshipData(site, user, field);
  const links = relationshipLinks(entityUrl(request.origin, "user--user", user.uuid), field);
  return document({ data, links });
}

/** GET .../relationships/{field}. */
export async function getRelationship(call: Call, uuid: string, field: string): Promise<Reply> {
  const { site, request } = call;
  checkParameters(request.query);
  await pause(site.settings.latencyMs);
  const user = userFromPath(site, uuid, `/relationships/${field}`, `${field}.relationship.get`);
  requireVisible(call, user, field);
  return documentReply(200, relationshipDocument(call, user, field));
}

/** GET .../{field}: the related resources themselves, as an include would show them (contract/drupal 180, 181). */
export async function getRelated(call: Call, uuid: string, field: string): Promise<Reply> {
  const { site, request } = call;
  checkParameters(request.query);
  await pause(site.settings.latencyMs);
  const user = userFromPath(site, uuid, `/${field}`, `${field}.related`);
  requireVisible(call, user, field);
  const links = { self: link(ownUrl(request)) };
  const { included, omitted } = includesOf(viewOf(call), [user], [field]);
  if (relationshipOf(site, field).many)
    return documentReply(200, document({ data: included, omitted, links }));
  if (omitted.length > 0) throw notModelled(`a related ${field} that may not be seen`);
  return documentReply(200, document({ data: included[0] ?? null, links }));
}

/** POST adds, PATCH replaces, DELETE removes, also what is not there; all but an idle POST judge the whole user. */
export async function changeRelationship(call: Call, uuid: string, name: string): Promise<Reply> {
  const { site, request, who } = call;
  const { method } = request;
  requireContentType(request, JSON_API_TYPE);
  const field = relationshipOf(site, name);
  const path = `/relationships/${name}`;
  const route = `${name}.relationship.${method.toLowerCase()}`;
  userFromPath(site, uuid, path, route);
  return await exclusively(site, uuid, async () => {
    const before = userFromPath(site, uuid, path, route);
    const reason = updateForbidden(who, before);
    if (reason !== undefined)
      throw refusal(
        403,
        `The current user is not allowed to edit this relationship.${reason === "" ? "" : ` ${reason}`}`,
      );
    if (!mayEditField(site, who, before, name))
      throw notModelled(`changing ${name} without the right to`);
    const sent = readIdentifiers(field, request);
    const change = changedBy(site, method, field, before, sent);
    let saved = before;
    if (change !== undefined) {
      const after = applyDocument(site, who, before, before, change, true);
      await betweenLoadAndSave(site);
      saved = await updateUser(site, before, after, who.user);
    }
    if (method !== "POST") return { status: 204, body: { kind: "none" } };
    const reply = relationshipDocument(call, saved, name);
    const stored = z
      .array(z.object({ id: z.string(), meta: z.unknown().optional() }))
      .parse(reply.data);
    // More is stored than was sent, or something twice: then the client is told (contract/drupal-fields 056, 094-096).
    const isAllSent = stored.every(
      ({ id, meta }) =>
        sent.some((each) => each.id === id) &&
        !z.object({ arity: z.number() }).safeParse(meta).success,
    );
    return isAllSent ? { status: 204, body: { kind: "none" } } : documentReply(200, reply);
  });
}
