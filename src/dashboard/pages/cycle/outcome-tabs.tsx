// The users of a cycle by outcome: who is shown is in the address.
import type { CycleAnswer } from "../../ask/contract.ts";
import { wordOf } from "../../parts/badge.tsx";
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

/** The tabs: links, so that each can be sent to someone. */
export function OutcomeTabs({
  cycle,
  outcome,
}: {
  readonly cycle: CycleAnswer;
  readonly outcome: string;
}) {
  const all = ORDER.reduce((sum, one) => sum + (cycle.outcomes[one] ?? 0), 0);
  const tabs = ORDER.flatMap((one) => {
    const users = cycle.outcomes[one] ?? 0;
    return users > 0 || one === outcome
      ? [{ outcome: one as string, name: wordOf(one), users }]
      : [];
  });
  return (
    <nav class="tabs" aria-label="Users by outcome">
      {[{ outcome: "", name: "all", users: all }, ...tabs].map((tab) => (
        <a
          key={tab.outcome}
          href={hrefOf(`/cycles/${cycle.id}${tab.outcome === "" ? "" : `?outcome=${tab.outcome}`}`)}
          aria-current={tab.outcome === outcome ? "true" : undefined}
        >
          {tab.name} <span class="number soft">{number(tab.users)}</span>
        </a>
      ))}
    </nav>
  );
}
