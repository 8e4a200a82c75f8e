// The simulation is worth something only if it notices: designs that are broken on purpose must fail within 5,000 histories.
import { describe, expect, it } from "vitest";
import { type Mutation, playHistory } from "./history.ts";
import { playHistories } from "./play-histories.ts";

const BROKEN: readonly (readonly [string, Mutation])[] = [
  ["without the intent before a write", "noIntent"],
  ["with the base saved before the write", "baseEarly"],
  ["with links saved without If-Match", "noIfMatch"],
];

describe("a design that is broken", () => {
  for (const [what, mutation] of BROKEN) {
    it(`is noticed: ${what}`, { timeout: 300_000 }, async () => {
      const seeds = { first: 1, end: 5001, step: 1 };
      const { failures, histories } = await playHistories(
        seeds,
        (seed) => playHistory(seed, mutation),
        true,
      );
      console.log(`${what}: noticed in history ${histories}: ${failures[0]}`);
      expect(failures).not.toEqual([]);
    });
  }
});

describe("a history", () => {
  it("is the same whenever its seed is", async () => {
    const [first, second] = [await playHistory(7), await playHistory(7)];
    expect(first.trace.length).toBeGreaterThan(10);
    // Ids are counted on: they differ between two histories of one process, and nothing else does.
    const comparable = (trace: readonly string[]) =>
      trace.map((line) => line.replace(/\b[0-9a-f]{4}\b/g, "id"));
    expect(comparable(second.trace)).toEqual(comparable(first.trace));
  });
});
