// Handlers for groups: list, create, read, change, delete, and members both ways.
import {
  addGroupMember,
  createGroup,
  deleteGroup,
  removeGroupMember,
  updateGroup,
} from "./change-group.ts";
import { matchesFilter } from "./filter-evaluate.ts";
import { parseFilter } from "./filter-parser.ts";
import { checkFilter } from "./filter-support.ts";
import {
  badRequest,
  invalidIdentifier,
  isGuid,
  notModelled,
  resourceNotFound,
  unsupportedQuery,
} from "./graph-error.ts";
import { context, type GraphCall, type GraphReply, jsonBody, NO_CONTENT } from "./graph-message.ts";
import { type GroupRecord, groupValues } from "./group-store.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";
import { nextLink } from "./list-users.ts";
import { isAdvanced, pageSize, requireOptions, selectedNames } from "./query-options.ts";
import { representUser, selectedUserProperties } from "./represent-user.ts";
import type { Tenant } from "./tenant.ts";
import type { PropertyRule } from "./user-properties.ts";
import { findUser, referencedId, userOf } from "./user-routes.ts";

const GROUP_PROPERTIES = (
  "id deletedDateTime createdDateTime description displayName groupTypes isAssignableToRole mail " +
  "mailEnabled mailNickname securityEnabled visibility"
).split(" ");

/** $select of a group request, with further names where they make sense. */
export function groupSelect(
  call: GraphCall,
  more: readonly string[] = [],
): readonly string[] | undefined {
  const known = [...GROUP_PROPERTIES, ...more];
  return selectedNames(call, "group", (name) =>
    known.find((property) => property.toLowerCase() === name.toLowerCase()),
  );
}

const representGroup = (group: GroupRecord, select: readonly string[] | undefined): JsonObject => {
  const values = groupValues(group);
  if (select === undefined) return values;
  return Object.fromEntries(select.map((name) => [name, values[name] ?? null]));
};

const groupRule = (name: string): PropertyRule => {
  if (!["id", "displayName", "mailNickname"].includes(name)) {
    throw notModelled(`filters on the group property '${name}'`);
  }
  return {
    name,
    type: "string",
    maxLength: undefined,
    returnedByDefault: true,
    readOnly: false,
    nullable: false,
    advanced: false,
    operators: new Set(name === "id" ? ["eq", "in"] : ["eq", "ne", "not", "in", "startsWith"]),
  };
};

/** One page of ready-made items; $skiptoken is the index of the next one. */
export function pageOf<Item>(
  call: GraphCall,
  path: string,
  items: readonly Item[],
  show: (item: Item) => JsonValue,
): JsonObject {
  const from = Number(call.query.get("$skiptoken") ?? "0");
  if (!Number.isInteger(from) || from < 0) throw badRequest("Invalid $skiptoken.");
  const size = pageSize(call);
  return {
    ...(isAdvanced(call) && from === 0 ? { "@odata.count": items.length } : {}),
    ...(from + size < items.length
      ? { "@odata.nextLink": nextLink(call, path, String(from + size)) }
      : {}),
    value: items.slice(from, from + size).map(show),
  };
}

/** The group a route is about. */
export function groupOf(tenant: Tenant, call: GraphCall): GroupRecord {
  const id = call.params.group ?? "";
  if (!isGuid(id)) throw invalidIdentifier(id);
  const group = tenant.groups.get(id.toLowerCase());
  if (group === undefined) throw resourceNotFound(id);
  return group;
}

/** GET /groups. */
export function listGroups(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, ["$select", "$top", "$filter", "$count", "$skiptoken"]);
  const select = groupSelect(call);
  const text = call.query.get("$filter");
  const filter = text === undefined ? undefined : parseFilter(text);
  if (filter !== undefined && checkFilter(filter, groupRule, "Group") && !isAdvanced(call)) {
    throw unsupportedQuery("Unsupported Query.");
  }
  const groups = [...tenant.groups.all()].filter((group) => {
    const values = groupValues(group);
    return filter === undefined || matchesFilter(filter, (name) => values[name] ?? null);
  });
  const fragment = select === undefined ? "groups" : `groups(${select.join(",")})`;
  return {
    status: 200,
    body: {
      ...context(call, fragment),
      ...pageOf(call, "groups", groups, (group) => representGroup(group, select)),
    },
  };
}

/** POST /groups. */
export function postGroup(tenant: Tenant, call: GraphCall): GraphReply {
  const group = createGroup(tenant, call.token, jsonBody(call));
  return {
    status: 201,
    headers: { Location: `${call.origin}/v1.0/groups/${group.id}` },
    body: { ...context(call, "groups/$entity"), ...groupValues(group) },
  };
}

/** PATCH /groups/{id}. */
export function patchGroup(tenant: Tenant, call: GraphCall): GraphReply {
  updateGroup(tenant, call.token, groupOf(tenant, call), jsonBody(call));
  return NO_CONTENT;
}

/** DELETE /groups/{id}. */
export function removeGroup(tenant: Tenant, call: GraphCall): GraphReply {
  deleteGroup(tenant, call.token, groupOf(tenant, call));
  return NO_CONTENT;
}

/** GET /groups/{id}. */
export function getGroup(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, ["$select"]);
  const select = groupSelect(call);
  const body = {
    ...context(call, "groups/$entity"),
    ...representGroup(groupOf(tenant, call), select),
  };
  return { status: 200, body };
}

// /members/microsoft.graph.user casts: only that type, with its properties.
const castOf = (call: GraphCall): string | undefined => {
  const cast = call.params.cast;
  if (cast === undefined) return undefined;
  const type = /^microsoft\.graph\.(user|group)$/.exec(cast)?.[1];
  if (type === undefined) throw notModelled(`the cast to '${cast}'`);
  return type;
};

/** GET /groups/{id}/members and transitiveMembers. */
export function listMembers(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, ["$select", "$top", "$count", "$skiptoken"]);
  const group = groupOf(tenant, call);
  const select = selectedUserProperties(tenant, call, true);
  const cast = castOf(call);
  const ids = tenant.groups.membersOf(group, call.segments.includes("transitiveMembers"));
  const items = ids.flatMap((id): JsonObject[] => {
    const nested = tenant.groups.get(id);
    if (nested !== undefined) {
      return cast === "user"
        ? []
        : [{ "@odata.type": "#microsoft.graph.group", ...representGroup(nested, undefined) }];
    }
    const user = tenant.users.get(id);
    if (user === undefined || cast === "group") return [];
    return [{ "@odata.type": "#microsoft.graph.user", ...representUser(tenant, user, select) }];
  });
  const page = pageOf(call, call.segments.join("/"), items, (item) => item);
  return { status: 200, body: { ...context(call, "directoryObjects"), ...page } };
}

/** GET /users/{id}/memberOf and transitiveMemberOf. */
export function listMemberOf(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, ["$select", "$top", "$count", "$skiptoken"]);
  const user = userOf(tenant, call);
  const select = groupSelect(call);
  if (castOf(call) === "user") throw badRequest("Invalid cast for memberOf.");
  const transitive = call.segments.includes("transitiveMemberOf");
  const page = pageOf(
    call,
    call.segments.map(encodeURIComponent).join("/"),
    tenant.groups.groupsOf(user.id, transitive),
    (group) => ({ "@odata.type": "#microsoft.graph.group", ...representGroup(group, select) }),
  );
  return { status: 200, body: { ...context(call, "directoryObjects"), ...page } };
}

/** POST /groups/{id}/members/$ref. */
export function addMember(tenant: Tenant, call: GraphCall): GraphReply {
  const group = groupOf(tenant, call);
  const id = referencedId(call);
  const memberId = tenant.groups.get(id.toLowerCase())?.id ?? findUser(tenant, id).id;
  addGroupMember(tenant, call.token, group, memberId);
  return NO_CONTENT;
}

/** DELETE /groups/{id}/members/{id}/$ref. */
export function removeMember(tenant: Tenant, call: GraphCall): GraphReply {
  const group = groupOf(tenant, call);
  const memberId = (call.params.member ?? "").toLowerCase();
  if (!group.memberIds.has(memberId)) throw resourceNotFound(memberId);
  removeGroupMember(tenant, call.token, group, memberId);
  return NO_CONTENT;
}
