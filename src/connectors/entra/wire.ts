// The Graph user resource on the wire, and what it means to the rules.
import { z } from "zod";
import type { Attributes, AttributeValue, EntraUser } from "../../rules/users.ts";

/** A user as `$select`ed by us; further properties are read by the mapping. */
export const graphUser = z.looseObject({
  id: z.guid(),
  userPrincipalName: z.string(),
  accountEnabled: z.boolean(),
  userType: z.string().nullish(),
  onPremisesSyncEnabled: z.boolean().nullish(),
});

/** A page of users. */
export const graphUserPage = z.object({ value: z.array(graphUser) });

const ALWAYS = ["id", "userPrincipalName", "accountEnabled", "userType", "onPremisesSyncEnabled"];

/** The `$select` for some attributes; a path such as `onPremisesExtensionAttributes.x` selects its root. */
export function selectFor(attributes: readonly string[]): string {
  return [...new Set([...ALWAYS, ...attributes.map((path) => path.split(".")[0] ?? path)])].join(
    ",",
  );
}

function valueAt(resource: Record<string, unknown>, path: string): AttributeValue {
  let value: unknown = resource;
  for (const part of path.split(".")) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, part) : null;
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : null;
}

/** The rules' user. An attribute that was selected and is not in the answer is empty (Graph leaves out nothing else). */
export function toEntraUser(
  resource: z.infer<typeof graphUser>,
  attributes: readonly string[],
): EntraUser {
  return {
    objectId: resource.id,
    userPrincipalName: resource.userPrincipalName,
    enabled: resource.accountEnabled,
    userType: resource.userType ?? null,
    onPremisesSynced: resource.onPremisesSyncEnabled === true,
    attributes: Object.fromEntries(attributes.map((path) => [path, valueAt(resource, path)])),
  };
}

/** The body of a POST or PATCH: dotted paths become nested objects. */
export function toGraphBody(values: Attributes): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const groups = new Map<string, Record<string, unknown>>();
  for (const [path, value] of Object.entries(values)) {
    const [root, leaf] = path.split(".");
    if (root === undefined || leaf === undefined) {
      body[path] = value;
      continue;
    }
    const group = groups.get(root) ?? {};
    group[leaf] = value;
    groups.set(root, group);
    body[root] = group;
  }
  return body;
}
