// The facts of a cycle: by whom, when, how much was read and written.
import type { CycleAnswer } from "../../ask/contract.ts";
import { OutcomeCounts } from "../../parts/outcome-counts.tsx";
import { lengthOf, Time } from "../../parts/time.tsx";
import { counted, number, sentenceOf } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";
import { Starter } from "../cycles/cycles-table.tsx";

const writesOf = ({ operations }: CycleAnswer): string =>
  Object.entries(operations)
    .filter(([, count]) => count > 0)
    .map(([operation, count]) => `${number(count)} ${operation}`)
    .join(", ");

/** The facts. */
export function CycleFacts({ cycle }: { readonly cycle: CycleAnswer }) {
  const { reading, startedAt, endedAt, approval, undoes } = cycle;
  const writes = writesOf(cycle);
  return (
    <dl class="pairs">
      <dt>Started</dt>
      <dd>
        <Time at={cycle.createdAt} /> by <Starter cycle={cycle} />
      </dd>
      {startedAt !== null && endedAt !== null ? (
        <>
          <dt>Ended</dt>
          <dd>
            <Time at={endedAt} />, after {lengthOf(Date.parse(endedAt) - Date.parse(startedAt))}
          </dd>
        </>
      ) : null}
      {/* What a complete cycle gives as its reason are the numbers below. */}
      {cycle.reason === null || cycle.reason.code === "complete" ? null : (
        <>
          <dt>Why</dt>
          <dd>
            {sentenceOf(cycle.reason.message)} <code class="code">{cycle.reason.code}</code>
          </dd>
        </>
      )}
      <dt>Read</dt>
      <dd class="number">
        {counted(reading.users, "user")}
        {reading.unchanged > 0 ? `, of them ${number(reading.unchanged)} as agreed` : ""}
        {reading.isDone ? "" : ", and more to come"}
      </dd>
      <dt>Users</dt>
      <dd>
        <OutcomeCounts cycle={cycle} />
      </dd>
      {writes === "" ? null : (
        <>
          <dt>Writes</dt>
          <dd>{writes}</dd>
        </>
      )}
      {approval === null ? null : (
        <>
          <dt>Approved</dt>
          <dd>
            <Time at={approval.at} />{" "}
            {approval.actor === null ? "by itself: within the thresholds" : `by ${approval.actor}`}
          </dd>
        </>
      )}
      {undoes === null ? null : (
        <>
          <dt>Undoes</dt>
          <dd>
            <a href={hrefOf(`/cycles/${undoes}`)}>this cycle</a>
          </dd>
        </>
      )}
      <dt>Audit</dt>
      <dd>
        <a href={hrefOf(`/audit?cycle=${cycle.id}`)}>What it wrote, in the audit log</a>
      </dd>
      <dt>Id</dt>
      <dd class="mono">{cycle.id}</dd>
    </dl>
  );
}
