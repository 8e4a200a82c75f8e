// Identity and access limits as a token bucket: resource units by tenant size, and writes (throttling-limits, 2026-02-06).
import { GraphError } from "./graph-error.ts";
import type { Tenant } from "./tenant.ts";

const UNIT_WINDOW_SECONDS = 10;

/** What a request costs. */
export interface Cost {
  readonly units: number;
  readonly writes: number;
}

/** Takes the cost of each request from the buckets. */
export interface Throttle {
  /** Headers for the answer, or 429 when a bucket is empty. */
  take(cost: Cost): Readonly<Record<string, string>>;
}

interface Bucket {
  level: number;
  capacity: number;
  perSecond: number;
  at: number;
}

// S below 50 users, M to 500, L above.
const unitQuota = (users: number): number => (users < 50 ? 3500 : users <= 500 ? 5000 : 8000);

const refill = (bucket: Bucket, capacity: number, windowSeconds: number, now: number): void => {
  // Growing or shrinking the quota keeps what was used.
  bucket.level += capacity - bucket.capacity;
  bucket.capacity = capacity;
  bucket.perSecond = capacity / windowSeconds;
  const passed = Math.max(0, now - bucket.at) / 1000;
  bucket.level = Math.min(capacity, bucket.level + passed * bucket.perSecond);
  bucket.at = now;
};

// Requests while throttled still count, down to 1.8 of the limit, the highest percentage Graph reports.
const drain = (bucket: Bucket, amount: number): boolean => {
  const before = bucket.level;
  bucket.level = Math.max(-0.8 * bucket.capacity, before - amount);
  return before >= amount;
};

const used = (bucket: Bucket): number => (bucket.capacity - bucket.level) / bucket.capacity;

/** The limits of one application in one tenant. */
export function createThrottle(tenant: Tenant): Throttle {
  const units: Bucket = { level: 0, capacity: 0, perSecond: 1, at: tenant.clock.now() };
  const writes: Bucket = { level: 0, capacity: 0, perSecond: 1, at: tenant.clock.now() };
  return {
    take(cost) {
      const { quota } = tenant.settings;
      const headers = { "x-ms-resource-unit": String(cost.units) };
      if (quota === null) return headers;
      const now = tenant.clock.now();
      const allUnits = unitQuota(tenant.users.size()) * quota.scale;
      refill(units, allUnits, UNIT_WINDOW_SECONDS, now);
      refill(writes, quota.writes * quota.scale, quota.windowSeconds, now);
      const writesFit = cost.writes === 0 || drain(writes, cost.writes);
      const unitsFit = drain(units, cost.units);
      const percentage = Math.max(used(units), cost.writes === 0 ? 0 : used(writes));
      // Documented only above 0.8.
      const shown: Record<string, string> =
        percentage > 0.8
          ? { ...headers, "x-ms-throttle-limit-percentage": Math.min(1.8, percentage).toFixed(2) }
          : headers;
      if (writesFit && unitsFit) return shown;
      const empty = writesFit ? units : writes;
      const missing = 1 - Math.min(empty.level, 0);
      // Seconds as the client lives them, should the clock run faster.
      const wait = Math.max(1, Math.ceil(missing / empty.perSecond / tenant.clock.scale()));
      throw new GraphError(
        429,
        "TooManyRequests",
        "Too many requests from Identifier:local under category:aadgraph.app.tenant_large. Please try again later.",
        undefined,
        {
          ...shown,
          ...(quota.retryAfter ? { "Retry-After": String(wait) } : {}),
          "x-ms-throttle-scope": `Tenant_Application/ReadWrite/local/${tenant.id}`,
          "x-ms-throttle-information": writesFit
            ? "ResourceUnitLimitExceeded"
            : "WriteLimitExceeded",
        },
      );
    },
  };
}
