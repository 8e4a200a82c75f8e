// The looks that follow a look: a delete that waits for its grace, a sender that speaks before it commits, a value that a read
// still hides.
import type { Plan } from "../rules/plan.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { Look } from "./look-at-user.ts";
import type { ProvisionPorts } from "./ports.ts";

// A sender that speaks before its commit may have spoken twice within `changed`'s one second; someone who saved when we
// did is done by then.
const SETTLE_MS = 2000;

// A look of our own. What the source said has been seen: a user who is deleted by then is not one who is still to come. And
// what an operator ordered, or escrow returned, is done.
function lookOf(request: ProvisionRequest): ProvisionRequest {
  const { event: _event, changedAtLeast: _at, ...rest } = request;
  const { settled: _settled, escrowedAt: _escrowedAt, joins: _joins, ...looked } = rest;
  // A look that follows is not the cycle's any more, and holds what the cycle would have held.
  const { cycleId, expects: _expects, undoes: _undoes, ...again } = looked;
  return {
    ...again,
    isFollowUp: true,
    attempt: 0,
    ...(cycleId === undefined ? {} : { holdsHarm: true }),
  };
}

const waitingDelete = ({ reason, facts: { deleteDue } }: Plan): string | null =>
  reason.code === "deleteWaits" && deleteDue ? deleteDue.at : null;

/** One wake-up for each due date: sent by the look that sets it, before the date is kept, and passed on by itself (7 days at
 * a time). A second one costs a look, one that is missing the delete. */
export async function wakeForDelete(
  request: ProvisionRequest,
  plan: Plan,
  { situation }: Look,
  ports: ProvisionPorts,
): Promise<void> {
  const dueAt = waitingDelete(plan);
  if (dueAt === null) return;
  if (situation.link.deleteDue?.at === dueAt && request.dueAt !== dueAt) return;
  await ports.queue.send({ ...lookOf(request), dueAt }, Date.parse(dueAt) - ports.now().getTime());
}

/** What must be looked at once more: a sender that speaks before it commits, a value that a read still hides, an account that
 * is new, or that someone else wrote at the same moment. After an undo nothing: what the configuration makes of it comes with
 * the next event or cycle, when someone has seen it. */
export async function lookAgain(
  request: ProvisionRequest,
  plan: Plan,
  look: Look & { readonly needsLook: boolean },
  ports: ProvisionPorts,
): Promise<void> {
  const { changedAtLeast, settled, undoes } = request;
  if (undoes !== undefined) return;
  const again = lookOf(request);
  const inMs = (time: string) => Date.parse(time) - ports.now().getTime();
  if (waitingDelete(plan) !== null) return;
  if (look.needsLook) await ports.queue.send({ ...again, settled: true }, SETTLE_MS);
  if (look.believedAt !== null) {
    await ports.queue.send({ ...again, settled: true }, inMs(look.believedAt) + 1000);
  }
  const changedAt = look.situation.drupal?.changedAt ?? null;
  if (changedAtLeast === undefined || settled || changedAt === null) return;
  if (Math.floor(Date.parse(changedAt) / 1000) === changedAtLeast) {
    await ports.queue.send({ ...again, settled: true }, SETTLE_MS);
  }
}
