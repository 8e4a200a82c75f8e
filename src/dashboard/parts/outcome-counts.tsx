// How many users had each outcome.
import type { CycleAnswer } from "../ask/contract.ts";
import { toneOf, wordOf } from "./badge.tsx";
import { OUTCOME_MEANS } from "./outcome-words.ts";
import { standingOutcomes } from "./standing-outcomes.ts";
import { number } from "./words.ts";

const ORDER = [
  "written",
  "planned",
  "held",
  "failed",
  "warning",
  "moved",
  "deferred",
  "skipped",
  "inSync",
] as const;

/** The counts, most telling first; those of nobody are left out. */
export function OutcomeCounts({
  cycle,
}: {
  readonly cycle: Pick<CycleAnswer, "outcomes" | "approval">;
}) {
  const outcomes = standingOutcomes(cycle);
  const shown = ORDER.flatMap((outcome) => {
    const users = outcomes[outcome] ?? 0;
    return users > 0 ? [{ outcome, users }] : [];
  });
  if (shown.length === 0) return <span class="soft">nobody</span>;
  return (
    <span class="counts">
      {shown.map(({ outcome, users }) => (
        <span key={outcome} class={`count ${toneOf(outcome)}`} title={OUTCOME_MEANS[outcome]}>
          <b class="number">{number(users)}</b> {wordOf(outcome)}
        </span>
      ))}
    </span>
  );
}
