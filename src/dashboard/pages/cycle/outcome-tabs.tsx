// The users of a cycle by outcome: who is shown is in the address.
import type { CycleAnswer } from "../../ask/contract.ts";
import { wordOf } from "../../parts/badge.tsx";
import { OUTCOME_MEANS } from "../../parts/outcome-words.ts";
import { isTakenUp, standingOutcomes } from "../../parts/standing-outcomes.ts";
import { number } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";

const ORDER = [
  "held",
  "planned",
  "written",
  "failed",
  "warning",
  "moved",
  "skipped",
  "inSync",
  "deferred",
] as const;

const nameOf = (outcome: (typeof ORDER)[number], cycle: CycleAnswer): string =>
  `${wordOf(outcome)}${isTakenUp(outcome, cycle) ? ", then approved" : ""}`;

/** The outcome of the table that is meant by a text of the address, if any. */
const outcomeOf = (text: string) => ORDER.find((one) => one === text);

/** The tabs: links, so that each can be sent to someone. */
export function OutcomeTabs({
  cycle,
  outcome,
}: {
  readonly cycle: CycleAnswer;
  readonly outcome: string;
}) {
  const standing = standingOutcomes(cycle);
  const all = ORDER.reduce((sum, one) => sum + (standing[one] ?? 0), 0);
  const chosen = outcomeOf(outcome);
  const tabs = ORDER.flatMap((one) => {
    const users = cycle.outcomes[one] ?? 0;
    return users > 0 || one === outcome
      ? [{ outcome: one as string, name: nameOf(one, cycle), users }]
      : [];
  });
  return (
    <>
      <nav class="tabs" aria-label="Users by outcome">
        {[{ outcome: "", name: "all", users: all }, ...tabs].map((tab) => (
          <a
            key={tab.outcome}
            href={hrefOf(
              `/cycles/${cycle.id}${tab.outcome === "" ? "" : `?outcome=${tab.outcome}`}`,
            )}
            aria-current={tab.outcome === outcome ? "true" : undefined}
          >
            {tab.name} <span class="number soft">{number(tab.users)}</span>
          </a>
        ))}
      </nav>
      {chosen === undefined ? null : <p class="tab-means soft">{OUTCOME_MEANS[chosen]}</p>}
    </>
  );
}
