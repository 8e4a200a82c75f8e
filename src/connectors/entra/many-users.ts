// Many Entra users in few requests: JSON batches of twenty, each item with a fate of its own.
import { GraphError } from "@microsoft/microsoft-graph-client";
import { z } from "zod";
import { RejectedError, TransientError } from "../../rules/errors.ts";
import type { EntraUser } from "../../rules/users.ts";
import type { ManyEntraUsers } from "../../sync/cycle-ports.ts";
import type { GraphClient } from "./client.ts";
import { parsed, readGraph } from "./graph-reads.ts";
import { graphUser, toEntraUser, userQuery } from "./wire.ts";

// json-batching: "up to 20".
const MOST_ITEMS = 20;
const PERMISSION = "User.Read.All (or more) for users";

const itemAnswer = z.object({
  id: z.string(),
  status: z.int(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown(),
});
type ItemAnswer = z.infer<typeof itemAnswer>;
const batchAnswer = z.object({ responses: z.array(itemAnswer) });

const errorBody = z.object({
  error: z.looseObject({ code: z.string().default(""), message: z.string().default("") }),
});

// An item's refusal as if it had come alone, so that it gets the same name.
function refusalOf({ status, headers, body }: ItemAnswer): GraphError {
  const error = errorBody.safeParse(body).data?.error;
  const refusal = new GraphError(status, error?.message ?? "");
  refusal.code = error?.code ?? "";
  refusal.body = JSON.stringify(error ?? {});
  refusal.headers = new Headers(headers);
  return refusal;
}

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
    given: ItemAnswer | undefined,
    attributes: readonly string[],
  ): Promise<EntraUser | null | undefined> => {
    const answer = parsed(itemAnswer, given);
    const isGood = answer.status === 200;
    const work = isGood ? Promise.resolve(answer.body) : Promise.reject(refusalOf(answer));
    const body: unknown = await readGraph(graph, PERMISSION, work);
    if (body === null) return null;
    const user = graphUser.safeParse(body).data;
    return user && toEntraUser(user, attributes);
  };

  const readBatch = async (ids: readonly string[], attributes: readonly string[]) => {
    const query = userQuery(attributes);
    const requests = ids.map((id, index) => ({
      id: String(index),
      method: "GET",
      url: `/users/${encodeURIComponent(id)}?${query}`,
    }));
    const work: Promise<unknown> = graph.api("/$batch").post({ requests });
    const { responses } = parsed(batchAnswer, await graph.call(work));
    // "In any order" (json-batching).
    const byId = new Map(responses.map((answer) => [answer.id, answer]));
    return Promise.allSettled(ids.map((_, index) => readItem(byId.get(String(index)), attributes)));
  };

  return {
    getUsers: async (objectIds, attributes) => {
      const users = new Map<string, EntraUser | null>();
      for (let start = 0; start < objectIds.length; start += MOST_ITEMS) {
        const ids = objectIds.slice(start, start + MOST_ITEMS);
        const results = await readBatch(ids, attributes);
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
