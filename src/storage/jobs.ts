// The jobs in Azure Tables: one row for each.
import { z } from "zod";
import { type Job, type JobName, newJob } from "../rules/job.ts";
import type { JobStore } from "../sync/cycle-ports.ts";
import { fromJsonColumns, toJsonColumns } from "./json-columns.ts";
import { reasonSchema } from "./stored-changes.ts";
import { openTable, type StorageAccount } from "./tables.ts";

const listing = z
  .object({ cycleId: z.string(), users: z.number(), at: z.string() })
  .nullable()
  .default(null);

const jobSchema = z.object({
  cycleId: z.string().nullable().default(null),
  startedAt: z.string().nullable().default(null),
  watermark: z
    .object({
      position: z.string(),
      configuration: z.string(),
      memberships: z.string().nullable().default(null),
    })
    .nullable()
    .default(null),
  listing,
  report: listing,
  lately: z
    .array(
      z.object({
        at: z.string(),
        disables: z.number(),
        deletes: z.number(),
        roleRemovals: z.number(),
      }),
    )
    .default([]),
  quarantine: z
    .object({ since: z.string(), nextAt: z.string(), reason: reasonSchema })
    .nullable()
    .default(null),
});

const jobRow = (name: JobName) =>
  z
    .looseObject({})
    .transform((row): Job => ({ name, ...jobSchema.parse(fromJsonColumns("job", row)) }));

const PARTITION = "feed";

/** The jobs of a storage account: table `jobs`. */
export function createJobStore(account: StorageAccount): JobStore {
  const table = openTable(account, "jobs");
  return {
    get: async (name) => {
      const found = await table.find(jobRow(name), PARTITION, name);
      return found === null
        ? { job: newJob(name), version: null }
        : { job: found.row, version: found.etag };
    },
    save: (job, version) => {
      const row = { partitionKey: PARTITION, rowKey: job.name, ...toJsonColumns("job", job) };
      return table.save(row, version);
    },
  };
}
