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
  /** Only with `$expand`; a user without a manager has no such member. */
  manager: z.object({ id: z.guid() }).nullish(),
});

/** A page of users. */
export const graphUserPage = z.object({ value: z.array(graphUser) });

const ALWAYS = ["id", "userPrincipalName", "accountEnabled", "userType", "onPremisesSyncEnabled"];

/** The relationship among the attributes: read by `$expand`, written by reference. */
export const MANAGER = "manager";

/** The `$select` for some attributes; a path such as `onPremisesExtensionAttributes.x` selects its root. */
export function selectFor(attributes: readonly string[]): string {
  const properties = attributes.filter((path) => path !== MANAGER);
  return [...new Set([...ALWAYS, ...properties.map((path) => path.split(".")[0] ?? path)])].join(
    ",",
  );
}

/** Parameters as a query. The SDK joins them as they are: an address may hold + & # and %. */
export const queryOf = (parameters: Readonly<Record<string, string>>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");

/** A text as a literal of a filter: quotes are doubled (OData URL conventions 5.1.1.6.1). */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The query that shows users with these attributes. */
export const userQuery = (attributes: readonly string[]): string =>
  queryOf({
    $select: selectFor(attributes),
    // One resource unit more (facts: graph 4): only where it is mapped.
    ...(attributes.includes(MANAGER) ? { $expand: `${MANAGER}($select=id)` } : {}),
  });

function valueAt(resource: Record<string, unknown>, path: string): AttributeValue {
  let value: unknown = resource;
  for (const part of path.split(".")) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, part) : null;
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  if (!Array.isArray(value)) return null;
  return value.flatMap((item) =>
    ["string", "number"].includes(typeof item) ? [String(item)] : [],
  );
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
    attributes: Object.fromEntries(
      attributes.map((path) => [
        path,
        path === MANAGER ? (resource.manager?.id ?? null) : valueAt(resource, path),
      ]),
    ),
  };
}

// Collections are never null: an empty one clears (Graph: user-update).
const COLLECTIONS = new Set(["businessPhones", "otherMails"]);

/** The body of a POST or PATCH without the manager: dotted paths become nested objects; flags, numbers, dates (ISO 8601)
 * and lists go as they are. */
export function toGraphBody(values: Attributes): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const groups = new Map<string, Record<string, unknown>>();
  for (const [path, value] of Object.entries(values)) {
    if (path === MANAGER) continue;
    const [root, leaf] = path.split(".");
    if (root === undefined || leaf === undefined) {
      body[path] = value === null && COLLECTIONS.has(path) ? [] : value;
      continue;
    }
    const group = groups.get(root) ?? {};
    group[leaf] = value;
    groups.set(root, group);
    body[root] = group;
  }
  return body;
}
