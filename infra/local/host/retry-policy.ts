// Retry policies of functions: only timers have them here; queues and HTTP are refused.

import { z } from "zod";
import { describeIssues, HostError } from "./host-error.ts";

// The library rounds durations to whole seconds before they arrive (toRpcDuration).
const Duration = z
  .object({ seconds: z.number().min(0) })
  .transform(({ seconds }) => seconds * 1000);
const maxRetryCount = z.int().min(-1);

const RetryOptions = z.discriminatedUnion("retryStrategy", [
  z.object({ retryStrategy: z.literal("fixedDelay"), maxRetryCount, delayInterval: Duration }),
  z.object({
    retryStrategy: z.literal("exponentialBackoff"),
    maxRetryCount,
    minimumInterval: Duration,
    maximumInterval: Duration,
  }),
]);

/** How often and after which delays a failed execution is repeated; -1 means without end. */
export interface RetryPolicy {
  readonly maxRetryCount: number;
  /** Milliseconds to wait before the given retry (1 is the first). */
  delayBefore(retry: number): number;
}

/**
 * Reads a function's `retry`. The real host supports it for timers (and triggers that are not modelled
 * here); on a storage queue it multiplies with the dequeue count, and HTTP has none: both are refused.
 */
export function readRetryPolicy(
  options: unknown,
  triggerKind: "http" | "queue" | "timer",
  where: string,
): RetryPolicy | undefined {
  if (options === undefined || options === null) return undefined;
  if (triggerKind !== "timer")
    throw new HostError(`${where}: "retry" is not supported for ${triggerKind} triggers.`);
  const parsed = RetryOptions.safeParse(options);
  if (!parsed.success)
    throw new HostError(`${where}, retry: ${describeIssues(parsed.error.issues)}`);
  const policy = parsed.data;
  if (policy.retryStrategy === "fixedDelay")
    return { maxRetryCount: policy.maxRetryCount, delayBefore: () => policy.delayInterval };
  const { minimumInterval, maximumInterval } = policy;
  if (minimumInterval > maximumInterval)
    throw new HostError(`${where}, retry: minimumInterval is greater than maximumInterval.`);
  return {
    maxRetryCount: policy.maxRetryCount,
    // RandomizedExponentialBackoffStrategy of the WebJobs SDK: +-20 % around min * 2^n, capped.
    delayBefore: (retry) =>
      Math.min(maximumInterval, minimumInterval * 2 ** (retry - 1) * (0.8 + Math.random() * 0.4)),
  };
}
