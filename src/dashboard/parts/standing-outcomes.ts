// The outcomes of a cycle that stand: whose plan was approved has another turn, and is counted there.
import type { CycleAnswer } from "../ask/contract.ts";

type Outcomes = CycleAnswer["outcomes"];
type Outcome = keyof Outcomes;

/** Whether the outcome was a proposal that an approval took up. */
export const isTakenUp = (outcome: Outcome, { approval }: Pick<CycleAnswer, "approval">): boolean =>
  approval !== null && (outcome === "held" || outcome === "planned");

/** How many users stand where: those of a plan that was approved are left out, as they are counted by what came of it. */
export function standingOutcomes({
  outcomes,
  approval,
}: Pick<CycleAnswer, "outcomes" | "approval">): Outcomes {
  if (approval === null) return outcomes;
  const { held: _held, planned: _planned, ...standing } = outcomes;
  return standing;
}
