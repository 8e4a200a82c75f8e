// Many Entra users in few requests: JSON batches of twenty, each item with a fate of its own.
import { GraphError } from "@microsoft/microsoft-graph-client";
import { z } from "zod";
import { RejectedError, TransientError } from "../../rules/errors.ts";
import type { EntraUser } from "../../rules/users.ts";
import type { ManyEntraUsers } from "../../sync/cycle-ports.ts";
import { type BatchAnswer, readBatch } from "./batch.ts";
import type { GraphClient } from "./client.ts";
import { readGraph } from "./graph-reads.ts";
import { graphUser, toEntraUser, userQuery } from "./wire.ts";

const MOST_ITEMS = 20;
const PERMISSION = "User.Read.All (or more) for users";

const errorBody = z.object({
  error: z.looseObject({ code: z.string().default(""), message: z.string().default("") }),
});

// An item's refusal as if it had come alone, so that it gets the same name.
function refusalOf({ status, headers, body }: BatchAnswer): GraphError {
  const error = errorBody.safeParse(body).data?.error;
  const refusal = new GraphError(status, error?.message ?? "");
  refusal.code = error?.code ?? "";
  refusal.body = JSON.stringify(error ?? {});
  refusal.headers = headers;
  return refusal;
}

const unanswered = () =>
  new TransientError("Graph's answer is not what it documents", {
    system: "entra",
    code: "entraAnswerMalformed",
  });

/** What stops the whole call: a lost right before anything else, else the longest wait that an item asks for. */
function throwWorst(failures: readonly unknown[]): void {
  const passing = failures.filter((failure) => failure instanceof TransientError);
  const [longest] = passing.toSorted((a, b) => (b.retryAfterMs ?? 0) - (a.retryAfterMs ?? 0));
  const others = failures.filter((failure) => !(failure instanceof TransientError));
  // A refusal of one item is about one user.
  for (const failure of [...others, longest])
    if (failure !== undefined && !(failure instanceof RejectedError)) throw failure;
}

/** Reads many users over one Graph client. Items count against the same limits as requests (facts: graph 3.1). */
export function createManyEntraUsers(graph: GraphClient): ManyEntraUsers {
  // undefined: not shown whole.
  const readItem = async (
    answer: BatchAnswer | undefined,
    attributes: readonly string[],
  ): Promise<EntraUser | null | undefined> => {
    if (answer === undefined) throw unanswered();
    const isGood = answer.status === 200;
    const work = isGood ? Promise.resolve(answer.body) : Promise.reject(refusalOf(answer));
    const body: unknown = await readGraph(graph, PERMISSION, work);
    if (body === null) return null;
    const user = graphUser.safeParse(body).data;
    return user && toEntraUser(user, attributes);
  };

  const readUsers = async (ids: readonly string[], attributes: readonly string[]) => {
    const query = userQuery(attributes);
    const paths = ids.map((id) => `/users/${encodeURIComponent(id)}?${query}`);
    const answers = await readBatch(graph, paths);
    return Promise.allSettled(ids.map((_, at) => readItem(answers[at], attributes)));
  };

  return {
    getUsers: async (objectIds, attributes) => {
      const users = new Map<string, EntraUser | null>();
      for (let start = 0; start < objectIds.length; start += MOST_ITEMS) {
        const ids = objectIds.slice(start, start + MOST_ITEMS);
        const results = await readUsers(ids, attributes);
        const failures = results.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
        throwWorst(failures);
        for (const [index, result] of results.entries()) {
          const id = ids[index];
          if (id === undefined || result.status === "rejected") continue;
          if (result.value !== undefined) users.set(id, result.value);
        }
      }
      return users;
    },
  };
}
