// The answer of GET metrics keeps to its own schema, and tells percentiles of each bucket.
import { expect, it } from "vitest";
import {
  metricsAnswer,
  metricsAnswerSchema,
  metricsParameters,
} from "../../src/api/metrics-answer.ts";
import { type Counted, counted, NO_COUNTS } from "../../src/rules/metrics.ts";

const events: Counted[] = [
  { kind: "written", system: "entra" },
  { kind: "ended", status: "success" },
  ...[100, 200, 300, 4000].map((ms) => ({ kind: "latency", ms }) as const),
];

it("tells what was counted in each bucket", () => {
  const response = metricsAnswer({
    from: new Date("2026-11-24T08:00:00Z"),
    to: new Date("2026-11-24T09:01:00Z"),
    buckets: [{ at: new Date("2026-11-24T08:15:00Z"), counts: events.reduce(counted, NO_COUNTS) }],
  });
  const answer = metricsAnswerSchema.parse(JSON.parse(String(response.body)));
  expect(answer).toMatchObject({ bucketSeconds: 900, from: "2026-11-24T08:00:00.000Z" });
  const [bucket] = answer.buckets;
  expect(bucket).toMatchObject({
    at: "2026-11-24T08:15:00.000Z",
    writes: { drupal: 0, entra: 1 },
    outcomes: { success: 1 },
    throttled: { drupal: 0, entra: 0 },
    latencyMs: { count: 4, max: 4000 },
    queueAgeMs: { count: 0, p50: null, p95: null, max: null },
  });
  expect(Math.abs((bucket?.latencyMs.p50 ?? 0) / 200 - 1)).toBeLessThan(0.091);
  expect(Math.abs((bucket?.latencyMs.p95 ?? 0) / 4000 - 1)).toBeLessThan(0.091);
});

it("goes back a day unless asked otherwise, and a week at most", () => {
  expect(metricsParameters.parse({})).toEqual({ hours: 24 });
  expect(metricsParameters.parse({ hours: "168" })).toEqual({ hours: 168 });
  for (const hours of ["0", "169", "1.5", "a"])
    expect(metricsParameters.safeParse({ hours }).success).toBe(false);
});
