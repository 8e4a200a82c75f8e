// The whole story of one user, and the only way in which a user is ever written: look at both sides now, decide with one
// pure function, announce, write, record.
import type { AuditStatus } from "../rules/audit-entry.ts";
import { onlyDirection, type SyncConfiguration } from "../rules/configuration.ts";
import { explain } from "../rules/explanation.ts";
import type { PendingExport } from "../rules/link.ts";
import type { Outcome } from "../rules/outcome.ts";
import type { AttributeFailure, Plan, Reason } from "../rules/plan.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import { directionTo } from "../rules/users.ts";
import type { ExportJob } from "./export-job.ts";
import { exportPlan } from "./export-plan.ts";
import { findSubject, type Subject } from "./find-match.ts";
import { type HeldLink, holdLink } from "./hold-link.ts";
import { lookAgain, wakeForDelete } from "./look-again.ts";
import { type Look, lookAtUser, planFor } from "./look-at-user.ts";
import type { ProvisionPorts } from "./ports.ts";
import { escrowKey, reactToFailure } from "./react-to-failure.ts";
import { auditEntry, faultsOf } from "./record-export.ts";
import {
  refuseHiddenValues,
  refuseToHideABlock,
  refuseWhileUnconfirmed,
  waitForLostAnswer,
} from "./wait-for-evidence.ts";

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

function statusOf(plan: Plan, refused: readonly AttributeFailure[], open: number): AuditStatus {
  if (plan.failures.length + refused.length + open > 0) return "warning";
  if (plan.steps.length > 0) return "success";
  return CONFLICTS.includes(plan.reason.code) ? "warning" : "skipped";
}

const CONFIRMED: Reason = {
  code: "confirmedAfterInterruption",
  message: "the write was interrupted and found to have arrived",
};

async function recordConfirmed(pending: PendingExport, job: ExportJob): Promise<void> {
  const { system, operation } = pending;
  const isRole = operation === "assign" || operation === "remove";
  const step = { operation, system, resource: isRole ? ("role" as const) : ("user" as const) };
  const entry = auditEntry(step, job, {
    operationId: pending.operationId,
    at: new Date(pending.at),
    status: "success",
    changes: [],
    reason: CONFIRMED,
  });
  // The changes were made auditable when they were announced.
  await job.ports.audit.append({ ...entry, changes: pending.changes });
}

// The look is kept before anything is decided on it: an interrupted reservation is made, an arrived export recorded.
async function keepLook(look: Look, job: ExportJob): Promise<void> {
  const { held, ports } = job;
  const { lease: _own, ...seen } = look.situation.link;
  held.note(look.situation.entra === null ? seen : { ...seen, entraMissingSince: null });
  if (look.claim !== null) {
    const { entraObjectId, replacing } = look.claim;
    await ports.links.claim(entraObjectId, held.link.drupalUuid, replacing);
  }
  if (look.confirmed !== null) await recordConfirmed(look.confirmed, job);
  await ports.quarantine.open("drupal");
  const hasAskedEntra = look.situation.entra !== null || look.situation.nominee !== null;
  if (hasAskedEntra) await ports.quarantine.open("entra");
}

async function run(
  held: HeldLink,
  subject: Extract<Subject, { kind: "user" }>,
  request: ProvisionRequest,
  configuration: SyncConfiguration,
  ports: ProvisionPorts,
): Promise<Outcome> {
  const at = ports.now();
  const { nominee } = subject;
  const look = await lookAtUser({ link: held.link, nominee, request, configuration }, ports);
  if (look.isEntraUnproven)
    held.note({ entraMissingSince: held.link.entraMissingSince ?? at.toISOString() });
  waitForLostAnswer(held, look, ports.now());
  // From before the first of the reads.
  held.lookedAt(at);
  const { situation, plan } = await planFor(look, ports);
  const { drupal, match, predecessor } = situation;
  const entra = match.kind === "one" ? match.user : (situation.entra ?? situation.nominee);
  const job: ExportJob = { request, plan, held, drupal, entra, predecessor, configuration, ports };
  refuseHiddenValues(look, plan, ports.now());
  refuseToHideABlock(look, plan);
  await keepLook(look, job);
  refuseWhileUnconfirmed(held, plan, ports.now());
  await wakeForDelete(request, plan, look, ports);
  // Out of scope is final once it was acted upon.
  const { inScope = held.link.inScope, ...facts } = plan.facts;
  held.note(facts);

  const exported = await exportPlan(job);
  const open = Object.keys(plan.facts.conflicts ?? {}).length;
  const status = statusOf(plan, exported.failures, open);
  const { reason } = plan;
  if (plan.steps.length === 0) {
    const system = request.entraObjectId === undefined ? "entra" : "drupal";
    const nothing = { operation: "none", system, resource: "user" } as const;
    const told = faultsOf(plan.failures) ?? reason;
    const recorded = { operationId: ports.newId(), at, status, changes: [], reason: told };
    await ports.audit.append(auditEntry(nothing, job, recorded));
  }
  held.note({ base: { ...held.link.base, ...plan.agreed }, inScope });
  await held.release();
  await lookAgain(request, plan, { ...look, needsLook: exported.needsLook }, ports);
  // Last: a return from escrow that is killed before this is delivered again, and is not void.
  const keys = new Set([held.link.drupalUuid, escrowKey(request)]);
  await Promise.all([...keys].map((key) => ports.escrow.clear(key)));
  const operations = plan.steps.map((step) => step.operation);
  const done = plan.steps.length === 0 ? null : exported.steps;
  const explanation = {
    ...explain(situation, plan, done),
    entraObjectId: held.link.entraObjectId ?? entra?.objectId ?? null,
  };
  return { kind: "done", status, operations, reason, explanation };
}

// A return from escrow counts only while the row that sent it is the latest: one chain of returns for each user.
async function isVoid(request: ProvisionRequest, ports: ProvisionPorts): Promise<boolean> {
  const { escrowedAt } = request;
  return escrowedAt !== undefined && (await ports.escrow.lastAt(escrowKey(request))) !== escrowedAt;
}

async function deferWhileClosed(
  request: ProvisionRequest,
  ports: ProvisionPorts,
): Promise<Outcome | null> {
  for (const system of ["drupal", "entra"] as const) {
    const closedUntil = await ports.quarantine.closedUntil(system);
    if (closedUntil === null) continue;
    const waitMs = Math.max(1000, closedUntil.getTime() - ports.now().getTime());
    const delayMs = waitMs * (1 + ports.random() / 4); // they do not all come back at once
    await ports.queue.send(request, delayMs);
    const message = `${system} does not let us in; asked again later`;
    return { kind: "deferred", reason: { code: "quarantine", message }, delayMs };
  }
  return null;
}

// Somebody waits for the answer: a worker who holds the user is done in a moment.
const PATIENCE_MS = 5000;
const isAwaited = ({ cause }: ProvisionRequest): boolean =>
  cause === "onDemand" || cause === "approval";

const ended = (status: AuditStatus, reason: Reason): Outcome => ({
  kind: "done",
  status,
  operations: [],
  reason,
  explanation: null,
});

// A conflict that is found before there is a link to hold is told, and nothing is touched.
async function recordUnmatched(
  reason: Reason,
  request: ProvisionRequest,
  ports: ProvisionPorts,
): Promise<Outcome> {
  await ports.audit.append({
    id: ports.newId(),
    at: ports.now().toISOString(),
    operation: "none",
    resourceType: "user",
    status: "warning",
    system: "drupal",
    direction: directionTo("drupal"),
    cause: request.cause,
    drupalUuid: request.drupalUuid,
    entraId: request.joins ?? request.entraObjectId,
    changes: [],
    reason,
    actor: request.actor,
    durationMs: 0,
  });
  return ended("warning", reason);
}

/**
 * Provisions one nominated user, both ways. Idempotent, and safe to run twice at once: the link's lease lets one in.
 * Failures that have a name end as an outcome (deferred, escrowed); anything else is thrown, for the host to try again.
 */
export async function provisionUser(
  request: ProvisionRequest,
  ports: ProvisionPorts,
): Promise<Outcome> {
  const closed = await deferWhileClosed(request, ports);
  if (closed !== null) return closed;
  if (await isVoid(request, ports)) {
    const message = "the user was provisioned or refused again meanwhile";
    return ended("skipped", { code: "escrowMovedOn", message });
  }
  let held: HeldLink | null = null;
  try {
    const current = await ports.configuration.current();
    const configuration = onlyDirection(current, request.direction);
    const subject = await findSubject(request, configuration, ports);
    if (subject.kind === "conflict") return await recordUnmatched(subject.reason, request, ports);
    held = await holdLink(subject.drupalUuid, ports, isAwaited(request) ? PATIENCE_MS : 0);
    return await run(held, subject, request, configuration, ports);
  } catch (error) {
    return await reactToFailure(error, request, held, ports);
  }
}
