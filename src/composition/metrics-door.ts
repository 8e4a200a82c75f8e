// Everything about metrics, built once: what counts, and what the functions may ask for.
import { bucketOf, type Counts } from "../rules/metrics.ts";
import { createMetricsStore } from "../storage/metrics.ts";
import { createMetricsReader } from "../storage/metrics-reader.ts";
import { createMetricsRecorder } from "../storage/metrics-recorder.ts";
import type { StorageAccount } from "../storage/tables.ts";
import type { Note } from "./measured.ts";
import { later, surroundings } from "./surroundings.ts";

/** Buckets of all instances, summed up. */
export interface MetricsReport {
  /** The beginning of the first bucket. */
  readonly from: Date;
  readonly to: Date;
  /** In the order of time; a bucket in which nothing happened is not there. */
  readonly buckets: readonly { readonly at: Date; readonly counts: Counts }[];
}

/** The door to metrics. */
export interface MetricsDoor {
  readonly note: Note;
  /** The last hours. What this instance has not saved yet is in it; what others have not, for 5 seconds at most, is not. */
  read(hours: number): Promise<MetricsReport>;
  /** Saves what is counted and not saved yet: for the end of the process. */
  flush(): Promise<void>;
  /** Deletes what is older; answers how many rows. */
  removeBefore(limit: Date, mayGoOn: () => boolean): Promise<number>;
}

const HOUR_MS = 3_600_000;

/** The metrics of a storage account, as this process counts and reads them. Opens no connection yet. */
export function createMetricsDoor(account: StorageAccount): MetricsDoor {
  const { now } = surroundings;
  const store = createMetricsStore(account);
  const instance = surroundings.newId();
  const recorder = createMetricsRecorder({ store, instance, now, later });
  const reader = createMetricsReader({ store, unsaved: recorder.unsaved });
  return {
    note: recorder.note,
    flush: recorder.flush,
    removeBefore: store.removeBefore,
    read: async (hours) => {
      const to = now();
      const from = new Date(bucketOf(new Date(to.getTime() - hours * HOUR_MS)));
      const sums = await reader.read(from, to);
      const inOrder = [...sums].sort(([one], [other]) => one - other);
      return { from, to, buckets: inOrder.map(([at, counts]) => ({ at: new Date(at), counts })) };
    },
  };
}
