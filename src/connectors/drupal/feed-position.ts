// Where a run over Drupal's users is, and where the next one starts: JSON texts, checked when they come back.
import { z } from "zod";

// `changed` has a resolution of one second, and is stamped with the time at which the request began, not with that of
// the commit (drupal/core, ChangedItem::preSave: `Drupal::time()->getRequestTime()`): a save may appear below a second
// that was read already. So that much is read again; a save that takes longer is found when everyone is read.
const OVERLAP_SECONDS = 60;
// Twice that: several web servers may differ by some seconds.
const SETTLED_AFTER_MS = 2 * OVERLAP_SECONDS * 1000;

const watermarkSchema = z.object({
  /** What is below this `changed`, in seconds, less the overlap, was seen. */
  changed: z.int(),
  /** The newest `changed` that was seen and did not lie in the future: always a time that Drupal shows, never our own
   * clock's, which may be ahead of Drupal's. */
  newest: z.int(),
  /** Since when it is the newest, in milliseconds of our clock. */
  since: z.int(),
  /** Everything with a `changed` up to this second was seen, and nothing more can come. */
  settled: z.int(),
});
/** What a run has seen, and so where the next one starts. */
export type Watermark = z.infer<typeof watermarkSchema>;

const everyoneSchema = z.object({
  kind: z.literal("everyone"),
  /** When the run began, in milliseconds. */
  run: z.int(),
  afterUid: z.int(),
  /** The newest account when the run began: a listing that ends before it is not whole. */
  newestUid: z.int(),
  watermark: watermarkSchema,
});
const changesSchema = z.object({
  kind: z.literal("changes"),
  run: z.int(),
  /** Users after this one, by `changed` and uid, are still to come. */
  after: z.object({ changed: z.int(), uid: z.int() }),
  /** When the first page was read; null before. */
  readSince: z.int().nullable(),
  /** The newest `changed` that was seen so far, in this run or before, and did not lie in the future. */
  newest: z.int(),
  watermark: watermarkSchema,
});
const positionSchema = z.discriminatedUnion("kind", [everyoneSchema, changesSchema]);

/** Users by uid. */
export type EveryonePosition = z.infer<typeof everyoneSchema>;
/** Users by `changed` and uid. */
export type ChangesPosition = z.infer<typeof changesSchema>;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A position; null for a text that is none, as another release may have written it. */
export const positionOf = (text: string): EveryonePosition | ChangesPosition | null =>
  positionSchema.safeParse(jsonOf(text)).data ?? null;

/** A watermark; null for a text that is none. */
export const watermarkOf = (text: string): Watermark | null =>
  watermarkSchema.safeParse(jsonOf(text)).data ?? null;

/** The start of a run over what changed since the watermark. */
export function changesSince(watermark: Watermark, now: Date): ChangesPosition {
  const changed = Math.max(watermark.changed - OVERLAP_SECONDS, watermark.settled + 1);
  const after = { changed, uid: 0 };
  const { newest } = watermark;
  return { kind: "changes", run: now.getTime(), after, readSince: null, newest, watermark };
}

/** The newest of these seconds and one before that does not lie in the future, which would hide everything before it. */
export function newestOf(before: number, seconds: readonly number[], now: Date): number {
  const past = seconds.filter((second) => second <= now.getTime() / 1000);
  return Math.max(before, ...past);
}

/** The watermark of a listing that begins now, when `newest` is the newest. */
export const watermarkAt = (newest: number, now: Date): Watermark => ({
  changed: newest,
  newest,
  since: now.getTime(),
  settled: 0,
});

/**
 * The watermark after the last page, when `newest` is the newest. While later pages were read, a save may have appeared in
 * an earlier one: the time that this took is read again. Once the newest second has stood long enough before a run began, that run has seen all there is
 * up to it: a bulk import is not read again for ever.
 */
export function watermarkAfter(
  { readSince, watermark }: ChangesPosition,
  newest: number,
  pageAskedAt: Date,
  now: Date,
): Watermark {
  const firstAskedAt = readSince ?? pageAskedAt.getTime();
  const tookSeconds = Math.ceil((pageAskedAt.getTime() - firstAskedAt) / 1000);
  const isSettled = firstAskedAt - watermark.since >= SETTLED_AFTER_MS;
  return {
    changed: Math.max(watermark.changed, newest - tookSeconds),
    newest,
    since: newest > watermark.newest ? now.getTime() : watermark.since,
    settled: isSettled ? watermark.newest : watermark.settled,
  };
}
