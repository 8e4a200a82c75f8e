// The waiting time between polls of an empty queue: random, exponential, from 100 ms to the maximum.

const MINIMUM_MS = 100;

/** Remembers how long the queue has been empty. */
export interface PollingDelay {
  /** Milliseconds to wait now; `found` tells whether messages came since the last wait. */
  next(found: boolean): number;
}

/** RandomizedExponentialBackoffStrategy of the WebJobs SDK. */
export function createPollingDelay(maximumMs: number, random = Math.random): PollingDelay {
  let current = MINIMUM_MS;
  let exponent = 1;
  return {
    next: (found) => {
      if (found) {
        current = Math.min(MINIMUM_MS, maximumMs);
        exponent = 1;
        return current;
      }
      if (current >= maximumMs) return maximumMs;
      const increment = (0.8 + random() * 0.4) * 2 ** (exponent - 1) * MINIMUM_MS;
      current = Math.min(MINIMUM_MS + increment, maximumMs);
      exponent += 1;
      return current;
    },
  };
}
