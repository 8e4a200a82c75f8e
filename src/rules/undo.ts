// Undoing what one cycle wrote of one user: the audit log's rows and both sides as they are now go in, a plan comes out. Pure.
import type { LinkFacts } from "./link.ts";
import { guardOf } from "./merge.ts";
import { hasHappened, type PastCycle } from "./past-writes.ts";
import { because, type Plan, planOf, type Reason, type Step } from "./plan.ts";
import type { Situation } from "./situation.ts";
import { ACCOUNT, type Part, sideBack, together, UNDONE } from "./undo-side.ts";
import type { System } from "./users.ts";
import { writtenAgain } from "./written-again.ts";

const FLOWS_AGAIN = "willFlowAgain";

// As for any plan: access is taken away before anything else is written, and given back after everything else is right.
const ORDER: readonly Step["operation"][] = [
  "restore",
  "disable",
  "remove",
  "update",
  "assign",
  "enable",
];
const inOrder = (steps: readonly Step[]): Step[] =>
  steps.toSorted((a, b) => ORDER.indexOf(a.operation) - ORDER.indexOf(b.operation));

// Whoever is let in again, and is not wanted all the same, gets the whole grace once more.
function factsOf(steps: readonly Step[], { link }: Situation): LinkFacts {
  const isLetIn = (system: System) =>
    steps.some((step) => step.system === system && step.operation === "enable");
  return {
    ...(link.deleteDue !== null && isLetIn(link.deleteDue.system) ? { deleteDue: null } : {}),
    ...(isLetIn("drupal") ? { isCancelled: false } : {}),
  };
}

function reasonOf(cycleId: string, { steps, failures }: Part, again: readonly string[]): Reason {
  const what = `the cycle ${cycleId}`;
  const parts = failures.map(({ attribute, code }) => `${attribute} (${code})`);
  const left = parts.length > 0 ? [`not undone: ${parts.join(", ")}`] : [];
  if (steps.length === 0) {
    if (left.length === 0)
      return because("nothingToUndo", `nothing that ${what} wrote of this user is left to undo`);
    return because("cannotBeUndone", [`nothing of ${what} can be undone`, ...left].join("; "));
  }
  if (again.length === 0) return because(UNDONE, [`undoes ${what}`, ...left].join("; "));
  const warning = `the configuration will write again: ${again.join(", ")}`;
  return because(FLOWS_AGAIN, [`undoes ${what}`, warning, ...left].join("; "));
}

/**
 * Plans to set back what a cycle wrote of one user, as far as both sides still hold it; `failures` say what is left and why.
 *
 * An undo is like an edit by the target's own people: the base stays, and the next look decides by the configuration. So an
 * old value of a row that flows both ways goes on to the other side, which is what makes an undo last. One of a row that
 * flows only from the other side is written again, and so is a block that the other side still asks for: such a plan has the
 * reason `willFlowAgain`, found by deciding on the user as the undo would leave them. It is carried out all the same: a row, a
 * direction or a scope that is changed first makes it last.
 *
 * Never deletes, never takes a link apart, and needs no direction to be on: whoever stops a direction that went wrong, and
 * then undoes, is right.
 */
export function planUndo({ cycleId, writes }: PastCycle, situation: Situation): Plan {
  const { drupal, entra, link } = situation;
  const guard = guardOf(situation);
  if (guard !== null) return planOf(guard);
  if (link.isProtected && (drupal === null || entra === null))
    return planOf(because("protectedAccount", "the account was protected when it was last seen"));
  const past = writes.filter(hasHappened);
  const { steps: unordered, failures } = together([
    sideBack("drupal", past, situation),
    sideBack("entra", past, situation),
  ]);
  const steps = inOrder(unordered);
  const facts = factsOf(steps, situation);
  const again = writtenAgain(steps, facts, situation);
  const warned = steps.map((step) => ({
    ...step,
    changes: step.changes.map((change) =>
      again.has(change) ? { ...change, why: FLOWS_AGAIN } : change,
    ),
  }));
  const names = steps.flatMap((step) =>
    step.changes.length === 0 && again.has(step)
      ? [ACCOUNT]
      : step.changes.flatMap((change) => (again.has(change) ? [change.attribute] : [])),
  );
  return planOf(reasonOf(cycleId, { steps, failures }, names), { steps: warned, failures, facts });
}
