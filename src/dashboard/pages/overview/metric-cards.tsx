// The last 24 hours: how fast events were written, how much was, and what the systems turned away.
import type { MetricsAnswer } from "../../ask/contract.ts";
import { type Known, useAnswer } from "../../ask/use-answer.ts";
import { Chart } from "../../parts/chart.tsx";
import { Card } from "../../parts/page.tsx";
import { Loading, RefusalNote } from "../../parts/states.tsx";
import { lengthOf } from "../../parts/time.tsx";
import { counted } from "../../parts/words.ts";

type Bucket = MetricsAnswer["buckets"][number];

// Buckets in which nothing happened are not told: the axis has them all the same.
function everyBucket({ from, to, bucketSeconds, buckets }: MetricsAnswer) {
  const known = new Map(buckets.map((bucket) => [Date.parse(bucket.at), bucket]));
  const step = bucketSeconds * 1000;
  const first = Math.floor(Date.parse(from) / step) * step;
  const count = Math.max(1, Math.floor((Date.parse(to) - first) / step) + 1);
  return Array.from({ length: count }, (_, index) => {
    const at = first + index * step;
    return { at: new Date(at).toISOString(), bucket: known.get(at) };
  });
}

const sum = (buckets: readonly Bucket[], of: (bucket: Bucket) => number): number =>
  buckets.reduce((total, bucket) => total + of(bucket), 0);

function Latency({ metrics }: { readonly metrics: MetricsAnswer }) {
  const measured = metrics.buckets.map(({ latencyMs }) => latencyMs);
  const events = measured.reduce((total, { count }) => total + count, 0);
  const worst = measured.reduce((most, { max }) => Math.max(most, max ?? 0), 0);
  const bars = everyBucket(metrics).map(({ at, bucket }) => ({
    at,
    bar: bucket?.latencyMs?.p50 ?? 0,
    line: bucket?.latencyMs?.p95 ?? null,
  }));
  return (
    <Card
      title="Event to write"
      aside={events === 0 ? "no events" : `${counted(events, "event")}, longest ${lengthOf(worst)}`}
    >
      <Chart
        label="How long from an event in Drupal to the write in Entra, by quarter of an hour"
        bars={bars}
        unit="ms"
        barName="median"
        lineName="95 %"
      />
    </Card>
  );
}

function Throughput({ metrics }: { readonly metrics: MetricsAnswer }) {
  const { buckets } = metrics;
  const drupal = sum(buckets, ({ writes }) => writes.drupal);
  const entra = sum(buckets, ({ writes }) => writes.entra);
  const bars = everyBucket(metrics).map(({ at, bucket }) => ({
    at,
    bar: bucket === undefined ? 0 : bucket.writes.drupal + bucket.writes.entra,
  }));
  return (
    <Card title="Writes" aside={`${counted(entra, "write")} to Entra, ${drupal} to Drupal`}>
      <Chart
        label="Writes by quarter of an hour"
        bars={bars}
        unit="writes"
        barName="both systems"
      />
    </Card>
  );
}

function Trouble({ metrics }: { readonly metrics: MetricsAnswer }) {
  const { buckets } = metrics;
  const failed = sum(buckets, ({ outcomes }) => outcomes.failure ?? 0);
  const throttled = sum(buckets, ({ throttled: by }) => by.drupal + by.entra);
  const bars = everyBucket(metrics).map(({ at, bucket }) => ({
    at,
    bar: bucket?.outcomes.failure ?? 0,
    line: bucket === undefined ? null : bucket.throttled.drupal + bucket.throttled.entra || null,
  }));
  return (
    <Card
      title="Failures and throttling"
      aside={`${counted(failed, "failure")}, throttled ${counted(throttled, "time")}`}
    >
      <Chart
        label="Failures, and how often a system asked us to wait, by quarter of an hour"
        bars={bars}
        unit="times"
        barName="failures"
        lineName="throttled"
      />
    </Card>
  );
}

function Shown({ metrics }: { readonly metrics: Known<MetricsAnswer> }) {
  if (metrics.refusal !== null && metrics.body === null)
    return <RefusalNote refusal={metrics.refusal} retry={metrics.refresh} />;
  if (metrics.body === null) return <Loading lines={3} />;
  return (
    <>
      <Latency metrics={metrics.body} />
      <Throughput metrics={metrics.body} />
      <Trouble metrics={metrics.body} />
    </>
  );
}

/** The charts. */
export function MetricCards() {
  const metrics = useAnswer<MetricsAnswer>("metrics", { everyMs: 15_000 });
  return (
    <section aria-labelledby="last-day">
      <h2 id="last-day" class="section-title">
        The last 24 hours
      </h2>
      <div class="grid">
        <Shown metrics={metrics} />
      </div>
    </section>
  );
}
