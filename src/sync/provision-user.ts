// The whole story of one user, and the only way in which a user is ever written: look at both sides now, decide with one
// pure function, announce, write, record.
import type { AuditStatus } from "../rules/audit-entry.ts";
import { onlyDirection, type SyncConfiguration } from "../rules/configuration.ts";
import { explain } from "../rules/explanation.ts";
import { NOT_AT_REST, type PendingExport } from "../rules/link.ts";
import { ended, isConflict, type Outcome } from "../rules/outcome.ts";
import type { AttributeFailure, Plan, Reason } from "../rules/plan.ts";
import { isAwaited, type ProvisionRequest } from "../rules/provision-request.ts";
import { directionTo } from "../rules/users.ts";
import type { ExportJob } from "./export-job.ts";
import { type ExportedPlan, exportPlan } from "./export-plan.ts";
import { findSubject, type Subject } from "./find-match.ts";
import { holdBack, setAside } from "./hold-back.ts";
import { type HeldLink, holdLink } from "./hold-link.ts";
import { lookAgain, wakeForDelete } from "./look-again.ts";
import { type Look, lookAtUser, planFor } from "./look-at-user.ts";
import type { ProvisionPorts } from "./ports.ts";
import { escrowKey, isVoidReturn } from "./put-in-escrow.ts";
import { reactToFailure } from "./react-to-failure.ts";
import { auditEntry, reasonOfNothing } from "./record-export.ts";
import { restAfter } from "./rest-after.ts";
import {
  refuseHiddenValues,
  refuseToHideABlock,
  refuseToOverwriteNews,
  refuseWhileUnconfirmed,
  waitForLostAnswer,
} from "./wait-for-evidence.ts";

function statusOf(plan: Plan, refused: readonly AttributeFailure[], open: number): AuditStatus {
  if (plan.failures.length + refused.length + open > 0) return "warning";
  if (plan.steps.length > 0) return "success";
  return isConflict(plan.reason) ? "warning" : "skipped";
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
  const { origin, changes } = pending;
  // Told of whoever announced it: an undo of a cycle takes back its own writes, and no others.
  const by =
    origin === null
      ? { cycleId: undefined }
      : {
          cause: origin.cause,
          cycleId: origin.cycleId ?? undefined,
          actor: origin.actor ?? undefined,
        };
  await job.ports.audit.append({ ...entry, ...by, changes });
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

// What is told, what is kept for the next look, and what must be looked at again.
async function conclude(
  job: ExportJob,
  look: Look,
  exported: ExportedPlan,
  at: Date,
): Promise<Outcome> {
  const { request, plan, held, entra, ports } = job;
  const { situation } = look;
  const open = Object.keys(plan.facts.conflicts ?? {}).length;
  const status = statusOf(plan, exported.failures, open);
  const { reason } = plan;
  if (plan.steps.length === 0) {
    const system = request.entraObjectId === undefined ? "entra" : "drupal";
    const nothing = { operation: "none", system, resource: "user" } as const;
    const told = reasonOfNothing(job);
    const recorded = { operationId: ports.newId(), at, status, changes: [], reason: told };
    await ports.audit.append(auditEntry(nothing, job, recorded));
  }
  const isUndo = request.undoes !== undefined;
  const isClean = (status === "success" || status === "skipped") && !isUndo;
  const atRest =
    isClean && look.believedAt === null ? restAfter(held.link, situation, plan, exported) : null;
  const rested = atRest === null ? null : { at: at.toISOString(), code: reason.code };
  held.note({ ...atRest?.facts, rest: atRest?.rest ?? NOT_AT_REST, rested });
  await held.release();
  // Whoever a cycle leaves at rest is seen by the next one, should anything come of it.
  const needsLook = exported.needsLook && (request.cycleId === undefined || atRest === null);
  await lookAgain(request, plan, { ...look, needsLook }, ports);
  // Last: a return from escrow that is killed before this is delivered again, and is not void.
  // What an undo did says nothing of a value that was refused.
  const keys = new Set(isUndo ? [] : [held.link.drupalUuid, escrowKey(request)]);
  await Promise.all([...keys].map((key) => ports.escrow.clear(key)));
  const operations = plan.steps.map((step) => step.operation);
  const done = plan.steps.length === 0 ? null : exported.steps;
  const explanation = {
    ...explain(situation, plan, done),
    entraObjectId: held.link.entraObjectId ?? entra?.objectId ?? null,
  };
  return { kind: "done", status, operations, reason, explanation };
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
  waitForLostAnswer(held, look, at);
  // From before the first of the reads.
  held.lookedAt(at);
  held.note({ rest: NOT_AT_REST, rested: null });
  const { situation, plan } = await planFor(look, ports);
  const { drupal, match, predecessor } = situation;
  const entra = match.kind === "one" ? match.user : (situation.entra ?? situation.nominee);
  const job: ExportJob = { request, plan, held, drupal, entra, predecessor, configuration, ports };
  refuseHiddenValues(look, plan, ports.now());
  refuseToHideABlock(look, plan);
  refuseToOverwriteNews(look, plan, ports.now());
  await keepLook(look, job);
  refuseWhileUnconfirmed(held, plan, ports.now());
  const heldBack = holdBack(request, plan, situation);
  if (heldBack !== null) {
    await held.release();
    return heldBack.kind === "held" ? setAside(heldBack, request, ports) : heldBack;
  }
  await wakeForDelete(request, plan, look, ports);
  // Out of scope is final once it was acted upon.
  const { inScope = held.link.inScope, ...facts } = plan.facts;
  held.note(facts);

  const exported = await exportPlan(job);
  held.note({ base: { ...held.link.base, ...plan.agreed }, inScope });
  return conclude(job, { ...look, situation }, exported, at);
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
    if (request.cycleId === undefined) await ports.queue.send(request, delayMs);
    const message = `${system} does not let us in; asked again later`;
    return { kind: "deferred", reason: { code: "quarantine", message }, delayMs };
  }
  return null;
}

// Somebody waits for the answer: a worker who holds the user is done in a moment.
const PATIENCE_MS = 5000;

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
    cycleId: request.cycleId,
    drupalUuid: request.drupalUuid,
    entraId: request.joins ?? request.entraObjectId,
    changes: [],
    reason,
    actor: request.actor,
    durationMs: 0,
  });
  // Whoever is in conflict is not refused any more. An operator's order that names a pair tells nothing of that.
  if (request.joins === undefined) await ports.escrow.clear(escrowKey(request));
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
  if (await isVoidReturn(request, ports.escrow)) {
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
