// What one instance counts: summed up in memory, and its own row saved every few seconds while there is something new.
import { BUCKET_SECONDS, bucketOf, type Counted, counted, NO_COUNTS } from "../rules/metrics.ts";
import type { InstanceCounts, MetricsStore } from "./metrics.ts";

/** Counts what happens on this instance. */
export interface MetricsRecorder {
  /** Takes no time and never fails. */
  note(event: Counted): void;
  /** What this instance knows and has not saved yet: whole buckets, to be taken instead of their rows. */
  unsaved(): InstanceCounts[];
  /** Saves what is new. Throws what the store throws; nothing is lost then, the next save has it too. */
  flush(): Promise<void>;
}

export interface RecorderOptions {
  readonly store: Pick<MetricsStore, "save">;
  /** No other instance, and no later process, has this name. */
  readonly instance: string;
  readonly now: () => Date;
  /** Does something once, later. */
  readonly later: (ms: number, work: () => Promise<void>) => void;
}

// A row costs one write of storage: 17,280 a day at most for an instance that never rests.
const SAVE_AFTER_MS = 5000;
// A day: storage that is away for longer costs the oldest.
const MOST_BUCKETS = 96;

interface Held {
  readonly row: InstanceCounts;
  readonly isSaved: boolean;
}

/**
 * The recorder of one process. The save after the last event is by a timer, so an instance that falls idle loses nothing; one
 * that is killed loses at most the last five seconds. A graceful end flushes (functions/app-setup).
 */
export function createMetricsRecorder(options: RecorderOptions): MetricsRecorder {
  const { store, instance, now, later } = options;
  const buckets = new Map<number, Held>();
  let current = 0;
  let timesSetBack = 0;
  let isPlanned = false;
  let saving: Promise<void> = Promise.resolve();

  // A clock that is set back a little counts on in the bucket at hand. One that had jumped ahead and is set right counts where it
  // is now, or nobody would see it for as long: under another name, as what is over may have a row by the first.
  const open = (at: number): void => {
    if (at === current || (at < current && current - at <= BUCKET_SECONDS * 1000)) return;
    if (at < current) timesSetBack += 1;
    current = at;
    for (const [other, { isSaved }] of buckets)
      if (isSaved && other !== current) buckets.delete(other);
    const [oldest] = buckets.keys();
    if (buckets.size >= MOST_BUCKETS && !buckets.has(current) && oldest !== undefined)
      buckets.delete(oldest);
  };

  const begun = (): InstanceCounts => {
    const name = timesSetBack === 0 ? instance : `${instance}.${timesSetBack}`;
    return { at: current, instance: name, counts: NO_COUNTS };
  };

  const unsaved = (): InstanceCounts[] =>
    [...buckets.values()].flatMap(({ row, isSaved }) => (isSaved ? [] : [row]));

  const saveAll = async (): Promise<void> => {
    for (const row of unsaved()) {
      await store.save(row);
      // What was counted meanwhile waits for the next save.
      if (buckets.get(row.at)?.row === row) buckets.set(row.at, { row, isSaved: true });
    }
  };

  const flush = (): Promise<void> => {
    saving = saving.catch(() => undefined).then(saveAll);
    return saving;
  };

  const plan = (): void => {
    if (isPlanned) return;
    isPlanned = true;
    later(SAVE_AFTER_MS, async () => {
      isPlanned = false;
      await flush().catch(() => undefined);
      if (unsaved().length > 0) plan();
    });
  };

  return {
    note: (event) => {
      open(bucketOf(now()));
      const row = buckets.get(current)?.row ?? begun();
      const counts = counted(row.counts, event);
      buckets.set(current, { row: { ...row, counts }, isSaved: false });
      plan();
    },
    unsaved,
    flush,
  };
}
