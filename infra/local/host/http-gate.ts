// Limits how many HTTP requests run at once (extensions.http.maxConcurrentRequests and maxOutstandingRequests).

/** Admits requests one by one. */
export interface HttpGate {
  /** Waits for a place; undefined when too many are waiting already, which is answered with 429. */
  enter(): Promise<(() => void) | undefined>;
}

/** -1 stands for no limit, as in host.json. */
export function createHttpGate(maxConcurrent: number, maxOutstanding: number): HttpGate {
  const waiting: (() => void)[] = [];
  let running = 0;

  const leave = (): void => {
    running -= 1;
    waiting.shift()?.();
  };

  return {
    enter: async () => {
      if (maxOutstanding !== -1 && running + waiting.length >= maxOutstanding) return undefined;
      if (maxConcurrent !== -1 && running >= maxConcurrent)
        await new Promise<void>((resolve) => waiting.push(resolve));
      running += 1;
      return leave;
    },
  };
}
