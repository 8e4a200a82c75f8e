// The one place that reacts to failures: by what they ask for, never by where they came from.
import type { AuditEntry } from "../rules/audit-entry.ts";
import { SyncFailure, TransientError } from "../rules/errors.ts";
import { isJoined } from "../rules/link.ts";
import type { Outcome } from "../rules/outcome.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import { directionTo } from "../rules/users.ts";
import { type HeldLink, LOOK_TOO_OLD } from "./hold-link.ts";
import type { ProvisionPorts } from "./ports.ts";
import { escrowKey, putInEscrow } from "./put-in-escrow.ts";

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 60_000;
// After an hour of failing, the target is not coming back by the minute.
const PATIENT_AFTER_ATTEMPTS = 60;
const PATIENT_DELAY_MS = 15 * 60_000;
// A day and a half: what lasts longer is a matter for escrow, where people see it.
const MAX_ATTEMPTS = 200;

/** How long to wait before attempt `attempt + 1`: exponential with jitter, never less than the target's own wish. */
export function backoffMs(attempt: number, retryAfterMs: number | null, random: number): number {
  const cap = attempt < PATIENT_AFTER_ATTEMPTS ? MAX_DELAY_MS : PATIENT_DELAY_MS;
  const exponential = Math.min(cap, FIRST_DELAY_MS * 2 ** Math.min(attempt, 20));
  return Math.max(retryAfterMs ?? 0, exponential * (0.5 + random / 2));
}

// One row when it starts to be worth telling, then ever more seldom: the log stays readable in an outage.
const isWorthTelling = (attempt: number): boolean =>
  [3, 10, 30, 100, 300, 1000, 3000].includes(attempt);

function failureEntry(
  failure: SyncFailure,
  request: ProvisionRequest,
  ports: ProvisionPorts,
): AuditEntry {
  const system = failure.system === "drupal" ? "drupal" : "entra";
  return {
    id: ports.newId(),
    at: ports.now().toISOString(),
    operation: "none",
    resourceType: "user",
    status: failure.kind === "rejected" ? "failure" : "warning",
    system,
    direction: directionTo(system),
    cause: request.cause,
    cycleId: request.cycleId,
    drupalUuid: request.drupalUuid,
    entraId: request.entraObjectId,
    changes: [],
    actor: request.actor,
    reason: { code: failure.code, message: failure.message },
    durationMs: 0,
  };
}

async function defer(
  failure: SyncFailure,
  request: ProvisionRequest,
  retryAfterMs: number | null,
  ports: ProvisionPorts,
): Promise<Outcome> {
  const attempt = request.attempt + 1;
  const delayMs = backoffMs(request.attempt, retryAfterMs, ports.random());
  // A cycle tries its users again itself: on the queue nobody would hold what it must hold.
  if (request.cycleId === undefined) await ports.queue.send({ ...request, attempt }, delayMs);
  if (isWorthTelling(attempt)) await ports.audit.append(failureEntry(failure, request, ports));
  return { kind: "deferred", reason: { code: failure.code, message: failure.message }, delayMs };
}

async function closeSystem(
  failure: SyncFailure,
  request: ProvisionRequest,
  ports: ProvisionPorts,
): Promise<Outcome> {
  const reason = { code: failure.code, message: failure.message };
  await ports.quarantine.close(failure.system, reason, ports.now());
  const closedUntil = await ports.quarantine.closedUntil(failure.system);
  const waitMs = closedUntil === null ? null : closedUntil.getTime() - ports.now().getTime();
  return defer(failure, request, waitMs, ports);
}

// A request for an Entra user who is linked goes on as one for the link; it is no return of the link's own escrow row.
function pointed(request: ProvisionRequest, held: HeldLink | null): ProvisionRequest {
  if (held === null || !isJoined(held.link)) return request;
  const { drupalUuid } = held.link;
  const { entraObjectId: _named, escrowedAt, ...rest } = request;
  const isReturn = escrowedAt !== undefined && drupalUuid === escrowKey(request);
  return { ...rest, ...(isReturn ? { escrowedAt } : {}), drupalUuid };
}

async function escrow(
  failure: SyncFailure,
  request: ProvisionRequest,
  ports: ProvisionPorts,
): Promise<Outcome> {
  const reason = { code: failure.code, message: failure.message };
  const ended = {
    kind: "done",
    status: "failure",
    operations: [],
    reason,
    explanation: null,
  } as const;
  // An undo comes back with an operator, or not at all: a normal look would do the opposite.
  if (request.undoes !== undefined) {
    await ports.audit.append(failureEntry(failure, request, ports));
    return ended;
  }
  await putInEscrow({ request, system: failure.system, reason }, ports);
  await ports.audit.append(failureEntry(failure, request, ports));
  return ended;
}

// What a target asks of all who speak to it: requests while it throttles still count against us. Graph's other wishes
// may be about one object; a site that is down has nothing but wishes for all.
const isForAll = ({ code }: SyncFailure, wish: number | null): boolean =>
  ["entraThrottled", "drupalThrottled"].includes(code) ||
  (code === "drupalUnavailable" && wish !== null);

/** Pauses a system for all instances where a failure asks that of all who speak to it. */
export function pauseForAll(
  failure: SyncFailure,
  {
    quarantine,
    now,
  }: Pick<ProvisionPorts, "now"> & {
    readonly quarantine: Pick<ProvisionPorts["quarantine"], "pause">;
  },
): void {
  const wish = failure instanceof TransientError ? failure.retryAfterMs : null;
  if (!isForAll(failure, wish)) return;
  quarantine.pause(failure.system, new Date(now().getTime() + (wish ?? FIRST_DELAY_MS)));
}

async function react(
  failure: SyncFailure,
  request: ProvisionRequest,
  ports: ProvisionPorts,
): Promise<Outcome> {
  switch (failure.kind) {
    case "transient": {
      if (request.attempt >= MAX_ATTEMPTS) return escrow(failure, request, ports);
      const wish = failure instanceof TransientError ? failure.retryAfterMs : null;
      pauseForAll(failure, ports);
      return defer(failure, request, wish, ports);
    }
    case "concurrency":
      // Nobody else is at work: a site that is so slow again and again must be told of.
      if (failure.code === LOOK_TOO_OLD && request.attempt < MAX_ATTEMPTS)
        return defer(failure, request, null, ports);
      // 1 to 3 s: the other worker is done by then, and several waiters do not come back together.
      return defer(failure, { ...request, attempt: 0 }, 1000 + ports.random() * 2000, ports);
    case "notFound":
    case "alreadyExists":
      // The world moved between read and write: read again and plan again.
      return request.attempt < 5
        ? defer(failure, request, 2000, ports)
        : escrow(failure, request, ports);
    case "access":
      return closeSystem(failure, request, ports);
    case "rejected":
      return escrow(failure, request, ports);
  }
}

/**
 * Turns a failure into an outcome. The lease is given back first, so that the next try need not wait for it; what the
 * run had noted is saved with it. A failure without a name is a fault of ours and is thrown on.
 */
export async function reactToFailure(
  error: unknown,
  request: ProvisionRequest,
  held: HeldLink | null,
  ports: ProvisionPorts,
): Promise<Outcome> {
  if (held !== null) {
    await held.release().catch(() => undefined); // a lease that was lost, or that runs out by itself
  }
  if (!(error instanceof SyncFailure)) throw error;
  const onward = pointed(request, held);
  const outcome = await react(error, onward, ports);
  const former = escrowKey(request);
  // Whoever waits under the link's key now, or comes back under it, does not wait under the former one too.
  const isOnItsWay = outcome.kind === "done" || request.cycleId === undefined;
  if (former !== escrowKey(onward) && isOnItsWay) await ports.escrow.clear(former);
  return outcome;
}
