// A user as JSON: the default set, or exactly what $select names.
import { GraphError, notModelled } from "./graph-error.ts";
import type { GraphRequest } from "./graph-message.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";
import { selectedNames } from "./query-options.ts";
import { INITIAL_DOMAIN, propertyRule, type Tenant } from "./tenant.ts";
import {
  DEFAULT_USER_PROPERTIES,
  exactPropertyName,
  isUnlistableProperty,
  isUnmodelledProperty,
} from "./user-properties.ts";
import { type UserRecord, type UserValues, userProperty, visibleValues } from "./user-record.ts";

/** The exact name of a user property, directory extensions and deletedDateTime included. */
export function exactUserProperty(tenant: Tenant, name: string): string | undefined {
  if (propertyRule(tenant, name) !== undefined) return name;
  if (name.toLowerCase() === "deleteddatetime") return "deletedDateTime";
  const exact = exactPropertyName(name);
  if (exact !== undefined) return exact;
  const folded = name.toLowerCase();
  return [...tenant.extensionProperties.keys()].find((known) => known.toLowerCase() === folded);
}

/** $select of a user request; refuses what a list cannot select (501) and what is not modelled. */
export function selectedUserProperties(
  tenant: Tenant,
  call: GraphRequest,
  isList: boolean,
): readonly string[] | undefined {
  const names = selectedNames(call, "user", (name) => exactUserProperty(tenant, name));
  for (const name of names ?? []) {
    if (isList && isUnlistableProperty(name)) {
      // user-list.md @008316a3: 501 for properties that are stored outside the directory.
      throw new GraphError(501, "NotImplemented", "Not Implemented");
    }
    if (isUnmodelledProperty(name)) throw notModelled(`the user property '${name}'`);
  }
  return names;
}

/** The selected properties of a user, as readers see them now. */
export function representUser(
  tenant: Tenant,
  record: UserRecord,
  select: readonly string[] | undefined,
  values: UserValues = visibleValues(record, tenant.clock.now()),
): JsonObject {
  const shown: Record<string, JsonValue> = {};
  for (const name of select ?? DEFAULT_USER_PROPERTIES) {
    shown[name] = userProperty(record, values, name, INITIAL_DOMAIN);
  }
  return shown;
}

/** `users` or `users(displayName,id)` for @odata.context. */
export function usersFragment(select: readonly string[] | undefined): string {
  return select === undefined ? "users" : `users(${select.join(",")})`;
}
