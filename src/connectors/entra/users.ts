// Reads and writes Entra users through Graph v1.0.
import { randomInt } from "node:crypto";
import { z } from "zod";
import { AccessError, NotFoundError, RejectedError, TransientError } from "../../rules/errors.ts";
import type { EntraUser } from "../../rules/users.ts";
import type { EntraReader, EntraWriter } from "../../sync/ports.ts";
import type { GraphClient } from "./client.ts";
import { graphUser, graphUserPage, selectFor, toEntraUser, toGraphBody } from "./wire.ts";

const DOMAINS_LAST_MS = 60 * 60_000;
const domainList = z.object({
  value: z.array(z.object({ id: z.string(), isVerified: z.boolean(), isDefault: z.boolean() })),
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
          "the app may not read users in Graph: grant User.Read.All or more",
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
      const query = {
        $select: selectFor(attributes),
        $filter: `${key.attribute} eq ${quoted(key.value)}`,
        $top: "5",
      };
      const body = await read(graph.api("/users").query(query).get());
      return parsed(graphUserPage, body).value.map((user) => toEntraUser(user, attributes));
    },
    verifiedDomains: async () => {
      if (domains !== null && domains.until > now().getTime()) return domains.names;
      const { value } = parsed(domainList, await read(graph.api("/domains").get()));
      const verified = value.filter((domain) => domain.isVerified);
      const ordered = verified.toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault));
      domains = {
        names: ordered.map((domain) => domain.id),
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
