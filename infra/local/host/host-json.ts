// Reads host.json: the keys that are modelled, with the real host's defaults; every other key stops the host.

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { z } from "zod";
import { describeIssues, HostError, messageOf } from "./host-error.ts";
import { parseTimeSpan } from "./time-span.ts";

const TimeSpan = z.string().transform((text, context) => {
  const milliseconds = parseTimeSpan(text);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue({ code: "custom", message: `"${text}" is not a TimeSpan (hh:mm:ss)` });
  return z.NEVER;
});

const LogLevel = z.enum(["Trace", "Debug", "Information", "Warning", "Error", "Critical", "None"]);

// Bounds and defaults: QueuesOptions in azure-sdk-for-net (batchSize at most 32, the storage limit).
const Queues = z
  .strictObject({
    batchSize: z.int().min(1).max(32).default(16),
    newBatchThreshold: z.int().min(0).optional(),
    maxDequeueCount: z.int().min(1).default(5),
    visibilityTimeout: TimeSpan.default(0),
    maxPollingInterval: TimeSpan.refine((ms) => ms >= 100, "at least 00:00:00.100").default(60_000),
    messageEncoding: z
      .string()
      .toLowerCase()
      .pipe(z.enum(["base64", "none"]))
      .default("base64"),
  })
  .transform((queues) => ({
    ...queues,
    newBatchThreshold:
      queues.newBatchThreshold ?? Math.floor(queues.batchSize / 2) * availableParallelism(),
  }));

const Http = z.strictObject({
  routePrefix: z.string().default("api"),
  maxConcurrentRequests: z.int().min(-1).default(-1),
  maxOutstandingRequests: z.int().min(-1).default(-1),
});

const HostJsonSchema = z.strictObject({
  version: z.literal("2.0"),
  // The bundle brings .NET extensions; this host has its own, so the entry has no effect here.
  extensionBundle: z.strictObject({ id: z.string(), version: z.string() }).optional(),
  functionTimeout: TimeSpan.refine((ms) => ms > 0, "must be positive").default(30 * 60_000),
  logging: z
    .strictObject({
      logLevel: z.record(z.string(), LogLevel).optional(),
      fileLoggingMode: z.enum(["never", "always", "debugOnly"]).optional(),
      console: z.strictObject({ isEnabled: z.boolean().optional() }).optional(),
      applicationInsights: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
  telemetryMode: z.enum(["OpenTelemetry", "ApplicationInsights"]).optional(),
  extensions: z.strictObject({ http: Http.prefault({}), queues: Queues.prefault({}) }).prefault({}),
});

/** The settings of host.json that have an effect here. */
export interface HostJson {
  readonly functionTimeoutMs: number;
  readonly http: z.output<typeof Http>;
  readonly queues: QueueOptions;
}

/** `extensions.queues` with the real host's defaults; durations in milliseconds. */
export type QueueOptions = z.output<typeof Queues>;

/** Reads and checks host.json. */
export function readHostJson(file: string): HostJson {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new HostError(`host.json cannot be read: ${messageOf(error)}`);
  }
  const parsed = HostJsonSchema.safeParse(json);
  if (!parsed.success) throw new HostError(`host.json: ${describeIssues(parsed.error.issues)}`);
  const { functionTimeout, extensions } = parsed.data;
  return { functionTimeoutMs: functionTimeout, http: extensions.http, queues: extensions.queues };
}
