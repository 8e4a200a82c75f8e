// Histograms of several instances add up, and their percentiles are near the exact ones.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  histogramSchema,
  mergedHistograms,
  NO_DURATIONS,
  percentile,
  withDuration,
} from "../../src/rules/histogram.ts";

const of = (durations: readonly number[]) => durations.reduce(withDuration, NO_DURATIONS);
const HOURS_37 = 2 ** 27;
const durations = fc.array(fc.double({ min: 1, max: HOURS_37, noNaN: true }), { minLength: 1 });

describe("a histogram", () => {
  it("tells each percentile to within 9.1 %, and the longest exactly", () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const sorted = all.toSorted((one, other) => one - other);
        const exact = sorted[Math.max(1, Math.ceil(share * all.length)) - 1] ?? Number.NaN;
        const told = percentile(of(all), share) ?? Number.NaN;
        expect(Math.abs(told / exact - 1)).toBeLessThanOrEqual(0.0906);
        expect(of(all).max).toBe(sorted.at(-1));
      }),
    );
  });

  it("is the same whether one instance counts or several that are merged, in any order", () => {
    fc.assert(
      fc.property(durations, durations, durations, (one, other, third) => {
        const together = of([...one, ...other, ...third]);
        const merged = mergedHistograms(of(one), mergedHistograms(of(other), of(third)));
        const turned = mergedHistograms(mergedHistograms(of(third), of(one)), of(other));
        expect(merged).toEqual(together);
        expect(turned).toEqual(together);
        expect(mergedHistograms(together, NO_DURATIONS)).toEqual(together);
      }),
    );
  });

  it("comes back whole from JSON", () => {
    fc.assert(
      fc.property(durations, (all) => {
        expect(histogramSchema.parse(JSON.parse(JSON.stringify(of(all))))).toEqual(of(all));
      }),
    );
  });

  it("knows nothing before the first duration, takes a clock set back for no time, and days for 37 hours", () => {
    expect(percentile(NO_DURATIONS, 0.5)).toBeNull();
    expect(percentile(of([-5]), 0.5)).toBe(0);
    const days = of([10 * HOURS_37]);
    expect(days.max).toBe(10 * HOURS_37);
    expect(Object.keys(days.bins)).toEqual(Object.keys(of([HOURS_37]).bins));
  });
});
