// One direction: its last and its next cycle, and the buttons to start one now.
import type { JobAnswer } from "../../ask/contract.ts";
import { Badge } from "../../parts/badge.tsx";
import { CycleProgress } from "../../parts/cycle-progress.tsx";
import { isMoving, isUnderWay } from "../../parts/cycle-state.ts";
import { OrderButton } from "../../parts/order-button.tsx";
import { OutcomeCounts } from "../../parts/outcome-counts.tsx";
import { Card } from "../../parts/page.tsx";
import { startCycle } from "../../parts/start-cycle.ts";
import { Ago, Time } from "../../parts/time.tsx";
import { directionName, kindName, number } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";

function Next({ job }: { readonly job: JobAnswer }) {
  const { nextAt, schedule } = job;
  if (nextAt !== undefined && nextAt !== null)
    return (
      <span title={schedule ?? undefined}>
        <Ago at={nextAt} />
      </span>
    );
  return schedule ? <code>{schedule}</code> : <span class="soft">not scheduled</span>;
}

/** The card of a job. */
export function JobCard({
  job,
  refresh,
}: {
  readonly job: JobAnswer;
  readonly refresh: () => Promise<void>;
}) {
  const isPhotos = job.job === "photos";
  const { last } = job;
  const order = async () => {
    const told = await startCycle(
      isPhotos ? { direction: "entraToDrupal", kind: "photos" } : { direction: job.direction },
    );
    await refresh();
    return told;
  };
  const title = isPhotos ? "Pictures, Entra → Drupal" : directionName(job.direction);
  return (
    <Card
      title={title}
      aside={job.quarantine === null ? null : <Badge word="quarantine" tone="bad" />}
    >
      <dl class="pairs">
        <dt>Last cycle</dt>
        <dd>
          {last === null ? (
            <span class="soft">none yet</span>
          ) : (
            <>
              <a href={hrefOf(`/cycles/${last.id}`)}>{kindName(last.kind)}</a>{" "}
              <Badge word={last.status} />{" "}
              <span class="soft">
                <Ago at={last.endedAt ?? last.createdAt} />
              </span>
            </>
          )}
        </dd>
        {last === null || isUnderWay(last) ? null : (
          <>
            <dt>Its users</dt>
            <dd>
              <OutcomeCounts cycle={last} />
              {last.reading.unchanged > 0 ? (
                <span class="soft"> {number(last.reading.unchanged)} unchanged</span>
              ) : null}
            </dd>
          </>
        )}
        <dt>Next</dt>
        <dd>
          <Next job={job} />
        </dd>
        {job.lastListing === null ? null : (
          <>
            <dt>Everyone read</dt>
            <dd>
              <Time at={job.lastListing.at} />{" "}
              <span class="soft number">{number(job.lastListing.users)} users</span>
            </dd>
          </>
        )}
      </dl>
      {last !== null && isMoving(last) ? <CycleProgress cycle={last} /> : null}
      <p class="card-actions">
        <OrderButton order={order} isOff={last?.status === "running" || last?.status === "queued"}>
          Sync now
        </OrderButton>
      </p>
    </Card>
  );
}
