// Runs the timer functions of an app: schedules, statuses and leases, and their runs as invocations.

import { resolveConnection } from "./app-settings.ts";
import type { Clock } from "./clock.ts";
import type { FunctionDefinition, TriggerOf } from "./describe-function.ts";
import { executeTimer } from "./execute-timer.ts";
import type { Report } from "./host-events.ts";
import type { Invoke } from "./invoke.ts";
import { openSingletonLeases } from "./singleton-lease.ts";
import { startTimerListener } from "./timer-listener.ts";
import { parseTimerSchedule, type TimerSchedule } from "./timer-schedule.ts";
import { openTimerStatusStore } from "./timer-status-blob.ts";

/** A function that is started by a schedule. */
export interface TimerFunction {
  readonly definition: FunctionDefinition<TriggerOf<"timer">>;
  readonly schedule: TimerSchedule;
}

/** The timers of an app. */
export interface RunningTimers {
  /** Runs a function outside its schedule, without the singleton lease. */
  runByHand(timer: TimerFunction): Promise<void>;
  stop(): Promise<void>;
}

/** Reads the schedule of a timer function; every timer needs the storage for its lease. */
export function planTimer(definition: FunctionDefinition<TriggerOf<"timer">>): TimerFunction {
  const where = `Function "${definition.name}"`;
  resolveConnection(undefined, where);
  return { definition, schedule: parseTimerSchedule(definition.trigger.schedule, where) };
}

/** Starts the timers; they keep their statuses and leases in AzureWebJobsStorage. */
export function runTimers(options: {
  readonly timers: readonly TimerFunction[];
  readonly hostId: string;
  readonly recoveryMs: number;
  readonly clock: Clock;
  readonly invoke: Invoke;
  readonly report: Report;
}): RunningTimers {
  const { timers, hostId, clock, invoke, report } = options;
  const aborted = new AbortController();
  if (timers.length === 0)
    return { runByHand: () => Promise.resolve(), stop: () => Promise.resolve() };
  const storage = resolveConnection(undefined, "Timers");
  const store = openTimerStatusStore(storage, hostId);
  const takeLease = openSingletonLeases(storage, hostId);
  const storeOf = ({ definition, schedule }: TimerFunction): typeof store | undefined =>
    definition.trigger.useMonitor && schedule.canBeMonitored ? store : undefined;

  const listeners = timers
    .filter(({ definition }) => !definition.disabled)
    .map((timer) =>
      startTimerListener({
        functionName: timer.definition.name,
        schedule: timer.schedule,
        runOnStartup: timer.definition.trigger.runOnStartup,
        store: storeOf(timer),
        takeLease,
        recoveryMs: options.recoveryMs,
        clock,
        report,
        execute: (run, signal) =>
          executeTimer({
            ...timer,
            run,
            reason: run.isPastDue ? "timer, past due" : "timer",
            invoke,
            signal,
          }),
      }),
    );
  return {
    runByHand: async (timer) => {
      const status = await storeOf(timer)?.read(timer.definition.name);
      const run = { status, isPastDue: false };
      await executeTimer({ ...timer, run, reason: "by hand", invoke, signal: aborted.signal });
    },
    stop: async () => {
      aborted.abort();
      await Promise.all(listeners.map((listener) => listener.stop()));
    },
  };
}
