// The cycles, one line each.
import type { CycleAnswer } from "../../ask/contract.ts";
import { Badge } from "../../parts/badge.tsx";
import { CycleProgress } from "../../parts/cycle-progress.tsx";
import { isUnderWay } from "../../parts/cycle-state.ts";
import { OutcomeCounts } from "../../parts/outcome-counts.tsx";
import { lengthOf, Time } from "../../parts/time.tsx";
import { WaitsFor } from "../../parts/waits-for.tsx";
import { directionName, kindName, number } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";

/** Whose doing the cycle is. */
export function Starter({ cycle }: { readonly cycle: Pick<CycleAnswer, "actor"> }) {
  return cycle.actor === null ? <>the schedule</> : <span class="value">{cycle.actor}</span>;
}

/** The kind, and whether it only looks. */
export const titleOf = ({ kind, dryRun, approval }: CycleAnswer): string =>
  `${kindName(kind)}${dryRun && approval === null ? ", look only" : ""}`;

function Length({ cycle }: { readonly cycle: CycleAnswer }) {
  const { startedAt, endedAt } = cycle;
  if (startedAt === null || endedAt === null) return <span class="soft">–</span>;
  return <>{lengthOf(Date.parse(endedAt) - Date.parse(startedAt))}</>;
}

function WhatHappened({ cycle }: { readonly cycle: CycleAnswer }) {
  const waits = cycle.waitsFor !== null && cycle.waitsFor.kind !== "time";
  if (waits)
    return (
      <a href={hrefOf(`/cycles/${cycle.id}`)}>
        <WaitsFor cycle={cycle} />
      </a>
    );
  if (isUnderWay(cycle)) return <CycleProgress cycle={cycle} />;
  const { unchanged } = cycle.reading;
  return (
    <>
      <OutcomeCounts cycle={cycle} />
      {unchanged > 0 ? <span class="soft"> · {number(unchanged)} unchanged</span> : null}
    </>
  );
}

/** The table. */
export function CyclesTable({ cycles }: { readonly cycles: readonly CycleAnswer[] }) {
  return (
    <div class="table-place">
      <table class="folds cycles">
        <caption class="unseen">Cycles, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Cycle</th>
            <th scope="col">Started</th>
            <th scope="col">Status</th>
            <th scope="col">Users</th>
            <th scope="col" class="amount">
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {cycles.map((cycle) => (
            <tr key={cycle.id}>
              <th scope="row" data-is="Cycle">
                <span>
                  <a href={hrefOf(`/cycles/${cycle.id}`)}>{titleOf(cycle)}</a>
                  <br />
                  <span class="soft">
                    {cycle.kind === "preview" ? "both sides" : directionName(cycle.direction)}
                  </span>
                </span>
              </th>
              <td data-is="Started">
                <span>
                  <Time at={cycle.createdAt} />
                  <br />
                  <span class="soft">
                    by <Starter cycle={cycle} />
                  </span>
                </span>
              </td>
              <td data-is="Status">
                <span>
                  <Badge word={cycle.status} />
                </span>
              </td>
              <td data-is="Users">
                <span>
                  <WhatHappened cycle={cycle} />
                </span>
              </td>
              <td data-is="Took" class="amount nowrap">
                <Length cycle={cycle} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
