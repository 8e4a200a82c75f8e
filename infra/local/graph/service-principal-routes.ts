// GET /servicePrincipals/{id}/appRoleAssignedTo: which users, groups and applications hold a role of an application.
import { createHash } from "node:crypto";
import { invalidIdentifier, isGuid, notModelled, resourceNotFound } from "./graph-error.ts";
import { context, type GraphCall, type GraphReply } from "./graph-message.ts";
import { pageOf } from "./group-routes.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";
import { requireOptions, selectedNames } from "./query-options.ts";
import type { AppRoleAssignment, ServicePrincipal, Tenant } from "./tenant.ts";
import { textOf } from "./user-record.ts";

const PROPERTIES = (
  "id deletedDateTime appRoleId createdDateTime principalDisplayName principalId principalType " +
  "resourceDisplayName resourceId"
).split(" ");

// serviceprincipal-list-approleassignedto: by object id, or servicePrincipals(appId='…').
const servicePrincipalOf = (tenant: Tenant, call: GraphCall): ServicePrincipal => {
  const key = call.params.servicePrincipal ?? "";
  const appId = /^appId='([^']*)'$/i.exec(key)?.[1];
  const id = appId ?? key;
  if (!isGuid(id)) throw invalidIdentifier(id);
  const found =
    appId === undefined
      ? tenant.servicePrincipals.get(key.toLowerCase())
      : [...tenant.servicePrincipals.values()].find((one) => one.appId === appId.toLowerCase());
  if (found === undefined) throw resourceNotFound(id);
  return found;
};

// The name and type of whoever holds a role; undefined while a user is soft-deleted (unverified: the
// assignment comes back with the user).
const principalOf = (
  tenant: Tenant,
  id: string,
): { readonly name: string; readonly type: string } | undefined => {
  const group = tenant.groups.get(id);
  if (group !== undefined) return { name: group.displayName, type: "Group" };
  const user = tenant.users.get(id);
  if (user !== undefined) return { name: textOf(user.values, "displayName"), type: "User" };
  const application = tenant.servicePrincipals.get(id);
  if (application === undefined) return undefined;
  return { name: application.displayName, type: "ServicePrincipal" };
};

// As in the samples: 32 bytes in URL-safe base64, and seven digits of a second.
const shownId = (assignment: AppRoleAssignment): string =>
  createHash("sha256").update(assignment.id).digest("base64url");
const shownTime = (time: number): string =>
  `${new Date(time).toISOString().slice(0, -1)}${String(Math.abs(time) % 9973).padStart(4, "0")}Z`;

/** GET /servicePrincipals/{id}/appRoleAssignedTo. */
export function listAppRoleAssignedTo(tenant: Tenant, call: GraphCall): GraphReply {
  for (const option of ["$filter", "$orderby", "$search", "$count", "$expand"]) {
    // Only principalDisplayName and resourceId can be filtered by at Graph, not appRoleId (Q&A 603125).
    if (call.query.has(option)) throw notModelled(`'${option}' on appRoleAssignedTo`);
  }
  requireOptions(call, ["$select", "$top", "$skiptoken"]);
  const select = selectedNames(call, "appRoleAssignment", (name) =>
    PROPERTIES.find((property) => property.toLowerCase() === name.toLowerCase()),
  );
  const resource = servicePrincipalOf(tenant, call);
  const items = tenant.appRoleAssignments.flatMap((one): JsonObject[] => {
    const principal = principalOf(tenant, one.principalId);
    if (one.servicePrincipalId !== resource.id || principal === undefined) return [];
    const whole: Readonly<Record<string, JsonValue>> = {
      id: shownId(one),
      deletedDateTime: null,
      appRoleId: one.appRoleId,
      createdDateTime: shownTime(one.createdAt),
      principalDisplayName: principal.name,
      principalId: one.principalId,
      principalType: principal.type,
      resourceDisplayName: resource.displayName,
      resourceId: resource.id,
    };
    if (select === undefined) return [whole];
    return [Object.fromEntries(select.map((name) => [name, whole[name] ?? null]))];
  });
  const page = pageOf(
    call,
    `servicePrincipals/${resource.id}/appRoleAssignedTo`,
    items,
    (one) => one,
  );
  const chosen = select === undefined ? "" : `(${select.join(",")})`;
  const fragment = `servicePrincipals('${resource.id}')/appRoleAssignedTo${chosen}`;
  return { status: 200, body: { ...context(call, fragment), ...page } };
}
