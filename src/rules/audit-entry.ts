// The audit log's row, as the public contract shows it: operation, resource, status, and why.
import { z } from "zod";
import { type Change, operationSchema } from "./plan.ts";
import { causeSchema } from "./provision-request.ts";
import { fingerprint } from "./values.ts";

/** How an operation ended. */
export const auditStatusSchema = z.enum(["success", "failure", "skipped", "warning"]);
/** One of {@link auditStatusSchema}. */
export type AuditStatus = z.infer<typeof auditStatusSchema>;

/** What an operation was about. */
export const resourceTypeSchema = z.enum(["user", "role", "photo", "configuration", "cycle"]);

const value = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.string()).readonly(),
  z.null(),
]);

/** A change as the log keeps it. */
export const keptChangeSchema = z.object({
  attribute: z.string(),
  before: value,
  after: value,
  why: z.string(),
  /** Absent: the values are whole. `hash`: they are fingerprints; `none`: they are not there. Neither can be written back. */
  kept: z.enum(["hash", "none"]).optional(),
});
/** One of {@link keptChangeSchema}. */
export type KeptChange = Readonly<z.infer<typeof keptChangeSchema>>;

/** One row of the log, as it is kept and as readers get it. */
export const auditEntrySchema = z.object({
  /** The operation's id: writing it again changes nothing. */
  id: z.string(),
  /** ISO 8601 with milliseconds. */
  at: z.iso.datetime(),
  operation: operationSchema,
  resourceType: resourceTypeSchema,
  status: auditStatusSchema,
  /** The system that was written, and the way; absent where neither was, as for a change of the configuration. */
  system: z.enum(["drupal", "entra"]).optional(),
  direction: z.enum(["drupalToEntra", "entraToDrupal"]).optional(),
  cause: causeSchema,
  cycleId: z.string().optional(),
  drupalUuid: z.string().optional(),
  entraId: z.string().optional(),
  displayName: z.string().optional(),
  changes: z.array(keptChangeSchema).readonly(),
  reason: z.object({ code: z.string(), message: z.string() }).optional(),
  /** The person who asked for it. */
  actor: z.string().optional(),
  durationMs: z.number(),
});
/** One of {@link auditEntrySchema}. */
export type AuditEntry = Readonly<z.infer<typeof auditEntrySchema>>;

/** How values appear in the audit log (`AUDIT_VALUES`). */
export type AuditValues = "plain" | "hash" | "none";

// A property of a table row holds 32,768 characters; changes larger than this are kept as fingerprints.
const MAX_PLAIN_LENGTH = 20_000;

/** The changes as the setting allows them to be kept: whole, as fingerprints, or names only. */
export function auditable(changes: readonly Change[], values: AuditValues): KeptChange[] {
  if (values === "plain" && JSON.stringify(changes).length > MAX_PLAIN_LENGTH)
    return auditable(changes, "hash");
  if (values === "plain") return [...changes];
  const shown = (value: Change["before"]) =>
    value === null || values === "none" ? null : fingerprint(value);
  return changes.map((change) => ({
    ...change,
    before: shown(change.before),
    after: shown(change.after),
    kept: values,
  }));
}
