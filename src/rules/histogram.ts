// Durations as a small histogram on a log scale: those of several instances add up, and percentiles can be read from the sum.
import { z } from "zod";

/** Durations in milliseconds. */
export const histogramSchema = z.object({
  count: z.int().min(0),
  /** The longest, exactly. */
  max: z.number().min(0),
  /** How many fell into each bin; a bin that is not named is empty. */
  bins: z.record(z.string(), z.int().min(0)),
});
/** One of {@link histogramSchema}. */
export type Histogram = Readonly<z.infer<typeof histogramSchema>>;

// Four bins for each doubling: what is told of a bin, its middle on the log scale, is at most 2^(1/8), 9.1 %, away.
const BINS_PER_DOUBLING = 4;
// 2^27 ms are 37 hours: what is longer counts as that.
const LAST_BIN = 27 * BINS_PER_DOUBLING;

const binOf = (ms: number): number =>
  ms <= 1 ? 0 : Math.min(LAST_BIN, Math.ceil(BINS_PER_DOUBLING * Math.log2(ms)));

const middleOf = (bin: number): number => (bin === 0 ? 1 : 2 ** ((bin - 0.5) / BINS_PER_DOUBLING));

/** Nothing measured yet. */
export const NO_DURATIONS: Histogram = { count: 0, max: 0, bins: {} };

/** With one more duration; a clock that went backwards counts as no time at all. */
export function withDuration({ count, max, bins }: Histogram, ms: number): Histogram {
  const measured = Math.max(0, ms);
  const bin = binOf(measured);
  return {
    count: count + 1,
    max: Math.max(max, measured),
    bins: { ...bins, [bin]: (bins[bin] ?? 0) + 1 },
  };
}

/** Both together. */
export function mergedHistograms(one: Histogram, other: Histogram): Histogram {
  const bins = { ...one.bins };
  for (const [bin, count] of Object.entries(other.bins)) bins[bin] = (bins[bin] ?? 0) + count;
  return { count: one.count + other.count, max: Math.max(one.max, other.max), bins };
}

/**
 * The duration that a share of all does not exceed (nearest rank), in milliseconds, at most 9.1 % away from the exact one for
 * durations from 1 ms to 37 hours; null where there are none. `share` is 0 to 1.
 */
export function percentile({ count, max, bins }: Histogram, share: number): number | null {
  let left = Math.max(1, Math.ceil(share * count));
  const inOrder = Object.entries(bins).sort(([one], [other]) => Number(one) - Number(other));
  for (const [bin, inBin] of inOrder) {
    left -= inBin;
    if (left <= 0) return Math.min(max, middleOf(Number(bin)));
  }
  return null;
}
