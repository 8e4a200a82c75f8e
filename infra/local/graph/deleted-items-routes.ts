// Handlers for soft-deleted users: list, read, restore, delete for good.
import { purgeUser, restoreUser } from "./change-user.ts";
import {
  badRequest,
  invalidIdentifier,
  isGuid,
  notModelled,
  resourceNotFound,
} from "./graph-error.ts";
import { context, type GraphCall, type GraphReply, jsonBody, NO_CONTENT } from "./graph-message.ts";
import type { JsonValue } from "./json-value.ts";
import { nextLink } from "./list-users.ts";
import { isAdvanced, orderBy, pageSize, requireOptions } from "./query-options.ts";
import { representUser, selectedUserProperties, usersFragment } from "./represent-user.ts";
import type { Tenant } from "./tenant.ts";
import { DEFAULT_USER_PROPERTIES } from "./user-properties.ts";
import type { UserRecord } from "./user-record.ts";

const deletedUser = (tenant: Tenant, call: GraphCall): UserRecord => {
  const id = call.params.id ?? "";
  if (!isGuid(id)) throw invalidIdentifier(id);
  const record = tenant.users.getDeleted(id.toLowerCase());
  if (record === undefined) throw resourceNotFound(id);
  return record;
};

const shownWhenDeleted = ["deletedDateTime", ...DEFAULT_USER_PROPERTIES];

/** GET /directory/deletedItems/microsoft.graph.user. */
export function listDeletedUsers(tenant: Tenant, call: GraphCall): GraphReply {
  if (call.query.has("$filter")) throw notModelled("$filter on deleted items");
  requireOptions(call, ["$select", "$top", "$count", "$orderby", "$skiptoken"]);
  const select = selectedUserProperties(tenant, call, true);
  const size = pageSize(call);
  const order = orderBy(call);
  if (order !== undefined && order.property !== "deletedDateTime") {
    throw notModelled("$orderby other than deletedDateTime on deleted items");
  }
  const from = Number(call.query.get("$skiptoken") ?? "0");
  if (!Number.isInteger(from)) throw badRequest("Invalid $skiptoken.");
  const all = [...tenant.users.deleted()];
  if (order?.descending === true) all.reverse();
  const body: Record<string, JsonValue> = { ...context(call, usersFragment(select)) };
  if (isAdvanced(call)) body["@odata.count"] = all.length;
  if (from + size < all.length) {
    const path = "directory/deletedItems/microsoft.graph.user";
    body["@odata.nextLink"] = nextLink(call, path, String(from + size));
  }
  body.value = all
    .slice(from, from + size)
    .map((record) => representUser(tenant, record, select ?? shownWhenDeleted));
  return { status: 200, body };
}

/** GET /directory/deletedItems/{id}. */
export function getDeletedItem(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, ["$select"]);
  const select = selectedUserProperties(tenant, call, false);
  return {
    status: 200,
    body: {
      ...context(call, "directoryObjects/$entity"),
      "@odata.type": "#microsoft.graph.user",
      ...representUser(tenant, deletedUser(tenant, call), select ?? shownWhenDeleted),
    },
  };
}

/** POST /directory/deletedItems/{id}/restore. */
export function restoreDeletedItem(tenant: Tenant, call: GraphCall): GraphReply {
  const record = deletedUser(tenant, call);
  const body = call.body.length === 0 ? {} : jsonBody(call);
  const { autoReconcileProxyConflict = false, newUserPrincipalName, ...rest } = body;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw badRequest(`Invalid property '${unknown}'.`);
  if (
    typeof autoReconcileProxyConflict !== "boolean" ||
    (newUserPrincipalName !== undefined && typeof newUserPrincipalName !== "string")
  ) {
    throw badRequest("One or more properties contains invalid values.");
  }
  restoreUser(tenant, call.token, record, { autoReconcileProxyConflict, newUserPrincipalName });
  return {
    status: 200,
    body: {
      ...context(call, "directoryObjects/$entity"),
      "@odata.type": "#microsoft.graph.user",
      ...representUser(tenant, record, undefined, record.values),
    },
  };
}

/** DELETE /directory/deletedItems/{id}. */
export function purgeDeletedItem(tenant: Tenant, call: GraphCall): GraphReply {
  purgeUser(tenant, call.token, deletedUser(tenant, call));
  return NO_CONTENT;
}
