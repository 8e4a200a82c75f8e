// The overview: what needs someone, how each direction stands, how fast and how much, who waits, and what mends it.

import type { CyclesAnswer, EscrowAnswer, HealthAnswer } from "../ask/contract.ts";
import { useAnswer } from "../ask/use-answer.ts";
import { Page } from "../parts/page.tsx";
import { Loading, RefusalNote } from "../parts/states.tsx";
import { Attention } from "./overview/attention.tsx";
import { EscrowCard } from "./overview/escrow-card.tsx";
import { HealthCard } from "./overview/health-card.tsx";
import { JobCard } from "./overview/job-card.tsx";
import { MetricCards } from "./overview/metric-cards.tsx";
import { RecentCard } from "./overview/recent-card.tsx";

// With a check that failed the app answers 503, and which one stands in its body.
const TELLS_WHAT_FAILED = [503];

/** The page. */
export function OverviewPage() {
  // What waits for someone and each job's last cycle come with any page of the listing.
  const cycles = useAnswer<CyclesAnswer>("cycles?limit=1", { everyMs: 2000 });
  const escrow = useAnswer<EscrowAnswer>("escrow?limit=1", { everyMs: 15_000 });
  const health = useAnswer<HealthAnswer>("health", {
    everyMs: 30_000,
    accepts: TELLS_WHAT_FAILED,
  });
  const jobs = cycles.body?.jobs ?? [];
  return (
    <Page
      title="Overview"
      lead="How the users of Drupal and of Entra are kept the same, and what needs you."
    >
      <Attention cycles={cycles} escrow={escrow} health={health} />
      {cycles.refusal === null ? null : (
        <RefusalNote
          refusal={cycles.refusal}
          retry={cycles.refresh}
          isBeside={cycles.body !== null}
        />
      )}
      {cycles.isLoading ? <Loading lines={6} /> : null}
      <div class="grid">
        {jobs.map((job) => (
          <JobCard key={job.job} job={job} refresh={cycles.refresh} />
        ))}
      </div>
      <MetricCards />
      <div class="grid">
        <EscrowCard escrow={escrow} />
        <HealthCard health={health} />
      </div>
      <RecentCard />
    </Page>
  );
}
