// Tells a meter what leaves for Graph and what each answer says of the quotas, the items of a $batch one by one.
import { z } from "zod";
import type { QuotaAnswer } from "../../rules/budget.ts";
import { retryAfterMs } from "../http-client.ts";

/** Counts against the quotas of Graph. */
export interface Meter {
  /** Writes that leave now. */
  sent(writes: number): void;
  answered(answer: QuotaAnswer): void;
}

interface MeteredRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: unknown;
}

const batchItems = z.object({
  requests: z.array(z.object({ id: z.string(), method: z.string(), url: z.string() })),
});
const batchAnswers = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.number(),
      headers: z.record(z.string(), z.string()).nullish(),
    }),
  ),
});

// Any other method costs one write, whatever it does (Graph: throttling-limits).
const isWrite = (method: string): boolean => !["GET", "HEAD"].includes(method.toUpperCase());

// Pictures are Outlook's: another quota, for each mailbox (facts: graph 4). They count for nobody else.
const isPicture = (path: string): boolean => /\/photos?(\/|$)/.test(path.split("?")[0] ?? "");

function json(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return null;
  }
}

const quotaAnswer = (method: string, status: number, headers: Headers, now: Date): QuotaAnswer => {
  const shown = headers.get("x-ms-throttle-limit-percentage");
  const percentage = shown === null || shown === "" ? Number.NaN : Number(shown);
  return {
    isWrite: isWrite(method),
    status,
    percentage: Number.isFinite(percentage) ? percentage : null,
    retryAfterMs: retryAfterMs(headers, now),
  };
};

/** Sends a request by `send`, counted before, and its answer read for the meter after. */
export async function metered(
  meter: Meter,
  request: MeteredRequest,
  now: () => Date,
  send: () => Promise<Response>,
): Promise<Response> {
  const { method, url, body } = request;
  const path = url.pathname;
  if (isPicture(path)) return send();
  if (!path.endsWith("/$batch")) {
    meter.sent(isWrite(method) ? 1 : 0);
    const response = await send();
    meter.answered(quotaAnswer(method, response.status, response.headers, now()));
    return response;
  }
  // The batch itself costs nothing, its items are counted one by one (Graph: json-batching).
  const items = (batchItems.safeParse(json(body)).data?.requests ?? []).filter(
    (item) => !isPicture(item.url),
  );
  meter.sent(items.filter((item) => isWrite(item.method)).length);
  const response = await send();
  if (response.status !== 200) {
    meter.answered(quotaAnswer("GET", response.status, response.headers, now()));
    return response;
  }
  const answers = batchAnswers.safeParse(json(await response.clone().text()));
  for (const { id, status, headers } of answers.data?.responses ?? []) {
    const item = items.find((one) => one.id === id);
    if (item === undefined) continue;
    meter.answered(quotaAnswer(item.method, status, new Headers(headers ?? {}), now()));
  }
  return response;
}
