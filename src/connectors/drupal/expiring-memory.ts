// What was looked up a short while ago: kept for some minutes, and never more than a bounded number of things.

/** Remembered values by key. */
export interface ExpiringMemory<T> {
  get(key: string): T | undefined;
  put(key: string, value: T): void;
  forget(key: string): void;
}

/** A memory whose entries last `lastsMs`; when it holds `most`, it begins anew. */
export function createExpiringMemory<T>(
  now: () => Date,
  lastsMs: number,
  most = 1000,
): ExpiringMemory<T> {
  const known = new Map<string, { readonly value: T; readonly until: number }>();
  return {
    get: (key) => {
      const entry = known.get(key);
      return entry !== undefined && entry.until > now().getTime() ? entry.value : undefined;
    },
    put: (key, value) => {
      const time = now().getTime();
      // In the order in which they were put, which is that of their ends.
      for (const [old, { until }] of known) {
        if (until > time) break;
        known.delete(old);
      }
      if (known.size >= most) known.clear();
      known.delete(key);
      known.set(key, { value, until: time + lastsMs });
    },
    forget: (key) => {
      known.delete(key);
    },
  };
}
