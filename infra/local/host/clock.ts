// The time that timers go by; tests move it by hand.

/** Tells the time and waits for a moment. */
export interface Clock {
  now(): Date;
  /** Resolves when the moment has come, or earlier when the signal aborts. */
  until(moment: Date, signal: AbortSignal): Promise<void>;
}

// A moved clock is looked at often; the real one in long steps, because setTimeout has a limit of 24 days.
const MOVED_STEP_MS = 20;
const REAL_STEP_MS = 3_600_000;

/** A clock over `now`; without it the wall clock. */
export function createClock(now?: () => Date): Clock {
  const time = now ?? (() => new Date());
  const step = now ? MOVED_STEP_MS : REAL_STEP_MS;
  return {
    now: time,
    until: async (moment, signal) => {
      while (!signal.aborted) {
        const left = moment.getTime() - time().getTime();
        if (left <= 0) return;
        await sleep(Math.min(left, step), signal);
      }
    },
  };
}

/** Waits in real time; an aborted signal ends the wait. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
