// One nominated user of a cycle: provisioned, or planned where nothing is to be written, and told.
import type { Cycle, CycleUser, Nomination } from "../rules/cycle.ts";
import { userProvisioned, userTold } from "../rules/cycle-user.ts";
import { SyncFailure } from "../rules/errors.ts";
import type { Outcome } from "../rules/outcome.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { CyclePorts } from "./cycle-ports.ts";
import type { Slice } from "./cycle-step.ts";
import type { Planner } from "./plan-nominee.ts";
import { servePhoto } from "./serve-photo.ts";

/** The request for a nominated user of a cycle. */
export function requestFor(cycle: Cycle, nomination: Nomination, now: Date): ProvisionRequest {
  const { drupalUuid, entraObjectId, expects } = nomination;
  const { actor: approver } = cycle.approval ?? {};
  const actor = expects === undefined ? cycle.actor : approver;
  return {
    ...(drupalUuid === undefined ? { entraObjectId } : { drupalUuid }),
    ...(expects === undefined ? { holdsHarm: true } : { expects }),
    ...(actor ? { actor } : {}),
    ...(cycle.undoes === null ? {} : { undoes: cycle.undoes }),
    cause: expects === undefined || !approver ? "cycle" : "approval",
    cycleId: cycle.id,
    // A user who is refused again and again is a matter of escrow, as on the queue.
    attempt: nomination.attempt ?? 0,
    receivedAt: now.toISOString(),
  };
}

const BEHIND = {
  code: "replicationPending",
  message: "Entra's change query shows the user as the read by id does not yet",
};
// About a minute and a half: longer than once-seen values may hide (rules/known-values).
const MOST_WAITS = 4;

// The change query was ahead of the read by id (Graph is eventually consistent): what it told of must not be taken for agreed.
async function isBehind(nomination: Nomination, outcome: Outcome, slice: Slice): Promise<boolean> {
  const { seen, attempt = 0 } = nomination;
  if (seen === undefined || attempt >= MOST_WAITS || outcome.kind !== "done") return false;
  const entra = outcome.explanation?.import.entra ?? null;
  if (entra === null || outcome.operations.length > 0) return false;
  const grants = slice.prints.needsGrants
    ? (await slice.grants())(entra.objectId)
    : new Set<string>();
  const shown = slice.prints.entra(entra, grants);
  // A page of changes does not tell the manager.
  return shown !== null && shown.split(".")[0] !== seen.split(".")[0];
}

const UNEXPECTED = {
  code: "unexpectedFailure",
  message: "the user failed in an unexpected way; the log of the function has the details",
};

/** Serves one user: plans where there is a planner, else provisions. Never throws for a user's sake: what has no name is
 * recorded as a dead letter. */
export async function serveNominee(
  cycle: Cycle,
  nomination: Nomination,
  planner: Planner | null,
  slice: Slice,
  ports: CyclePorts,
): Promise<CycleUser> {
  const request = requestFor(cycle, nomination, ports.now());
  try {
    if (cycle.kind === "photos") return await servePhoto(cycle, nomination, ports);
    if (planner !== null) return await planner(nomination, request);
    const outcome = await ports.provision(request);
    if (await isBehind(nomination, outcome, slice)) return userTold(nomination, "deferred", BEHIND);
    return userProvisioned(nomination, outcome, ports.auditValues);
  } catch (error) {
    if (error instanceof SyncFailure)
      return userTold(nomination, "deferred", { code: error.code, message: error.message });
    ports.report(error);
    if (planner === null && cycle.kind !== "photos") await ports.deadLetter(request);
    return userTold(nomination, "failed", UNEXPECTED);
  }
}
