// The counts of all instances, summed up by bucket: what is over is remembered, so that a page that asks every few seconds reads
// only what may still change.
import { BUCKET_SECONDS, bucketOf, type Counts, mergedCounts } from "../rules/metrics.ts";
import type { InstanceCounts, MetricsStore } from "./metrics.ts";

/** Buckets by when they begin, in milliseconds since the epoch; one in which nothing happened is not there. */
export type CountsByBucket = ReadonlyMap<number, Counts>;

/** Reads what was counted. */
export interface MetricsReader {
  /**
   * The buckets that begin within, both ends included. What other instances save of a bucket half an hour late, as after an
   * outage of storage, is seen within the hour. Throws what the store throws.
   */
  read(from: Date, to: Date): Promise<CountsByBucket>;
}

export interface ReaderOptions {
  readonly store: Pick<MetricsStore, "eachRow">;
  /** What this process knows and has not saved yet: taken instead of its rows. */
  readonly unsaved: () => readonly InstanceCounts[];
}

// An instance saves after five seconds, or as soon as storage is back.
const OVER_AFTER_MS = 30 * 60_000;
const READ_ANEW_AFTER_MS = 3_600_000;
// As far back as anyone may ask, with the bucket in which that lies: 673 sums.
const REMEMBERED_MS = (7 * 24 * 3600 + BUCKET_SECONDS) * 1000;

interface Memory {
  /** It knows all buckets from here on… */
  readonly from: number;
  /** …to those before this one. */
  readonly until: number;
  readonly readAt: number;
  readonly sums: CountsByBucket;
}

const nameOf = ({ at, instance }: InstanceCounts): string => `${at} ${instance}`;

function add(sums: Map<number, Counts>, at: number, counts: Counts): void {
  const known = sums.get(at);
  sums.set(at, known === undefined ? counts : mergedCounts(known, counts));
}

const within = (sums: CountsByBucket, from: number, to: number): Map<number, Counts> =>
  new Map([...sums].filter(([at]) => at >= from && at <= to));

/** The reader of one process. Holds at most a week of sums, and never a row. */
export function createMetricsReader({ store, unsaved }: ReaderOptions): MetricsReader {
  let memory: Memory | null = null;

  const isGood = (known: Memory, from: number, to: number, own: readonly InstanceCounts[]) =>
    known.from <= from &&
    // Not so where the clock was set back.
    known.until <= to - OVER_AFTER_MS &&
    to - known.readAt < READ_ANEW_AFTER_MS &&
    own.every(({ at }) => at >= known.until);

  return {
    read: async (fromDate, toDate) => {
      const [from, to] = [fromDate.getTime(), toDate.getTime()];
      // Before the rows: one that is saved meanwhile is then passed over, and not counted twice.
      const own = unsaved();
      const ownNames = new Set(own.map(nameOf));
      const nothing: Memory = { from, until: from, readAt: to, sums: new Map() };
      const known = memory !== null && isGood(memory, from, to, own) ? memory : nothing;
      const sums = new Map(known.sums);
      await store.eachRow(new Date(known.until), toDate, (row) => {
        if (!ownNames.has(nameOf(row))) add(sums, row.at, row.counts);
      });
      const over = Math.min(bucketOf(new Date(to - OVER_AFTER_MS)), ...own.map(({ at }) => at));
      const until = Math.max(known.until, over);
      const oldest = Math.max(known.from, to - REMEMBERED_MS);
      memory = {
        from: oldest,
        until,
        readAt: known.readAt,
        sums: within(sums, oldest, until - 1),
      };
      for (const { at, counts } of own) add(sums, at, counts);
      return within(sums, from, to);
    },
  };
}
