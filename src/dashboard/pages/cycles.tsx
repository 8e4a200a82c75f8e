// The page "Cycles": how each job stands, a form to start one, and all of them, newest first.
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import type { CycleAnswer, CyclesAnswer } from "../ask/contract.ts";
import { useAnswer } from "../ask/use-answer.ts";
import { usePages } from "../ask/use-pages.ts";
import { isMoving } from "../parts/cycle-state.ts";
import { More } from "../parts/more.tsx";
import { Page } from "../parts/page.tsx";
import { Empty } from "../parts/states.tsx";
import { CyclesTable } from "./cycles/cycles-table.tsx";
import { Follow } from "./cycles/follow.tsx";
import { JobStrips } from "./cycles/job-strips.tsx";
import { isGap, mergedCycles, slidOut } from "./cycles/merged-cycles.ts";
import { StartForm } from "./cycles/start-form.tsx";

const PATH = "cycles?limit=30";

/** The page. */
export function CyclesPage() {
  const pages = usePages<CyclesAnswer, CycleAnswer>(PATH);
  const [seen, setSeen] = useState<readonly CycleAnswer[]>([]);
  // The listing is read page by page and once; what moves is asked for again, and told by id.
  const cycles = useMemo(() => mergedCycles(pages.items, seen), [pages.items, seen]);
  const news = useAnswer<CyclesAnswer>(PATH, { everyMs: cycles.some(isMoving) ? 1500 : 15_000 });
  const newest = news.body?.items;
  const hear = useCallback(
    (one: CycleAnswer) => setSeen((known) => mergedCycles(known, [one])),
    [],
  );
  const { again, first } = pages;
  useEffect(() => {
    if (newest === undefined) return;
    setSeen((known) => (isGap(known, newest) ? newest : mergedCycles(known, newest)));
  }, [newest]);
  // So many are new that some between were never seen: the listing is read again, as far as it was.
  const hasGap = first !== null && newest !== undefined && isGap(pages.items, newest);
  useEffect(() => {
    if (hasGap) void again();
  }, [hasGap]);
  const jobs = news.body?.jobs ?? first?.jobs ?? [];
  return (
    <Page
      title="Cycles"
      lead="A cycle looks through everyone of one side, or through what changed there, and serves who is not as agreed. What it would take away from people above the thresholds waits here for an approval."
    >
      <JobStrips jobs={jobs} />
      <StartForm />
      <p class="glossary soft">
        <b>Look only</b> writes nothing: its plan can be approved afterwards. <b>Held</b> is who
        would lose something, until the thresholds or an approval let it pass. <b>Moved</b> is who
        changed after the plan was shown, and was left out. <b>In escrow</b> is who was refused, and
        is tried again.
      </p>
      {cycles.length === 0 && first !== null ? (
        <Empty title="No cycle yet">
          The schedule starts the first one by itself; or start one now, to look only.
        </Empty>
      ) : null}
      {cycles.length === 0 ? null : <CyclesTable cycles={cycles} />}
      <More pages={pages} />
      {slidOut(cycles, newest ?? []).map((cycle) => (
        <Follow key={cycle.id} cycle={cycle} told={hear} />
      ))}
    </Page>
  );
}
