// The whole story of one user, and the only way in which a user is ever written: read both sides now, decide with one
// pure function, announce, write, record.

import type { AuditStatus } from "../rules/audit-entry.ts";
import type { SyncConfiguration } from "../rules/configuration.ts";
import { TransientError } from "../rules/errors.ts";
import { decide } from "../rules/merge.ts";
import type { Outcome } from "../rules/outcome.ts";
import type { AttributeFailure, Plan } from "../rules/plan.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import { hiddenWrites, REPLICATION_WINDOW_MS } from "../rules/recent-writes.ts";
import type { ExportJob } from "./export-job.ts";
import { auditEntry, exportPlan } from "./export-plan.ts";
import { type HeldLink, holdLink } from "./hold-link.ts";
import { findMatch, importDrupalUser, importEntraUser, NO_MATCH } from "./import-users.ts";
import { keepOwnership } from "./keep-ownership.ts";
import type { ProvisionPorts } from "./ports.ts";
import { reactToFailure } from "./react-to-failure.ts";
import { findCreated, resolvePending } from "./resolve-pending.ts";

// A sender that speaks before its commit may have spoken twice within `changed`'s one second.
const SETTLE_MS = 2000;

function statusOf(plan: Plan, refused: readonly AttributeFailure[]): AuditStatus {
  if (plan.failures.length + refused.length > 0) return "warning";
  if (plan.steps.length > 0) return "success";
  const conflicts = [
    "ambiguousMatch",
    "linkedToAnother",
    "markedForAnother",
    "privilegedAccount",
    "entraUserDeleted",
  ];
  return conflicts.includes(plan.reason.code) ? "warning" : "skipped";
}

function refuseWhileUnconfirmed(held: HeldLink, plan: Plan, now: Date): void {
  const { pending } = held.link;
  if (pending?.operation !== "create" || plan.steps.some((step) => step.operation === "create"))
    return;
  if (now.getTime() - Date.parse(pending.at) > REPLICATION_WINDOW_MS) return;
  const options = { system: "entra", code: "createUnconfirmed", retryAfterMs: 5000 } as const;
  throw new TransientError("an earlier create has not been confirmed yet", options);
}

// Both sides as they are now, and the link as it holds: an account that was taken over is not ours any more.
async function importBoth(
  held: HeldLink,
  request: ProvisionRequest,
  configuration: SyncConfiguration,
  ports: ProvisionPorts,
) {
  const { entraObjectId } = held.link;
  const [drupal, entra, holder] = await Promise.all([
    importDrupalUser(request, ports),
    importEntraUser(held.link, configuration, ports),
    entraObjectId === null ? null : ports.links.holderOf(entraObjectId),
  ]);
  const isOurs = await keepOwnership(held, holder, ports);
  await ports.quarantine.open("drupal");
  if (entraObjectId !== null) await ports.quarantine.open("entra");
  return { drupal, linked: isOurs ? entra : null };
}

async function run(
  held: HeldLink,
  request: ProvisionRequest,
  ports: ProvisionPorts,
): Promise<Outcome> {
  const startedAt = ports.now();
  const configuration = await ports.configuration.current();
  const service = await ports.drupal.serviceAccount();
  await findCreated(held, configuration, ports);
  const { drupal, linked } = await importBoth(held, request, configuration, ports);
  const uncertain = await resolvePending(held, linked, request, ports);
  const mayMatch =
    drupal?.enabled && held.link.entraObjectId === null && held.link.pending === null;
  const { match, predecessor } = mayMatch
    ? await findMatch(drupal, configuration, ports)
    : NO_MATCH;
  const entra = match.kind === "one" ? match.user : linked;
  const hidden = linked === null ? {} : hiddenWrites(held.link.recent, linked, ports.now());

  const { link } = held;
  const takesOverOurs = predecessor?.createdByUs ?? false;
  const known = { drupal, entra: linked, link, hidden, uncertain };
  const situation = { ...known, match, takesOverOurs, configuration, service };
  const plan = decide({ ...situation, now: ports.now() });
  refuseWhileUnconfirmed(held, plan, ports.now());
  held.note(plan.facts);

  const job: ExportJob = { request, plan, held, drupal, entra, predecessor, configuration, ports };
  const refused = await exportPlan(job);
  const status = statusOf(plan, refused);
  if (plan.steps.length === 0) {
    const id = ports.newId();
    const recorded = { operationId: id, at: startedAt, status, changes: [], reason: plan.reason };
    await ports.audit.append(auditEntry("none", job, recorded));
  }
  held.note({ base: { ...held.link.base, ...plan.agreed } });
  await held.release();
  await ports.escrow.clear(request.drupalUuid);
  await lookAgain(request, plan, drupal?.changedAt ?? null, ports);
  if (Object.keys(hidden).length > 0 && !request.settled) {
    // Our word was taken for the read's: once replication is over, the read is asked again.
    const again = { ...request, attempt: 0, settled: true };
    await ports.queue.send(again, REPLICATION_WINDOW_MS + 5000);
  }
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

// A return from escrow counts only while the row that sent it is the latest: one chain of returns for each user.
async function isVoid(
  { escrowedAt, drupalUuid }: ProvisionRequest,
  ports: ProvisionPorts,
): Promise<boolean> {
  return escrowedAt !== undefined && (await ports.escrow.lastAt(drupalUuid)) !== escrowedAt;
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
    const waitMs = Math.max(1000, closedUntil.getTime() - ports.now().getTime());
    const delayMs = waitMs * (1 + ports.random() / 4); // they do not all come back at once
    await ports.queue.send(request, delayMs);
    const reason = {
      code: "quarantine",
      message: `${system} does not let us in; asked again later`,
    };
    return { kind: "deferred", reason, delayMs };
  }
  if (await isVoid(request, ports)) {
    const reason = {
      code: "escrowMovedOn",
      message: "the user was provisioned or refused again meanwhile",
    };
    return { kind: "done", status: "skipped", operations: [], reason };
  }
  let held: HeldLink | null = null;
  try {
    held = await holdLink(request.drupalUuid, ports);
    return await run(held, request, ports);
  } catch (error) {
    return await reactToFailure(error, request, held, ports);
  }
}
