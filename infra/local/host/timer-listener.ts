// Runs one timer function on its schedule, as TimerListener of the WebJobs extensions does.

import { type Clock, sleep } from "./clock.ts";
import { messageOf } from "./host-error.ts";
import { type Report, reportHost } from "./host-events.ts";
import type { SingletonLease, TakeLease } from "./singleton-lease.ts";
import type { TimerSchedule } from "./timer-schedule.ts";
import {
  statusAfterRun,
  statusAtStart,
  type TimerStatus,
  type TimerStatusStore,
} from "./timer-status.ts";

/** What the handler is told about its run. `status` is undefined without a monitor. */
export interface TimerRun {
  readonly status: TimerStatus | undefined;
  readonly isPastDue: boolean;
}

/** A running timer. */
export interface TimerListener {
  /** Starts no more runs and waits for the one that is under way. */
  stop(): Promise<void>;
}

/** Starts the timer as soon as this host has the lease. `execute` runs the function, with its retries. */
export function startTimerListener(options: {
  readonly functionName: string;
  readonly schedule: TimerSchedule;
  readonly runOnStartup: boolean;
  /** Undefined when the timer keeps no status. */
  readonly store: TimerStatusStore | undefined;
  readonly takeLease: TakeLease;
  /** How often another host's lease is tried again. */
  readonly recoveryMs: number;
  readonly clock: Clock;
  readonly execute: (run: TimerRun, signal: AbortSignal) => Promise<void>;
  readonly report: Report;
}): TimerListener {
  const { functionName, schedule, store, clock, report } = options;
  const stopping = new AbortController();

  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      reportHost(report, "warning", `${functionName}: ${what}: ${messageOf(error)}`);
      return undefined;
    }
  };

  const run = async (
    before: TimerStatus,
    invokedAt: Date,
    cause: "tick" | "pastDue" | "startup",
    signal: AbortSignal,
  ): Promise<TimerStatus> => {
    const isPastDue = cause === "pastDue";
    try {
      await options.execute({ status: store ? before : undefined, isPastDue }, signal);
    } catch {
      // The invocation has reported its failure; an error never stops the schedule, and Next moves on.
    }
    const after = statusAfterRun(before, schedule, invokedAt, cause === "tick");
    await attempt("the status cannot be saved", async () => store?.write(functionName, after));
    return after;
  };

  // One stay as owner of the lease: from the start of the schedule until the signal.
  const keepTime = async (signal: AbortSignal): Promise<void> => {
    const now = clock.now();
    const start = statusAtStart(await store?.read(functionName), schedule, now);
    let { status } = start;
    if (start.changed) await store?.write(functionName, status);
    if (start.pastDue) status = await run(status, now, "pastDue", signal);
    else if (options.runOnStartup) status = await run(status, now, "startup", signal);
    while (!signal.aborted) {
      // From now, not from the last run: what came due during a run is skipped.
      const due = schedule.next(clock.now());
      await clock.until(due, signal);
      if (!signal.aborted) status = await run(status, clock.now(), "tick", signal);
    }
  };

  const own = async (lease: SingletonLease): Promise<void> => {
    const owner = new AbortController();
    const signal = AbortSignal.any([owner.signal, stopping.signal]);
    lease.lost.then(() => {
      reportHost(report, "warning", `${functionName}: the singleton lease was lost.`);
      owner.abort();
    }, undefined);
    await attempt("the timer stopped", () => keepTime(signal));
    await lease.release();
  };

  const live = async (): Promise<void> => {
    const { signal } = stopping;
    while (!signal.aborted) {
      const lease = await attempt("no singleton lease", () => options.takeLease(functionName));
      if (lease) await own(lease);
      if (!signal.aborted) await sleep(options.recoveryMs, signal);
    }
  };
  const living = live();

  return {
    stop: async () => {
      stopping.abort();
      await living;
    },
  };
}
