// The line of the audit log that tells how a cycle ended.
import type { AuditEntry } from "./audit-entry.ts";
import type { Cycle } from "./cycle.ts";
import type { Reason } from "./plan.ts";

const STATUS = { complete: "success", incomplete: "warning", cancelled: "skipped" } as const;

/** How a cycle ends by itself or by someone's word. */
export type CycleEnd = keyof typeof STATUS;

/** The entry. */
export function endEntry(cycle: Cycle, status: CycleEnd, reason: Reason, now: Date): AuditEntry {
  return {
    // The same for a cycle that ends again after a kill.
    id: `${cycle.id}-${cycle.page}-${status}`,
    at: now.toISOString(),
    operation: "none",
    resourceType: "cycle",
    status: STATUS[status],
    // A preview is about both.
    direction: cycle.kind === "preview" ? undefined : cycle.direction,
    cause: cycle.actor === null ? "cycle" : "onDemand",
    cycleId: cycle.id,
    changes: [],
    reason,
    actor: cycle.approval?.actor ?? cycle.actor ?? undefined,
    durationMs: now.getTime() - Date.parse(cycle.startedAt ?? cycle.createdAt),
  };
}
