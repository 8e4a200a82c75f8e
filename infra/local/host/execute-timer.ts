// Runs a timer function with its retry policy: a new invocation for each attempt.

import { sleep } from "./clock.ts";
import type { RpcTypedData } from "./core-types.ts";
import type { FunctionDefinition, TriggerOf } from "./describe-function.ts";
import { messageOf } from "./host-error.ts";
import type { Invoke } from "./invoke.ts";
import type { TimerRun } from "./timer-listener.ts";
import type { TimerSchedule } from "./timer-schedule.ts";

/** Rejects when the last attempt failed. A stop of the host ends the waiting between attempts. */
export async function executeTimer(options: {
  readonly definition: FunctionDefinition<TriggerOf<"timer">>;
  readonly schedule: TimerSchedule;
  readonly run: TimerRun;
  readonly reason: string;
  readonly invoke: Invoke;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { definition, signal } = options;
  const { retry } = definition;
  const input = timerInput(options.schedule, options.run);
  let failure: unknown;
  for (let retryCount = 0; ; retryCount += 1) {
    try {
      await options.invoke({
        definition,
        input,
        reason: options.reason,
        // Present from the first attempt on when there is a policy.
        ...(retry
          ? {
              retryContext: {
                retryCount,
                maxRetryCount: retry.maxRetryCount,
                ...(failure === undefined ? {} : { exception: exceptionOf(failure) }),
              },
            }
          : {}),
      });
      return;
    } catch (error) {
      failure = error;
      const spent = retry && retry.maxRetryCount !== -1 && retryCount >= retry.maxRetryCount;
      if (!retry || spent) throw error;
      await sleep(retry.delayBefore(retryCount + 1), signal);
      if (signal.aborted) throw error;
    }
  }
}

function exceptionOf(error: unknown): { message: string; stackTrace?: string } {
  const stack = error instanceof Error ? error.stack : undefined;
  return { message: messageOf(error), ...(stack === undefined ? {} : { stackTrace: stack }) };
}

// TimerInfo as the extension serialises it; the library turns the names into camel case.
function timerInput(schedule: TimerSchedule, { status, isPastDue }: TimerRun): RpcTypedData {
  const date = (value: Date | undefined): string =>
    value ? value.toISOString().replace("Z", "+00:00") : "0001-01-01T00:00:00";
  return {
    json: JSON.stringify({
      Schedule: { AdjustForDST: schedule.adjustForDst },
      ScheduleStatus: status
        ? {
            Last: date(status.last),
            LastUpdated: date(status.lastUpdated),
            Next: date(status.next),
          }
        : null,
      IsPastDue: isPastDue,
    }),
  };
}
