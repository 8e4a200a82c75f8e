// The sums of the charts: the same as if every row were read each time, and seldom read twice.
import { describe, expect, it } from "vitest";
import { bucketOf, type Counts, NO_COUNTS } from "../../src/rules/metrics.ts";
import type { InstanceCounts } from "../../src/storage/metrics.ts";
import { createMetricsReader } from "../../src/storage/metrics-reader.ts";

const MINUTE = 60_000;
const NOON = Date.parse("2026-11-24T12:00:00Z");
const counts = (drupal: number): Counts => ({ ...NO_COUNTS, writes: { drupal, entra: 0 } });
const rowOf = (at: number, instance: string, n: number): InstanceCounts => ({
  at,
  instance,
  counts: counts(n),
});

function aReader(rows: InstanceCounts[]) {
  let time = NOON + MINUTE;
  let own: readonly InstanceCounts[] = [];
  let handedOut: string[] = [];
  const reader = createMetricsReader({
    store: {
      eachRow: async (from, to, take) => {
        for (const row of rows)
          if (row.at >= from.getTime() && row.at <= to.getTime()) {
            handedOut.push(shown(row.at));
            take(row);
          }
      },
    },
    unsaved: () => own,
  });
  const shown = (at: number) => new Date(at).toISOString().slice(11, 16);
  return {
    rows,
    at: (ms: number) => {
      time = ms;
    },
    unsaved: (...unsaved: InstanceCounts[]) => {
      own = unsaved;
    },
    /** The buckets of the last hours with their writes. */
    read: async (hours: number) => {
      handedOut = [];
      const from = new Date(bucketOf(new Date(time - hours * 60 * MINUTE)));
      const sums = await reader.read(from, new Date(time));
      return [...sums].map(([at, { writes }]) => `${shown(at)} ${writes.drupal}`).toSorted();
    },
    handedOut: () => handedOut,
  };
}

const everyQuarter = (hours: number, instances: readonly string[]): InstanceCounts[] =>
  Array.from({ length: hours * 4 }, (_, n) => NOON - n * 15 * MINUTE).flatMap((at) =>
    instances.map((instance) => rowOf(at, instance, 1)),
  );

describe("the sums", () => {
  it("are those of all instances, bucket by bucket", async () => {
    const { read } = aReader(everyQuarter(1, ["a", "b", "c"]));
    expect(await read(1)).toEqual(["11:15 3", "11:30 3", "11:45 3", "12:00 3"]);
  });

  it("of what is over are read once, however often a page asks", async () => {
    const { read, handedOut, rows, at } = aReader(everyQuarter(24, ["a", "b"]));
    const first = await read(23);
    expect(handedOut()).toHaveLength(2 * (23 * 4 + 1));
    for (let n = 1; n <= 20; n += 1) {
      at(NOON + MINUTE + n * 15_000);
      expect(await read(23)).toEqual(first);
      expect(new Set(handedOut())).toEqual(new Set(["11:30", "11:45", "12:00"]));
    }
    rows.push(rowOf(NOON - 30 * MINUTE, "late", 5));
    expect(await read(23)).toContain("11:30 7");
  });

  it("are asked for from further back, and from less far, as they are", async () => {
    const { read, handedOut } = aReader(everyQuarter(48, ["a"]));
    expect(await read(1)).toHaveLength(5);
    expect(await read(24)).toHaveLength(97);
    expect(await read(1)).toHaveLength(5);
    expect(await read(24)).toHaveLength(97);
    expect(handedOut()).toHaveLength(3);
  });

  it("of a whole week are remembered too", async () => {
    const { read, handedOut, at } = aReader(everyQuarter(200, ["a"]));
    await read(168);
    for (const minutes of [14, 44]) {
      at(NOON + minutes * MINUTE);
      await read(168);
      expect(handedOut()).toEqual(["12:00", "11:45", "11:30"]);
    }
  });

  it("are read anew within the hour: what came late is in them then", async () => {
    const { read, rows, at } = aReader(everyQuarter(6, ["a"]));
    await read(5);
    rows.push(rowOf(NOON - 45 * MINUTE, "late", 5));
    at(NOON + 60 * MINUTE);
    expect(await read(2)).toContain("11:15 1");
    at(NOON + 61 * MINUTE);
    expect(await read(2)).toContain("11:15 6");
  });

  it("take what is not saved yet instead of its row, also of what is over, and once when it is saved", async () => {
    const { read, rows, unsaved } = aReader([
      rowOf(NOON - 45 * MINUTE, "own", 2),
      rowOf(NOON, "own", 3),
      rowOf(NOON, "b", 10),
    ]);
    unsaved(rowOf(NOON - 45 * MINUTE, "own", 7), rowOf(NOON, "own", 4));
    expect(await read(1)).toEqual(["11:15 7", "12:00 14"]);
    rows[0] = rowOf(NOON - 45 * MINUTE, "own", 7);
    unsaved();
    expect(await read(1)).toEqual(["11:15 7", "12:00 13"]);
    unsaved(rowOf(NOON - 45 * MINUTE, "own", 8));
    expect(await read(1)).toEqual(["11:15 8", "12:00 13"]);
  });

  it("of a clock that was set back are what the clock has now, and none of what is to come", async () => {
    const { read, rows, at, unsaved } = aReader(everyQuarter(2, ["a"]));
    at(NOON + 180 * MINUTE);
    await read(6);
    at(NOON + MINUTE);
    rows.push(rowOf(NOON, "b", 5));
    unsaved(rowOf(NOON + 180 * MINUTE, "own", 1));
    expect(await read(1)).toEqual(["11:00 1", "11:15 1", "11:30 1", "11:45 1", "12:00 6"]);
  });
});
