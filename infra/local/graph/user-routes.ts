// Handlers for one user: create, read, change, delete, and the manager reference.
import { createUser, deleteUser, requireCloudMastered, updateUser } from "./change-user.ts";
import { expandedManager, showManager } from "./expand-manager.ts";
import { badRequest, GraphError, isGuid, resourceNotFound } from "./graph-error.ts";
import { context, type GraphCall, type GraphReply, jsonBody, NO_CONTENT } from "./graph-message.ts";
import { requireOptions } from "./query-options.ts";
import { representUser, selectedUserProperties, usersFragment } from "./represent-user.ts";
import type { Tenant } from "./tenant.ts";
import type { UserRecord } from "./user-record.ts";

/** The live, visible user with this id or UPN, or 404. */
export function findUser(tenant: Tenant, key: string): UserRecord {
  // user-get.md @00609221: a UPN that begins with $ must be written /users('$x@y').
  const record = isGuid(key) ? tenant.users.get(key.toLowerCase()) : tenant.users.index.byUpn(key);
  // Replication: a user just created is not there for readers yet (issues java-core 353, ansible azure 2258).
  if (record === undefined || record.visibleAt > tenant.clock.now()) throw resourceNotFound(key);
  return record;
}

/** The user a route is about. */
export function userOf(tenant: Tenant, call: GraphCall): UserRecord {
  const key = call.params.user ?? "";
  if (key.startsWith("$") && !/\/users\('/i.test(call.path)) {
    throw new GraphError(400, "BadRequest", `Resource not found for the segment '${key}'.`);
  }
  return findUser(tenant, key);
}

/** POST /users. */
export function postUser(tenant: Tenant, call: GraphCall): GraphReply {
  const record = createUser(tenant, call.token, jsonBody(call));
  return {
    status: 201,
    headers: { Location: `${call.origin}/v1.0/users/${record.id}` },
    body: {
      ...context(call, "users/$entity"),
      ...representUser(tenant, record, undefined, record.values),
    },
  };
}

/** GET /users/{id}. */
export function getUser(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, ["$select", "$count", "$expand"]);
  const select = selectedUserProperties(tenant, call, false);
  const ofManager = expandedManager(tenant, call);
  const record = userOf(tenant, call);
  // How the context names an expansion follows OData 4 (unverified).
  const shown =
    ofManager === undefined ? select : [...(select ?? []), `manager(${ofManager.join(",")})`];
  return {
    status: 200,
    body: {
      ...context(call, `${usersFragment(shown)}/$entity`),
      ...representUser(tenant, record, select),
      ...(ofManager === undefined ? {} : showManager(tenant, record, ofManager)),
    },
  };
}

/** PATCH /users/{id}. */
export function patchUser(tenant: Tenant, call: GraphCall): GraphReply {
  updateUser(tenant, call.token, userOf(tenant, call), jsonBody(call));
  return NO_CONTENT;
}

/** DELETE /users/{id}. */
export function removeUser(tenant: Tenant, call: GraphCall): GraphReply {
  deleteUser(tenant, call.token, userOf(tenant, call));
  return NO_CONTENT;
}

/** GET /users/{id}/manager. */
export function getManager(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, ["$select"]);
  const select = selectedUserProperties(tenant, call, false);
  const { managerId } = userOf(tenant, call);
  const manager = managerId === undefined ? undefined : tenant.users.get(managerId);
  // 404 for "no manager" is what the field reports; the wording is unverified.
  if (manager === undefined) throw resourceNotFound("manager");
  return {
    status: 200,
    body: {
      ...context(call, "directoryObjects/$entity"),
      "@odata.type": "#microsoft.graph.user",
      ...representUser(tenant, manager, select),
    },
  };
}

/** The id at the end of an `@odata.id` reference, such as …/v1.0/users/{id}. */
export function referencedId(call: GraphCall): string {
  const reference = jsonBody(call)["@odata.id"];
  const match =
    typeof reference === "string"
      ? /^https?:\/\/[^/]+\/(?:v1\.0|beta)\/(?:users|groups|directoryObjects)\/([^/?]+)$/.exec(
          reference,
        )
      : null;
  if (match?.[1] === undefined) throw badRequest("Invalid URI format specified in '@odata.id'.");
  return decodeURIComponent(match[1]);
}

/** PUT /users/{id}/manager/$ref. */
export function putManager(tenant: Tenant, call: GraphCall): GraphReply {
  const record = userOf(tenant, call);
  const manager = findUser(tenant, referencedId(call));
  requireCloudMastered(record, ["manager"]);
  if (manager === record) throw badRequest("Not a valid reference update.");
  tenant.users.setManager(record, manager.id);
  return NO_CONTENT;
}

/** DELETE /users/{id}/manager/$ref. */
export function deleteManager(tenant: Tenant, call: GraphCall): GraphReply {
  const record = userOf(tenant, call);
  if (record.managerId === undefined) throw resourceNotFound("manager");
  requireCloudMastered(record, ["manager"]);
  tenant.users.setManager(record, undefined);
  return NO_CONTENT;
}
