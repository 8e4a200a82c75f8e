// JSON batches of reads: twenty at a time, each item with a fate of its own.
import { z } from "zod";
import { retryAfterMs } from "../http-client.ts";
import type { GraphClient } from "./client.ts";
import { parsed } from "./graph-reads.ts";

// json-batching: "up to 20".
const MOST_ITEMS = 20;

const itemAnswer = z.object({
  id: z.string(),
  status: z.int(),
  headers: z.record(z.string(), z.string()).nullish(),
  body: z.unknown(),
});
const batchAnswer = z.object({ responses: z.array(itemAnswer) });

/** The answer to one read of a batch. */
export interface BatchAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  readonly retryAfterMs: number | null;
}

/** Reads paths below v1.0; the answers in the same order, undefined for one that Graph left out. Throws where a whole request
 * failed. Items count against the same limits as requests (facts: graph 3.1). */
export async function readBatch(
  graph: GraphClient,
  paths: readonly string[],
): Promise<readonly (BatchAnswer | undefined)[]> {
  const answers: (BatchAnswer | undefined)[] = [];
  for (let start = 0; start < paths.length; start += MOST_ITEMS) {
    const urls = paths.slice(start, start + MOST_ITEMS);
    const requests = urls.map((url, index) => ({ id: String(index), method: "GET", url }));
    const work: Promise<unknown> = graph.api("/$batch").post({ requests });
    const { responses } = parsed(batchAnswer, await graph.call(work));
    // "In any order" (json-batching).
    const byId = new Map(responses.map((answer) => [answer.id, answer]));
    for (const index of urls.keys()) {
      const found = byId.get(String(index));
      if (found === undefined) {
        answers.push(undefined);
        continue;
      }
      const headers = new Headers(found.headers ?? {});
      const { status, body } = found;
      answers.push({ status, headers, body, retryAfterMs: retryAfterMs(headers, graph.now()) });
    }
  }
  return answers;
}
