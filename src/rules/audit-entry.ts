// The audit log's row, as the public contract shows it: operation, resource, status, and why.
import { z } from "zod";
import type { Change, Operation, Reason } from "./plan.ts";
import type { Cause } from "./provision-request.ts";
import type { Direction, System } from "./users.ts";
import { fingerprint } from "./values.ts";

/** How an operation ended. */
export type AuditStatus = "success" | "failure" | "skipped" | "warning";

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

/** One row. `id` is the operation's id: writing it again changes nothing. */
export interface AuditEntry {
  readonly id: string;
  /** ISO 8601 with milliseconds. */
  readonly at: string;
  readonly operation: Operation;
  readonly resourceType: "user" | "role" | "photo" | "configuration" | "cycle";
  readonly status: AuditStatus;
  /** The system that was written, and the way; absent where neither was, as for a change of the configuration. */
  readonly system?: System | undefined;
  readonly direction?: Direction | undefined;
  readonly cause: Cause;
  readonly cycleId?: string | undefined;
  readonly drupalUuid?: string | undefined;
  readonly entraId?: string | undefined;
  readonly displayName?: string | undefined;
  readonly changes: readonly KeptChange[];
  readonly reason?: Reason | undefined;
  readonly actor?: string | undefined;
  readonly durationMs: number;
}

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
