// The page of one cycle: how it stands, what it waits for, and user by user what it did or would do.
import type { CycleUser, CycleWithUsers } from "../ask/contract.ts";
import { type Known, useAnswer } from "../ask/use-answer.ts";
import { usePartPages } from "../ask/use-pages.ts";
import { Badge } from "../parts/badge.tsx";
import { CycleProgress, isMoving } from "../parts/cycle-progress.tsx";
import { Card, Page } from "../parts/page.tsx";
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

function Users({
  id,
  outcome,
  mark,
}: {
  readonly id: string;
  readonly outcome: string;
  readonly mark: string;
}) {
  const query = outcome === "" ? "" : `&outcome=${outcome}`;
  const pages = usePartPages<CycleWithUsers, CycleUser>(`cycles/${id}?limit=50${query}`, usersOf);
  return <CycleUsers pages={pages} id={id} outcome={outcome} mark={mark} />;
}

function Shown({
  cycle: known,
  outcome,
}: {
  readonly cycle: Known<CycleWithUsers>;
  readonly outcome: string;
}) {
  const cycle = known.body;
  if (cycle === null) return null;
  return (
    <Page
      title={`Cycle: ${titleOf(cycle)}`}
      lead={
        <>
          <a href={hrefOf("/cycles")}>Cycles</a>
          {" / "}
          {cycle.kind === "preview" ? "both sides" : directionName(cycle.direction)}{" "}
          <Badge word={cycle.status} />
        </>
      }
      actions={<CycleActions cycle={cycle} refresh={known.refresh} />}
    >
      {known.refusal === null ? null : <RefusalNote refusal={known.refusal} />}
      <CycleNote cycle={cycle} refresh={known.refresh} />
      <Card title="How it went">
        {isMoving(cycle) ? <CycleProgress cycle={cycle} /> : null}
        <CycleFacts cycle={cycle} />
      </Card>
      <OutcomeTabs cycle={cycle} outcome={outcome} />
      <Users id={cycle.id} outcome={outcome} mark={`${cycle.status} ${cycle.done}`} />
    </Page>
  );
}

/** The page. */
export function CyclePage({ id }: { readonly id: string }) {
  const { query } = usePlace();
  const cycle = useAnswer<CycleWithUsers>(`cycles/${encodeURIComponent(id)}?limit=1`, {
    everyMs: 1500,
  });
  if (cycle.body !== null) return <Shown cycle={cycle} outcome={query.get("outcome") ?? ""} />;
  return (
    <Page title="Cycle" lead={<a href={hrefOf("/cycles")}>Cycles</a>}>
      {cycle.refusal === null ? (
        <Loading lines={6} />
      ) : (
        <RefusalNote refusal={cycle.refusal} retry={cycle.refresh} />
      )}
    </Page>
  );
}
