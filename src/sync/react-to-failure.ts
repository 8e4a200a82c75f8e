// The one place that reacts to failures: by what they ask for, never by where they came from.
import type { AuditEntry } from "../rules/audit-entry.ts";
import { drupalUuidFor } from "../rules/drupal-names.ts";
import { SyncFailure, TransientError } from "../rules/errors.ts";
import { isJoined } from "../rules/link.ts";
import type { Outcome } from "../rules/outcome.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import { directionTo } from "../rules/users.ts";
import { type HeldLink, LOOK_TOO_OLD } from "./hold-link.ts";
import type { ProvisionPorts } from "./ports.ts";

const HOUR_MS = 3_600_000;
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
  await ports.queue.send({ ...request, attempt }, delayMs);
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

/** The key of a request's escrow row: the Drupal UUID, or the one that an Entra user without link would get. */
export const escrowKey = ({ drupalUuid, entraObjectId }: ProvisionRequest): string =>
  drupalUuid ?? drupalUuidFor(entraObjectId ?? "");

// A request for an Entra user who is linked goes on as one for the link.
function pointed(request: ProvisionRequest, held: HeldLink | null): ProvisionRequest {
  if (held === null || !isJoined(held.link)) return request;
  const { entraObjectId: _named, ...rest } = request;
  return { ...rest, drupalUuid: held.link.drupalUuid };
}

// After 4 weeks a refusal is not going to change by itself (as in Entra's own provisioning).
const ESCROW_ENDS_AFTER_MS = 28 * 24 * HOUR_MS;
const ESCROW_DELAYS_MS = [HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS];

async function escrow(
  failure: SyncFailure,
  request: ProvisionRequest,
  ports: ProvisionPorts,
): Promise<Outcome> {
  const reason = { code: failure.code, message: failure.message };
  const at = ports.now().toISOString();
  const { drupalUuid, entraObjectId } = request;
  const { attempts, since } = await ports.escrow.put({
    drupalUuid: escrowKey(request),
    system: failure.system,
    reason,
    at,
  });
  if (ports.now().getTime() - Date.parse(since) < ESCROW_ENDS_AFTER_MS) {
    const delayMs = ESCROW_DELAYS_MS[attempts - 1] ?? 24 * HOUR_MS;
    const again: ProvisionRequest = {
      ...(drupalUuid === undefined ? { entraObjectId } : { drupalUuid }),
      ...(request.direction === undefined ? {} : { direction: request.direction }),
      ...(request.actor === undefined ? {} : { actor: request.actor }),
      cause: "replay",
      attempt: 0,
      receivedAt: at,
      escrowedAt: at,
    };
    await ports.queue.send(again, delayMs * (0.9 + ports.random() / 5));
  }
  await ports.audit.append(failureEntry(failure, request, ports));
  return { kind: "done", status: "failure", operations: [], reason, explanation: null };
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
      // Requests of others while throttled still count against us: all of them wait.
      if (failure.code === "entraThrottled") {
        ports.quarantine.pause("entra", new Date(ports.now().getTime() + (wish ?? FIRST_DELAY_MS)));
      }
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
  return react(error, pointed(request, held), ports);
}
