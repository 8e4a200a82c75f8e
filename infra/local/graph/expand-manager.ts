// $expand=manager($select=…) on GET /users and /users/{id}: the direct manager next to each user.
import { notModelled, unsupportedQuery } from "./graph-error.ts";
import type { GraphCall } from "./graph-message.ts";
import type { JsonObject } from "./json-value.ts";
import { isAdvanced } from "./query-options.ts";
import { representUser, selectedUserProperties } from "./represent-user.ts";
import type { Tenant } from "./tenant.ts";
import type { UserRecord } from "./user-record.ts";

/**
 * What of the manager is asked for, or undefined without $expand. Without an inner $select Graph answers more
 * than the default set, and $levels brings the whole chain (user-list-manager): neither is modelled.
 */
export function expandedManager(tenant: Tenant, call: GraphCall): readonly string[] | undefined {
  const text = call.query.get("$expand");
  if (text === undefined) return undefined;
  const inner = /^\s*manager\(\s*\$select=([A-Za-z0-9_,\s]+)\)\s*$/.exec(text)?.[1];
  if (inner === undefined) throw notModelled(`$expand=${text}`);
  if (isAdvanced(call)) {
    // aad-advanced-queries: "$expand isn't supported" there; the wording is unverified.
    throw unsupportedQuery("$expand is not supported with advanced queries.");
  }
  return selectedUserProperties(tenant, { ...call, query: new Map([["$select", inner]]) }, false);
}

/** `manager` with its type, or nothing at all for a user who has none or whose manager is deleted. */
export function showManager(
  tenant: Tenant,
  record: UserRecord,
  select: readonly string[],
): JsonObject {
  const manager = record.managerId === undefined ? undefined : tenant.users.get(record.managerId);
  if (manager === undefined) return {};
  return {
    manager: {
      "@odata.type": "#microsoft.graph.user",
      ...representUser(tenant, manager, select),
    },
  };
}
