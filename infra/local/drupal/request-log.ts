// Counts what was asked, by method and route template, and remembers the last requests.

/** One request; status 0 means that it got no answer. */
export interface LoggedRequest {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

/** The log of a simulation. */
export interface RequestLog {
  add(request: LoggedRequest): void;
  counts(): Record<string, number>;
  last(): readonly LoggedRequest[];
}

const KEPT = 200;

/** An empty log. */
export function createRequestLog(): RequestLog {
  const counters = new Map<string, number>();
  const kept: LoggedRequest[] = [];
  return {
    add(request) {
      const key = `${request.method} ${request.route}`;
      counters.set(key, (counters.get(key) ?? 0) + 1);
      kept.push(request);
      if (kept.length > KEPT) kept.shift();
    },
    counts: () => Object.fromEntries(counters),
    last: () => kept,
  };
}
