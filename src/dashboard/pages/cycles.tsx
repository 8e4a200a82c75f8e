// The page "Cycles": how each job stands, a form to start one, and all of them, newest first.
import type { CycleAnswer, CyclesAnswer } from "../ask/contract.ts";
import { useAnswer } from "../ask/use-answer.ts";
import { usePages } from "../ask/use-pages.ts";
import { isUnderWay } from "../parts/cycle-progress.tsx";
import { More } from "../parts/more.tsx";
import { Page } from "../parts/page.tsx";
import { Empty } from "../parts/states.tsx";
import { CyclesTable } from "./cycles/cycles-table.tsx";
import { JobStrips } from "./cycles/job-strips.tsx";
import { StartForm } from "./cycles/start-form.tsx";

const PATH = "cycles?limit=30";

// The listing is read page by page and once; what moves is asked for again, and told by id.
function withNews(
  items: readonly CycleAnswer[],
  news: readonly CycleAnswer[] | undefined,
): readonly CycleAnswer[] {
  const newer = new Map((news ?? []).map((cycle) => [cycle.id, cycle]));
  const known = new Set(items.map(({ id }) => id));
  return [
    ...(news ?? []).filter(({ id }) => !known.has(id)),
    ...items.map((cycle) => newer.get(cycle.id) ?? cycle),
  ];
}

/** The page. */
export function CyclesPage() {
  const pages = usePages<CyclesAnswer, CycleAnswer>(PATH);
  const hasActive = pages.items.some(isUnderWay);
  const news = useAnswer<CyclesAnswer>(PATH, { everyMs: hasActive ? 1500 : 5000 });
  const cycles = withNews(pages.items, news.body?.items);
  const jobs = news.body?.jobs ?? pages.first?.jobs ?? [];
  return (
    <Page
      title="Cycles"
      lead="A cycle looks through everyone of one side, or through what changed there, and serves who is not as agreed. What it would take away from people above the thresholds waits here for an approval."
    >
      <JobStrips jobs={jobs} />
      <StartForm />
      {cycles.length === 0 && pages.first !== null ? (
        <Empty title="No cycle yet">
          The schedule starts the first one by itself; or start one now, to look only.
        </Empty>
      ) : null}
      {cycles.length === 0 ? null : <CyclesTable cycles={cycles} />}
      <More pages={pages} />
    </Page>
  );
}
