// How a request for one user ends.
import type { AuditStatus } from "./audit-entry.ts";
import type { Explanation } from "./explanation.ts";
import type { Operation, Reason } from "./plan.ts";

/** How a request ended: every user ends with one outcome and a reason code. */
export type Outcome =
  | {
      readonly kind: "done";
      readonly status: AuditStatus;
      readonly operations: readonly Operation[];
      readonly reason: Reason;
      /** The five steps; null where the request ended before there was anything to explain. */
      readonly explanation: Explanation | null;
    }
  /** The plan takes something away, and a cycle holds it for the thresholds or an operator: nothing was written. */
  | { readonly kind: "held"; readonly reason: Reason; readonly explanation: Explanation }
  /** Nothing is lost: the request is on the queue again, or its cycle tries again. */
  | { readonly kind: "deferred"; readonly reason: Reason; readonly delayMs: number };

const CONFLICTS = [
  "ambiguousMatch",
  "linkedToAnother",
  "markedForAnother",
  "privilegedAccount",
  "entraUserDeleted",
  "drupalUserDeleted",
  "entraUserPurged",
  "takenApart",
  "matchUnproven",
  "scopeUnknown",
  "neverServed",
  "blockedByUs",
  "disabledElsewhere",
  "conflict",
];

/** Whether nothing is written because of something that a person should look at. */
export const isConflict = ({ code }: Reason): boolean => CONFLICTS.includes(code);

/** A request that ended before there was anything to explain. */
export const ended = (status: AuditStatus, reason: Reason): Outcome => ({
  kind: "done",
  status,
  operations: [],
  reason,
  explanation: null,
});
