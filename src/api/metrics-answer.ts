// GET metrics: what was counted, by quarters of an hour, for charts.
import type { HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import { type Histogram, percentile } from "../rules/histogram.ts";
import { BUCKET_SECONDS, type Counts } from "../rules/metrics.ts";
import { jsonOf } from "./json-of.ts";

/** The query of GET metrics. */
export const metricsParameters = z.strictObject({
  hours: z.coerce
    .number()
    .int()
    .min(1)
    .max(168)
    .default(24)
    .describe("How far back, in hours; counts are kept for seven days."),
});

const count = z.int().min(0);
const bySystem = z.object({ drupal: count, entra: count });
const milliseconds = z.number().min(0).nullable();
const durations = z.object({
  count,
  p50: milliseconds.describe("Median, at most 9.1 % away from the exact one; null: none measured."),
  p95: milliseconds.describe("95th percentile, at most 9.1 % away; null: none measured."),
  max: milliseconds.describe("The longest, exactly."),
});

/** The answer of GET metrics. */
export const metricsAnswerSchema = z.object({
  from: z.iso.datetime().describe("The beginning of the first bucket that was asked for."),
  to: z.iso.datetime(),
  bucketSeconds: z.literal(BUCKET_SECONDS),
  buckets: z
    .array(
      z.object({
        at: z.iso.datetime().describe("When the bucket begins."),
        writes: bySystem.describe(
          "Writes by the system that was written, about as in the audit log: one that is told again after a crash counts twice.",
        ),
        outcomes: z
          .record(z.string(), count)
          .describe(
            "How requests for users ended: success, skipped, warning, failure, deferred, held.",
          ),
        throttled: bySystem.describe("How often a system asked to be left alone for a while."),
        latencyMs: durations.describe(
          "From a webhook or notification to the end of the request that wrote because of it.",
        ),
        queueAgeMs: durations.describe(
          "From a webhook or notification to the moment in which it was first picked up.",
        ),
      }),
    )
    .describe("In the order of time. A bucket in which nothing was counted is left out."),
});
/** One of {@link metricsAnswerSchema}. */
export type MetricsAnswer = z.infer<typeof metricsAnswerSchema>;

const tenth = (ms: number | null): number | null => (ms === null ? null : Math.round(ms * 10) / 10);

const shown = (histogram: Histogram) => ({
  count: histogram.count,
  p50: tenth(percentile(histogram, 0.5)),
  p95: tenth(percentile(histogram, 0.95)),
  max: histogram.count === 0 ? null : histogram.max,
});

/** The answer for a report. */
export function metricsAnswer(report: {
  readonly from: Date;
  readonly to: Date;
  readonly buckets: readonly { readonly at: Date; readonly counts: Counts }[];
}): HttpResponseInit {
  return jsonOf<typeof metricsAnswerSchema>()(200, {
    from: report.from.toISOString(),
    to: report.to.toISOString(),
    bucketSeconds: BUCKET_SECONDS,
    buckets: report.buckets.map(({ at, counts }) => ({
      at: at.toISOString(),
      writes: counts.writes,
      outcomes: counts.outcomes,
      throttled: counts.throttled,
      latencyMs: shown(counts.latencyMs),
      queueAgeMs: shown(counts.queueAgeMs),
    })),
  });
}
