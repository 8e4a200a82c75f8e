// Which rows of the audit log answer a request: the narrowest range of its keys, and the columns that are left to compare.
import type { AuditRequest } from "./audit-request.ts";

function scopeOf(
  { cycle, status }: Pick<AuditRequest, "cycle" | "status">,
  drupalUuid: string | undefined,
) {
  const isFailures = status === "failure";
  // A user has fewer entries than a cycle, and a cycle's failures are kept by themselves.
  if (drupalUuid !== undefined) return { kind: "user", drupalUuid } as const;
  if (cycle !== undefined)
    return { kind: isFailures ? "cycleFailures" : "cycle", cycleId: cycle } as const;
  return { kind: isFailures ? "failures" : "all" } as const;
}

/** The question to the log. `drupalUuid` is the user's, where one was asked for. */
export function auditQuestion(request: AuditRequest, drupalUuid: string | undefined) {
  const { from, to, after, operation, resourceType, status, system, direction, cause, cycle } =
    request;
  const scope = scopeOf(request, drupalUuid);
  const isOfCycle = scope.kind === "cycle" || scope.kind === "cycleFailures";
  const isOfFailures = scope.kind === "failures" || scope.kind === "cycleFailures";
  const columns = {
    operation,
    resourceType,
    status: isOfFailures ? undefined : status,
    system,
    direction,
    cause,
    cycleId: isOfCycle ? undefined : cycle,
  };
  const where = Object.fromEntries(
    Object.entries(columns).filter(([, value]) => value !== undefined),
  );
  return { scope, from, to, after, where };
}
