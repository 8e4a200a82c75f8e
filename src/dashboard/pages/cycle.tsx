// The page of one cycle: how it stands, what it waits for, and user by user what it did or would do.
import { useEffect, useState } from "preact/hooks";
import { queryOf } from "../ask/ask.ts";
import type { CycleUser, CycleWithUsers } from "../ask/contract.ts";
import { useAnswer } from "../ask/use-answer.ts";
import { usePartPages } from "../ask/use-pages.ts";
import { Badge } from "../parts/badge.tsx";
import { CycleProgress } from "../parts/cycle-progress.tsx";
import { isMoving, isUnderWay } from "../parts/cycle-state.ts";
import { DownloadButton } from "../parts/download-button.tsx";
import { Card, Page } from "../parts/page.tsx";
import { isTakenUp } from "../parts/standing-outcomes.ts";
import { Loading, RefusalNote } from "../parts/states.tsx";
import { directionName } from "../parts/words.ts";
import { hrefOf, usePlace } from "../route.ts";
import { CycleActions } from "./cycle/cycle-actions.tsx";
import { CycleFacts } from "./cycle/cycle-facts.tsx";
import { CycleNote } from "./cycle/cycle-note.tsx";
import { CycleUsers } from "./cycle/cycle-users.tsx";
import { OutcomeTabs } from "./cycle/outcome-tabs.tsx";
import { titleOf } from "./cycles/cycles-table.tsx";

interface CycleUsersPage {
  readonly items: readonly CycleUser[];
  readonly continuation: string | null;
}

// The users come with the cycle: the listing is a part of its answer.
const usersOf = ({ users }: CycleWithUsers): CycleUsersPage => users;

// Among all, whose plan was approved stands once: with what came of it.
const standingUsersOf = (cycle: CycleWithUsers): CycleUsersPage => ({
  ...cycle.users,
  items: cycle.users.items.filter(({ outcome }) => !isTakenUp(outcome, cycle)),
});

function Users({ cycle, outcome }: { readonly cycle: CycleWithUsers; readonly outcome: string }) {
  const { id, kind, direction, status, done } = cycle;
  const pages = usePartPages<CycleWithUsers, CycleUser>(
    `cycles/${id}${queryOf({ limit: 50, outcome })}`,
    outcome === "" ? standingUsersOf : usersOf,
  );
  // A preview is of both sides: whoever is known to Entra is found by that id.
  const of = kind === "preview" ? "entraToDrupal" : direction;
  return <CycleUsers pages={pages} direction={of} mark={`${status} ${done}`} />;
}

// What moves is asked for often; what waits for a person now and then, as another may give the word; what is over hardly ever.
const paceOf = (cycle: CycleWithUsers | null): number =>
  cycle === null || isMoving(cycle) ? 1500 : isUnderWay(cycle) ? 5000 : 30_000;

const leadOf = (cycle: CycleWithUsers | null) => (
  <>
    <a href={hrefOf("/cycles")}>Cycles</a>
    {cycle === null ? null : (
      <>
        {" / "}
        {cycle.kind === "preview" ? "both sides" : directionName(cycle.direction)}{" "}
        <Badge word={cycle.status} />
      </>
    )}
  </>
);

function Shown({
  cycle,
  refresh,
  outcome,
}: {
  readonly cycle: CycleWithUsers;
  readonly refresh: () => Promise<void>;
  readonly outcome: string;
}) {
  return (
    <>
      <CycleNote cycle={cycle} refresh={refresh} />
      <Card title="How it went">
        {isMoving(cycle) ? <CycleProgress cycle={cycle} /> : null}
        <CycleFacts cycle={cycle} />
      </Card>
      <OutcomeTabs cycle={cycle} outcome={outcome} />
      <Users cycle={cycle} outcome={outcome} />
    </>
  );
}

/** The page. */
export function CyclePage({ id }: { readonly id: string }) {
  const outcome = usePlace().query.get("outcome") ?? "";
  const [everyMs, setPace] = useState(paceOf(null));
  const known = useAnswer<CycleWithUsers>(`cycles/${encodeURIComponent(id)}?limit=1`, { everyMs });
  const { body: cycle, refusal, refresh } = known;
  const pace = paceOf(cycle);
  useEffect(() => setPace(pace), [pace]);
  const file = { format: "csv", bom: "true", outcome };
  // One page, whether the cycle is known yet or not: the heading that has the focus stays.
  return (
    <Page
      title={cycle === null ? "Cycle" : `Cycle: ${titleOf(cycle)}`}
      lead={leadOf(cycle)}
      {...(cycle === null
        ? {}
        : {
            actions: (
              <>
                <DownloadButton
                  path={`cycles/${cycle.id}${queryOf(file)}`}
                  name={`cycle-${cycle.id}.csv`}
                  what="CSV for Excel"
                />
                <CycleActions cycle={cycle} refresh={refresh} />
              </>
            ),
          })}
    >
      {refusal === null ? null : (
        <RefusalNote refusal={refusal} retry={cycle === null ? refresh : undefined} />
      )}
      {known.isLoading ? <Loading lines={6} /> : null}
      {cycle === null ? null : <Shown cycle={cycle} refresh={refresh} outcome={outcome} />}
    </Page>
  );
}
