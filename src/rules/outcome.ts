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
  /** Nothing is lost: the request is on the queue again. */
  | { readonly kind: "deferred"; readonly reason: Reason; readonly delayMs: number };
