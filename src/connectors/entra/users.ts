// Reads Entra users through Graph v1.0, and joins the reading and writing sides.
import { z } from "zod";
import { TransientError } from "../../rules/errors.ts";
import { isUuid } from "../../rules/matching.ts";
import type { EntraUser } from "../../rules/users.ts";
import { folded } from "../../rules/values.ts";
import type { EntraReader } from "../../sync/ports.ts";
import type { GraphClient } from "./client.ts";
import { parsed, readGraph, readPages } from "./graph-reads.ts";
import { createUserWrites, type EntraUserWriter } from "./user-writes.ts";
import {
  graphUser,
  graphUserPage,
  MANAGER,
  queryOf,
  quoted,
  selectFor,
  toEntraUser,
  userQuery,
} from "./wire.ts";

const DOMAINS_LAST_MS = 60 * 60_000;
const READ_USERS = "User.Read.All (or more) for users and organization";
const READ_DELETED = "User.DeleteRestore.All or User.Read.All for deleted users";

const organizations = z.object({
  value: z.array(
    z.object({
      verifiedDomains: z.array(
        z.object({ name: z.string(), isDefault: z.boolean(), type: z.string() }),
      ),
    }),
  ),
});
const groupMembership = z.looseObject({
  "@odata.type": z.string(),
  isAssignableToRole: z.boolean().nullish(),
});

const valueIn = (user: EntraUser, attribute: string) =>
  attribute === "userPrincipalName" ? user.userPrincipalName : user.attributes[attribute];

// UPNs hold # (guests) and may begin with $, which the plain form of the path refuses (Graph: user-get).
const userPath = (key: string): string => `/users/${encodeURIComponent(key)}`;

function createUserReads(graph: GraphClient, now: () => Date): EntraReader {
  let domains: { readonly names: readonly string[]; readonly until: number } | null = null;
  const read = <T>(work: Promise<T>): Promise<T | null> => readGraph(graph, READ_USERS, work);

  const getUser = async (key: string, attributes: readonly string[]): Promise<EntraUser | null> => {
    const body = await read(graph.api(`${userPath(key)}?${userQuery(attributes)}`).get());
    return body === null ? null : toEntraUser(parsed(graphUser, body), attributes);
  };

  const search = async (
    attribute: string,
    value: string,
    attributes: readonly string[],
  ): Promise<EntraUser[]> => {
    const property = attribute.replaceAll(".", "/");
    // Extension attributes are filtered by the advanced engine only (Graph: aad-advanced-queries).
    const isAdvanced = property.includes("/");
    const query = queryOf({
      $select: selectFor([...attributes, attribute]),
      $filter: `${property} eq ${quoted(value)}`,
      $top: "5",
      ...(isAdvanced ? { $count: "true" } : {}),
    });
    const request = graph.api(`/users?${query}`);
    if (isAdvanced) request.header("ConsistencyLevel", "eventual");
    const found = parsed(graphUserPage, await read(request.get())).value;
    // Believed only where the user really has the value, whatever the service made of the filter.
    return found
      .map((user) => toEntraUser(user, [...attributes, attribute]))
      .filter((user) => folded(String(valueIn(user, attribute) ?? "")) === folded(value));
  };

  return {
    getUser,
    getUserByPrincipalName: getUser,
    findUsers: async ({ attribute, value }, attributes) => {
      if (attribute === "id") {
        const user = isUuid(value) ? await getUser(value, attributes) : null;
        return user === null ? [] : [user];
      }
      const users = await search(attribute, value, attributes);
      if (!attributes.includes(MANAGER)) return users;
      // Advanced queries do not expand (Graph: aad-advanced-queries): the few that were found are read one by one.
      return Promise.all(
        users.map(async ({ objectId }) => {
          const user = await getUser(objectId, [...attributes, attribute]);
          if (user !== null) return user;
          // Found and not there: replicas that differ. "Nobody" would be a guess.
          const options = { system: "entra", code: "entraLagging" } as const;
          throw new TransientError("Graph shows a user in one answer and not in the next", options);
        }),
      );
    },
    isInBin: async (objectId) => {
      const path = `/directory/deletedItems/${encodeURIComponent(objectId)}?$select=id`;
      return (await readGraph(graph, READ_DELETED, graph.api(path).get())) !== null;
    },
    isPrivileged: async (objectId) => {
      const path = `${userPath(objectId)}/transitiveMemberOf?$select=id,isAssignableToRole&$top=999`;
      const found = await readPages(graph, READ_USERS, path, groupMembership);
      if (found === null) {
        const options = { system: "entra", code: "entraLagging", retryAfterMs: 5000 } as const;
        throw new TransientError(
          "Graph does not show the groups of a user that it showed",
          options,
        );
      }
      return found.items.some(
        (member) =>
          member["@odata.type"] === "#microsoft.graph.directoryRole" ||
          member.isAssignableToRole === true,
      );
    },
    verifiedDomains: async () => {
      if (domains !== null && domains.until > now().getTime()) return domains.names;
      const body = await read(
        graph.api("/organization").query({ $select: "id,verifiedDomains" }).get(),
      );
      const all = parsed(organizations, body).value.flatMap(
        (organization) => organization.verifiedDomains,
      );
      // An account in a federated domain needs an immutable id from its own directory (Graph: user-post-users).
      const managed = all.filter((domain) => domain.type === "Managed");
      const ordered = managed.toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault));
      domains = {
        names: ordered.map((domain) => domain.name),
        until: now().getTime() + DOMAINS_LAST_MS,
      };
      return domains.names;
    },
  };
}

/** The Entra side of the sync over one Graph client. */
export function createEntraUsers(
  graph: GraphClient,
  now: () => Date,
): EntraReader & EntraUserWriter {
  return { ...createUserReads(graph, now), ...createUserWrites(graph) };
}
