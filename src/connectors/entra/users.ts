// Reads and writes Entra users through Graph v1.0.
import { randomInt } from "node:crypto";
import { z } from "zod";
import { AccessError, NotFoundError, RejectedError, TransientError } from "../../rules/errors.ts";
import type { EntraUser } from "../../rules/users.ts";
import { folded } from "../../rules/values.ts";
import type { EntraReader, EntraWriter } from "../../sync/ports.ts";
import type { GraphClient } from "./client.ts";
import { graphUser, graphUserPage, selectFor, toEntraUser, toGraphBody } from "./wire.ts";

const DOMAINS_LAST_MS = 60 * 60_000;
const organizations = z.object({
  value: z.array(
    z.object({
      verifiedDomains: z.array(
        z.object({ name: z.string(), isDefault: z.boolean(), type: z.string() }),
      ),
    }),
  ),
});
const groupMemberships = z.object({
  value: z.array(
    z.looseObject({ "@odata.type": z.string(), isAssignableToRole: z.boolean().nullish() }),
  ),
});

// Four classes, as Entra asks for three (facts: graph 1.1); ambiguous characters do not matter, nobody reads it.
const CLASSES = [
  "abcdefghijklmnopqrstuvwxyz",
  "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  "0123456789",
  "!#$%*+-_=?",
];

/** 32 characters from a cryptographic source, of all classes; given to Graph and forgotten. */
function randomPassword(): string {
  const all = CLASSES.join("");
  const letters = Array.from({ length: 28 }, () => all[randomInt(all.length)]);
  const oneOfEach = CLASSES.map((characters) => characters[randomInt(characters.length)]);
  return [...letters, ...oneOfEach].join("");
}

const valueIn = (user: EntraUser, attribute: string) =>
  attribute === "userPrincipalName" ? user.userPrincipalName : user.attributes[attribute];

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

// UPNs hold # (guests) and may begin with $, which the plain form of the path refuses (Graph: user-get).
const userPath = (key: string): string => `/users/${encodeURIComponent(key)}`;

const malformed = (cause: unknown) =>
  new TransientError("Graph's answer is not what it documents", {
    system: "entra",
    code: "entraAnswerMalformed",
    cause,
  });

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (!result.success) throw malformed(result.error);
  return result.data;
}

/** The Entra side of the sync over one Graph client. */
export function createEntraUsers(graph: GraphClient, now: () => Date): EntraReader & EntraWriter {
  let domains: { readonly names: readonly string[]; readonly until: number } | null = null;

  // A read that is forbidden is forbidden for every user: the job stops. A write may be forbidden for one.
  const read = async <T>(work: Promise<T>): Promise<T | null> => {
    try {
      return await graph.call(work);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      if (error instanceof RejectedError && error.code === "insufficientPrivileges") {
        const options = { system: "entra", code: "graphPermissionMissing", cause: error } as const;
        throw new AccessError(
          "the app may not read users and organization in Graph: grant User.Read.All or more",
          options,
        );
      }
      throw error;
    }
  };

  const getUser = async (key: string, attributes: readonly string[]): Promise<EntraUser | null> => {
    const body = await read(
      graph
        .api(userPath(key))
        .query({ $select: selectFor(attributes) })
        .get(),
    );
    return body === null ? null : toEntraUser(parsed(graphUser, body), attributes);
  };

  return {
    getUser,
    getUserByPrincipalName: getUser,
    findUsers: async (key, attributes) => {
      const property = key.attribute.replaceAll(".", "/");
      const parameters = {
        $select: selectFor([...attributes, key.attribute]),
        $filter: `${property} eq ${quoted(key.value)}`,
        $top: "5",
        // Extension attributes are filtered by the advanced engine only (Graph: aad-advanced-queries).
        ...(property.includes("/") ? { $count: "true" } : {}),
      };
      // The SDK joins parameters as they are: an address may hold + & # and %.
      const query = Object.entries(parameters).map(
        ([name, value]) => `${name}=${encodeURIComponent(value)}`,
      );
      const request = graph.api(`/users?${query.join("&")}`);
      if ("$count" in parameters) request.header("ConsistencyLevel", "eventual");
      const found = parsed(graphUserPage, await read(request.get())).value;
      // Believed only where the user really has the value, whatever the service made of the filter.
      return found
        .map((user) => toEntraUser(user, [...attributes, key.attribute]))
        .filter((user) => folded(String(valueIn(user, key.attribute) ?? "")) === folded(key.value));
    },
    isPrivileged: async (objectId) => {
      const path = `${userPath(objectId)}/transitiveMemberOf?$select=id,isAssignableToRole&$top=999`;
      const body = await read(graph.api(path).get());
      if (body === null) return false;
      return parsed(groupMemberships, body).value.some(
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
    createUser: async ({ userPrincipalName, mailNickname, values }) => {
      const body = {
        ...toGraphBody(values),
        userPrincipalName,
        mailNickname,
        passwordProfile: { password: randomPassword(), forceChangePasswordNextSignIn: true },
      };
      const created = await graph.call(graph.api("/users").post(body));
      return { objectId: parsed(z.object({ id: z.guid() }), created).id };
    },
    updateUser: async (objectId, values) => {
      await graph.call(graph.api(userPath(objectId)).patch(toGraphBody(values)));
    },
    deleteUser: async (objectId) => {
      try {
        await graph.call(graph.api(userPath(objectId)).delete());
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
      }
    },
  };
}
