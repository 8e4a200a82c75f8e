// The export step: writes a plan to both sides, each write announced in the link before and in the audit log after.
import { auditable } from "../rules/audit-entry.ts";
import { isWrittenAlone } from "../rules/entra-limits.ts";
import { ConcurrencyError, RejectedError, TransientError } from "../rules/errors.ts";
import type { ExplainedExport } from "../rules/explanation.ts";
import { drupalFieldOf, drupalPrint, entraPrint } from "../rules/field-types.ts";
import { rememberWrites } from "../rules/known-values.ts";
import type { Block, PendingExport } from "../rules/link.ts";
import { linkAfter } from "../rules/link-after.ts";
import { targetKey } from "../rules/merge-rows.ts";
import { type Flip, rememberFlip } from "../rules/ping-pong.ts";
import {
  type AttributeFailure,
  type Change,
  type Learned,
  planPrint,
  type Step,
} from "../rules/plan.ts";
import type { Announce, ExportJob, Written } from "./export-job.ts";
import type { HeldLink } from "./hold-link.ts";
import { auditEntry, resultOf } from "./record-export.ts";
import { roleOf, UNKEPT, writeDrupal } from "./write-drupal.ts";
import { writeEntra } from "./write-entra.ts";

type Intent = Omit<PendingExport, "name" | "takesOverFrom" | "former">;

function printsOf(
  step: Step,
  end: "before" | "after",
  { configuration: { fields } }: ExportJob,
): Record<string, string> {
  const print = ({ attribute, [end]: value }: Change): string =>
    step.system === "entra"
      ? entraPrint(attribute, value)
      : drupalPrint(attribute, drupalFieldOf(attribute, fields), value);
  return Object.fromEntries(step.changes.map((change) => [change.attribute, print(change)]));
}

const learnedOf = (step: Step, changes: readonly Change[], { plan }: ExportJob): Learned[] =>
  changes.flatMap(({ attribute }) => plan.learned[targetKey(step.system, attribute)] ?? []);

const basesOf = (learned: readonly Learned[]) =>
  Object.fromEntries(learned.map(({ key, base }) => [key, base]));

// Joins the ids. The link is saved first, with the intent: what it takes over from a predecessor is then known to the
// next run too, and only the reservation may have to be repeated.
async function join(job: ExportJob, intent: Intent): Promise<void> {
  const { held, entra, predecessor, ports } = job;
  if (entra === null) throw new Error("a link step without an Entra user");
  const takesOverFrom = predecessor?.drupalUuid ?? null;
  const { takenApart } = held.link;
  const known = takenApart?.entraObjectId === entra.objectId ? takenApart : null;
  const isOurs = predecessor?.madeByUs.entra ?? known?.madeByUs ?? false;
  // An account that is disabled, or was when its person left, is not enabled by someone's coming: the old sign-in works.
  const block: Block = known?.block ?? (entra.enabled ? "none" : "parked");
  await held.save({
    entraObjectId: entra.objectId,
    linkedAt: ports.now().toISOString(),
    madeByUs: { ...held.link.madeByUs, entra: isOurs },
    blocks: { ...held.link.blocks, entra: block },
    takenApart: null,
    pending: { ...intent, name: null, takesOverFrom, former: [] },
  });
  await ports.links.claim(entra.objectId, held.link.drupalUuid, takesOverFrom ?? undefined);
}

// A refusal is an answer: nothing of the step arrived, and there is nothing to find out later. Unless an earlier run
// announced a create whose answer was lost, or an earlier request of the step was accepted: those may have arrived.
const dropRefusedIntent =
  (held: HeldLink, hadPending: boolean, isOneRequest: boolean) =>
  (error: unknown): never => {
    const isTurnedAway = error instanceof TransientError && error.isTurnedAway && isOneRequest;
    if ((error instanceof RejectedError || isTurnedAway) && !hadPending)
      held.note({ pending: null });
    throw error;
  };

function noteFlips(step: Step, learned: readonly Learned[], { held, ports }: ExportJob) {
  const flips: Record<string, readonly Flip[]> = {};
  for (const { key, base, over } of learned) {
    const write = { system: step.system, before: over, after: base[step.system] };
    if (step.operation !== "update" || write.before === write.after) continue;
    flips[key] = rememberFlip(held.link.flips[key] ?? [], write, ports.now());
  }
  return { ...held.link.flips, ...flips };
}

// A role that the site refuses is that role's failure: what follows it, such as letting the user in again, goes on.
const refusedRole =
  (step: Step) =>
  (error: unknown): Written => {
    if (step.resource !== "role" || !(error instanceof RejectedError)) throw error;
    const { code, message } = error;
    return { failures: [{ attribute: "roles", code, message }] };
  };

// Entra takes some attributes in requests of their own; only of a single request it is known that nothing of it arrived.
const isOneRequest = ({ operation, system, changes }: Step): boolean =>
  operation !== "create" &&
  (system === "drupal" ||
    !changes.some(({ attribute }) => isWrittenAlone(attribute)) ||
    changes.length === 1);

interface Exported {
  readonly shown: ExplainedExport;
  readonly failures: readonly AttributeFailure[];
  readonly isAltered: boolean;
}

async function exportStep(step: Step, job: ExportJob): Promise<Exported> {
  const { held, ports, request } = job;
  const operationId = ports.newId();
  const at = ports.now();
  const hadPending = held.link.pending !== null;
  const learned = learnedOf(step, step.changes, job);
  const { operation, system } = step;
  const intent: Intent = {
    operationId,
    at: at.toISOString(),
    system,
    operation,
    changes: auditable(step.changes, ports.auditValues),
    after: printsOf(step, "after", job),
    over: printsOf(step, "before", job),
    base: basesOf(learned),
    origin: {
      cause: request.cause,
      cycleId: request.cycleId ?? null,
      actor: request.actor ?? null,
    },
  };
  const earlier = held.link.pending;
  const former = earlier?.operation === "create" ? [...earlier.former, earlier.base] : [];
  const announce: Announce = (name, more = {}) =>
    held.save({ ...more, pending: { ...intent, name, takesOverFrom: null, former } });

  let written: Written = { failures: [] };
  if (operation === "link") await join(job, intent);
  else {
    const write = system === "entra" ? writeEntra : writeDrupal;
    written = await write(step, job, announce)
      .catch(refusedRole(step))
      .catch(dropRefusedIntent(held, hadPending, isOneRequest(step)));
  }

  const refused = new Set(written.failures.map(({ attribute }) => attribute));
  const accepted = step.changes.filter(({ attribute }) => !refused.has(attribute));
  const changes = [...(written.added ?? []), ...accepted];
  const { status, reason } = resultOf(step, changes, written, job);
  await ports.audit.append(auditEntry(step, job, { operationId, at, status, changes, reason }));
  const kept = learnedOf(step, accepted, job);
  const isBlocked = written.note?.code === "blockedInsteadOfDeleted";
  const done = {
    operation: isBlocked ? "disable" : operation,
    system,
    name: roleOf(step),
  } as const;
  // A role or a state that was not kept has not happened.
  const isRefused = accepted.length === 0 && written.failures.length > 0;
  const after = isRefused ? held.link : linkAfter(held.link, done, ports.now());
  const isWrite = system === "entra" && operation !== "link" && written.adopted === undefined;
  held.note({
    ...after,
    pending: null,
    ...(isBlocked ? { deleteDue: null, isCancelled: true } : {}),
    base: { ...held.link.base, ...(written.adopted ?? basesOf(kept)) },
    flips: noteFlips(step, kept, job),
    known: rememberWrites(held.link.known, isWrite ? accepted : [], ports.now()),
  });
  const shown: ExplainedExport = {
    operation,
    system,
    resource: step.resource,
    changes,
    status,
    reason,
  };
  // An account that is new, or back as it was, may in its turn be the source of rows that flow the other way.
  // And a look tells by which directions it is served.
  const isSource = operation === "restore" || operation === "create";
  const isAltered =
    written.note?.code === "readBackDiffers" ||
    written.adopted !== undefined ||
    written.failures.some(({ code }) => code === "notYetWritten") ||
    isSource;
  return { shown, failures: written.failures, isAltered };
}

/** What the export of a plan came to. */
export interface ExportedPlan {
  readonly steps: readonly ExplainedExport[];
  readonly failures: readonly AttributeFailure[];
  /** What was written calls for another look: someone else wrote too, or the account came back as it was. */
  readonly needsLook: boolean;
}

// What Drupal accepts and does not keep is tried again in its time, like what it refuses.
const isUnkept = ({ code }: AttributeFailure): boolean => code === UNKEPT;
const refusalOf = ({ attribute, code, message }: AttributeFailure): RejectedError =>
  new RejectedError(message, { system: "drupal", code, attribute });

/**
 * Writes the plan step by step. Each write leaves exactly one audit row; a crash in between leaves the intent in the
 * link, and the next run resolves it.
 */
export async function exportPlan(job: ExportJob): Promise<ExportedPlan> {
  const exported: Exported[] = [];
  // Values that are refused keep nobody out: what lets the user in, and the roles, go on. Then the user waits in escrow.
  let refusal: RejectedError | null = null;
  const { held, request, plan } = job;
  const left = plan.steps.map((_step, index) => planPrint(plan.steps.slice(index)));
  for (const [index, step] of plan.steps.entries()) {
    try {
      // Goes with the step's intent: whoever goes on after a crash, or when the target has time again, is known by it.
      if (request.expects !== undefined)
        held.note({ approved: { plan: request.expects, left: left.slice(index, index + 2) } });
      exported.push(await exportStep(step, job));
    } catch (error) {
      // What was refused must not be forgotten over a lease that ran out meanwhile.
      if (error instanceof ConcurrencyError && refusal !== null) throw refusal;
      if (!(error instanceof RejectedError) || step.operation !== "update") throw error;
      refusal ??= error;
    }
  }
  held.note({ approved: null });
  const unkept = exported.flatMap(({ failures }) => failures.filter(isUnkept))[0];
  if (unkept !== undefined) refusal ??= refusalOf(unkept);
  if (refusal !== null) throw refusal;
  return {
    steps: exported.map(({ shown }) => shown),
    failures: exported.flatMap(({ failures }) => failures),
    needsLook: exported.some(({ isAltered }) => isAltered),
  };
}
