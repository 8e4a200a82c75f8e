// When a schedule comes next: as the Functions host would run it, and null rather than a guess.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseNcrontab } from "../../infra/local/host/ncrontab.ts";
import { nextRun } from "../../src/api/next-run.ts";

const NOW = new Date("2026-11-24T08:07:10.500Z");
const next = (text: string | null, timeZone: string | null = null, plan: string | null = null) =>
  nextRun({ text, timeZone, plan }, NOW);

const table: readonly (readonly [string | null, string | null, string | null])[] = [
  ["0 */5 * * * *", null, "2026-11-24T08:10:00.000Z"],
  ["30 */5 * * * *", null, "2026-11-24T08:10:30.000Z"],
  ["  0   30 3 * * * ", null, "2026-11-25T03:30:00.000Z"],
  ["*/5 * * * *", null, "2026-11-24T08:10:00.000Z"],
  ["0 5/10 * * * *", null, "2026-11-24T08:15:00.000Z"],
  ["0 0 9 * * *", "Europe/Berlin", "2026-11-25T08:00:00.000Z"],
  ["0 0 0 1 * 1", null, "2027-02-01T00:00:00.000Z"],
  ["0 0 9 * * Monday", null, "2026-11-30T09:00:00.000Z"],
  ["0 0 9 * january,FEB Mon-friday", null, "2027-01-01T09:00:00.000Z"],
  ["0 0 9 * Jun-July wed", null, "2027-06-02T09:00:00.000Z"],
  ["0 0 0 29 11 1/3", null, "2027-11-29T00:00:00.000Z"],
  ["0 0 9 * * 7", null, null],
  ["0 0 9 * * 5-7", null, null],
  ["0 0 9 L * *", null, null],
  ["0 0 9 15W * *", null, null],
  ["0 0 9 * * 5L", null, null],
  ["0 0 9 * * 1#2", null, null],
  ["0 0 9 ? * *", null, null],
  ["0 0 9 * * +1", null, null],
  ["0 0 mon * * *", null, null],
  ["0 0 9 * * Mondays", null, null],
  ["00:05:00", null, null],
  ["0 0 9 * * *", "W. Europe Standard Time", null],
  ["0 0 0 31 2 *", null, null],
  ["often", null, null],
  ["", null, null],
  [null, null, null],
];

describe("the next run", () => {
  for (const [text, zone, at] of table)
    it(`of ${text}${zone === null ? "" : ` in ${zone}`} is ${at}`, () => {
      expect(next(text, zone)).toBe(at);
    });

  it("is not told by a time zone on a plan that has none", () => {
    const inBerlin = (plan: string) => next("0 0 9 * * *", "Europe/Berlin", plan);
    expect(["FlexConsumption", "Dynamic"].map(inBerlin)).toEqual([null, null]);
    expect(["ElasticPremium", "PremiumV3"].map(inBerlin)).toEqual([
      "2026-11-25T08:00:00.000Z",
      "2026-11-25T08:00:00.000Z",
    ]);
    expect(next("0 0 9 * * *", null, "FlexConsumption")).toBe("2026-11-24T09:00:00.000Z");
  });

  it("is the one of the host, for whatever the host takes", () => {
    const field = (min: number, max: number) => {
      const value = fc.integer({ min, max });
      const range = fc.tuple(value, value).map((pair) => pair.toSorted((a, b) => a - b).join("-"));
      const item = fc.oneof(
        value.map(String),
        range,
        value.map((step) => `*/${Math.max(1, step)}`),
        fc.tuple(value, value).map(([from, step]) => `${from}/${Math.max(1, step)}`),
      );
      return fc.oneof(
        fc.constant("*"),
        item,
        fc.tuple(item, item).map((items) => items.join(",")),
      );
    };
    const expression = fc
      .tuple(field(0, 59), field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6))
      .map((fields) => fields.join(" "));
    fc.assert(
      fc.property(expression, (text) => {
        const host = parseNcrontab(text);
        fc.pre(typeof host !== "string");
        expect(next(text)).toBe(host.next(NOW).toISOString());
      }),
      { numRuns: 300 },
    );
  });
});
