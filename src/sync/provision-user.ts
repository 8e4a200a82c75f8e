// The whole story of one user, and the only way in which a user is ever written: read both sides now, decide with one
// pure function, announce, write, record.

import type { AuditStatus } from "../rules/audit-entry.ts";
import { TransientError } from "../rules/errors.ts";
import { decide } from "../rules/merge.ts";
import type { AttributeFailure, Operation, Plan, Reason } from "../rules/plan.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import { auditEntry, type ExportJob, exportPlan } from "./export-plan.ts";
import { type HeldLink, holdLink } from "./hold-link.ts";
import { findMatch, importDrupalUser, importEntraUser } from "./import-users.ts";
import type { ProvisionPorts } from "./ports.ts";
import { reactToFailure } from "./react-to-failure.ts";
import { resolvePending } from "./resolve-pending.ts";

/** How a request ended: every user ends with one outcome and a reason code. */
export type Outcome =
  | {
      readonly kind: "done";
      readonly status: AuditStatus;
      readonly operations: readonly Operation[];
      readonly reason: Reason;
    }
  /** Nothing is lost: the request is on the queue again. */
  | { readonly kind: "deferred"; readonly reason: Reason; readonly delayMs: number };

// Long enough for a create to show everywhere; see import-users.
const UNCONFIRMED_WINDOW_MS = 15 * 60_000;
// A sender that speaks before its commit may have spoken twice within `changed`'s one second.
const SETTLE_MS = 2000;

function statusOf(plan: Plan, refused: readonly AttributeFailure[]): AuditStatus {
  if (plan.failures.length + refused.length > 0) return "warning";
  if (plan.steps.length > 0) return "success";
  const conflicts = ["ambiguousMatch", "linkedToAnother", "entraUserDeleted"];
  return conflicts.includes(plan.reason.code) ? "warning" : "skipped";
}

function refuseWhileUnconfirmed(held: HeldLink, plan: Plan, now: Date): void {
  const { pending } = held.link;
  if (pending?.operation !== "create" || plan.steps.some((step) => step.operation === "create"))
    return;
  if (now.getTime() - Date.parse(pending.at) > UNCONFIRMED_WINDOW_MS) return;
  const options = { system: "entra", code: "createUnconfirmed", retryAfterMs: 5000 } as const;
  throw new TransientError("an earlier create has not been confirmed yet", options);
}

async function run(
  held: HeldLink,
  request: ProvisionRequest,
  ports: ProvisionPorts,
): Promise<Outcome> {
  const startedAt = ports.now();
  const configuration = await ports.configuration.current();
  const service = await ports.drupal.serviceAccount();
  await resolvePending(held, request, configuration, ports);

  const [drupal, linked] = await Promise.all([
    importDrupalUser(request, ports),
    importEntraUser(held.link, configuration, ports),
  ]);
  await Promise.all([ports.quarantine.open("drupal"), ports.quarantine.open("entra")]);
  const mayMatch =
    drupal?.enabled && held.link.entraObjectId === null && held.link.pending === null;
  const { match, predecessor } = mayMatch
    ? await findMatch(drupal, configuration, ports)
    : { match: { kind: "none" } as const, predecessor: null };
  const entra = match.kind === "one" ? match.user : linked;

  const plan = decide({
    drupal,
    entra: linked,
    link: { ...held.link, disabledByUs: predecessor?.disabledByUs ?? held.link.disabledByUs },
    match,
    configuration,
    service,
    now: ports.now(),
  });
  refuseWhileUnconfirmed(held, plan, ports.now());

  const job: ExportJob = { request, plan, held, drupal, entra, predecessor, configuration, ports };
  const refused = await exportPlan(job);
  const status = statusOf(plan, refused);
  if (plan.steps.length === 0) {
    const id = ports.newId();
    const recorded = { operationId: id, at: startedAt, status, changes: [], reason: plan.reason };
    await ports.audit.append(auditEntry("none", job, recorded));
  }
  held.note({ ...plan.facts, base: { ...held.link.base, ...plan.agreed } });
  await held.release();
  await ports.escrow.clear(request.drupalUuid);
  await lookAgain(request, plan, drupal?.changedAt ?? null, ports);
  const operations = plan.steps.map((step) => step.operation);
  return { kind: "done", status, operations, reason: plan.reason };
}

// Requests that must be looked at once more: a delete that waits for its grace, a sender that speaks before it commits.
async function lookAgain(
  request: ProvisionRequest,
  plan: Plan,
  changedAt: string | null,
  ports: ProvisionPorts,
): Promise<void> {
  const again = { ...request, attempt: 0 };
  if (plan.reason.code === "deleteWaits" && plan.facts.deleteDueAt) {
    await ports.queue.send(again, Date.parse(plan.facts.deleteDueAt) - ports.now().getTime());
    return;
  }
  const { changedAtLeast, settled } = request;
  if (changedAtLeast === undefined || settled || changedAt === null) return;
  if (Math.floor(Date.parse(changedAt) / 1000) === changedAtLeast) {
    await ports.queue.send({ ...again, settled: true }, SETTLE_MS);
  }
}

/**
 * Provisions one nominated user. Idempotent, and safe to run twice at once: the link's lease lets one in. Failures
 * that have a name end as an outcome (deferred, escrowed); anything else is thrown, for the host to try again.
 */
export async function provisionUser(
  request: ProvisionRequest,
  ports: ProvisionPorts,
): Promise<Outcome> {
  for (const system of ["drupal", "entra"] as const) {
    const closedUntil = await ports.quarantine.closedUntil(system);
    if (closedUntil === null) continue;
    const delayMs =
      Math.max(1000, closedUntil.getTime() - ports.now().getTime()) + ports.random() * 5000;
    await ports.queue.send(request, delayMs);
    const reason = {
      code: "quarantine",
      message: `${system} does not let us in; asked again later`,
    };
    return { kind: "deferred", reason, delayMs };
  }
  let held: HeldLink | null = null;
  try {
    held = await holdLink(request.drupalUuid, ports);
    return await run(held, request, ports);
  } catch (error) {
    return await reactToFailure(error, request, held, ports);
  }
}
