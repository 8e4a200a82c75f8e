// Counts and remembers requests for the control route, and tells writes to whoever shows them.

/** One remembered request. */
export interface LoggedRequest {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  /** 0 when no answer was given. */
  readonly status: number;
}

/** What the simulator was asked. */
export interface RequestLog {
  note(method: string, template: string, path: string, status: number, now: number): void;
  counts(): Readonly<Record<string, number>>;
  /** How many answers had each status. */
  statuses(): Readonly<Record<string, number>>;
  last(): readonly LoggedRequest[];
  clear(): void;
}

/** Remembers the last `keep` requests; `onWrite` gets one line per write. */
export function createRequestLog(onWrite: (line: string) => void, keep = 200): RequestLog {
  const counts = new Map<string, number>();
  const statuses = new Map<number, number>();
  const last: LoggedRequest[] = [];
  return {
    note(method, template, path, status, now) {
      const key = `${method} ${template}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      last.push({ at: new Date(now).toISOString(), method, path, status });
      if (last.length > keep) last.shift();
      // Paths may hold a UPN, so the line shows the template.
      if (method !== "GET" && template !== "/$batch")
        onWrite(`${method} ${template} ${status || "-"}`);
    },
    counts: () => Object.fromEntries(counts),
    statuses: () => Object.fromEntries(statuses),
    last: () => last,
    clear() {
      counts.clear();
      statuses.clear();
      last.length = 0;
    },
  };
}
