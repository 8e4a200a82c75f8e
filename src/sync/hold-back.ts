// What a cycle does not want to be carried out: what takes something away, or is another plan than the approved one. What
// follows a cycle's look on the queue is held as well: else a look that had to wait would do what the cycle may not.
import { explain } from "../rules/explanation.ts";
import { ended, type Outcome } from "../rules/outcome.ts";
import { because, isHarmful, type Plan, planPrint } from "../rules/plan.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { Situation } from "../rules/situation.ts";
import type { ProvisionPorts } from "./ports.ts";
import { escrowKey } from "./put-in-escrow.ts";

type Held = Extract<Outcome, { kind: "held" }>;

/** Why the plan is not carried out, or null. */
export function holdBack(
  request: ProvisionRequest,
  plan: Plan,
  situation: Situation,
): Outcome | null {
  const { expects, holdsHarm } = request;
  if (expects !== undefined) {
    const print = planPrint(plan.steps);
    const { approved } = situation.link;
    const isRest = approved?.plan === expects && approved.left.includes(print);
    // Nothing left to do: a run that was killed had done it, and there is nothing to hold back.
    if (print === expects || isRest || plan.steps.length === 0) return null;
    const message = "the user has moved since the plan was shown: nothing was written";
    return ended("skipped", { code: "movedSincePlan", message });
  }
  if (holdsHarm !== true || !isHarmful(plan)) return null;
  return { kind: "held", reason: plan.reason, explanation: explain(situation, plan, null) };
}

const HELD = because(
  "heldForCycle",
  "a cycle's look at the user had to be repeated, and would take something away now: the next cycle counts it with its own",
);
const DAY_MS = 86_400_000;

/**
 * Sees to it that a held user is not forgotten. In a cycle the cycle does; a row that brought the user there comes back in a
 * day, should the plan not be approved. On the queue the user waits in escrow for the next cycle, due at once.
 */
export async function setAside(
  held: Held,
  request: ProvisionRequest,
  ports: ProvisionPorts,
): Promise<Outcome> {
  const key = escrowKey(request);
  const known = await ports.escrow.find(key);
  const now = ports.now();
  const at = now.toISOString();
  if (request.cycleId !== undefined) {
    if (known?.reason.code !== HELD.code) return held;
    const nextAt = new Date(now.getTime() + DAY_MS).toISOString();
    await ports.escrow.put({ ...known, at, nextAt });
    return held;
  }
  await ports.escrow.put({
    drupalUuid: key,
    entraObjectId: request.drupalUuid === undefined ? (request.entraObjectId ?? null) : null,
    system: held.explanation.export.steps[0]?.system ?? "entra",
    reason: HELD,
    attempts: (known?.attempts ?? 0) + 1,
    since: known?.since ?? at,
    at,
    nextAt: at,
  });
  return ended("warning", HELD);
}
