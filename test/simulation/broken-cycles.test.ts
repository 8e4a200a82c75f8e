// The simulation of cycles is worth something only if it notices: each design that is broken on purpose must fail at, or before, the
// seed at which it was first seen to.
import { describe, expect, it } from "vitest";
import { playCycleHistory } from "./cycle-history.ts";
import type { CycleMutation } from "./cycle-mutations.ts";
import { playHistories } from "./play-histories.ts";

const FROM = 1;
const BROKEN: readonly (readonly [string, CycleMutation, number])[] = [
  ["with the watermark saved when the reading ends", "watermarkEarly", 200],
  ["with the absent of one listing taken for gone", "absenceBelieved", 60],
  ["with users at rest before they are written", "restEarly", 40],
  ["with users written who were to be held", "holdsNobody", 120],
];

describe("a design of cycles that is broken", () => {
  for (const [what, mutation, within] of BROKEN) {
    it(`is noticed: ${what}`, { timeout: 300_000 }, async () => {
      const seeds = { first: FROM, end: FROM + within, step: 1 };
      const play = (seed: number) => playCycleHistory(seed, mutation);
      const { failures, histories } = await playHistories(seeds, play, true);
      console.log(`${what}: noticed in history ${histories}: ${failures[0]}`);
      expect(failures).not.toEqual([]);
    });
  }
});

describe("a history with cycles", () => {
  it("is the same whenever its seed is", async () => {
    const [first, second] = [await playCycleHistory(3), await playCycleHistory(3)];
    expect(first.trace.length).toBeGreaterThan(50);
    // Ids are counted on: they differ between two histories of one process, and nothing else does.
    const comparable = (trace: readonly string[]) =>
      trace.map((line) => line.replace(/\b[0-9a-f]{4}\b/g, "id"));
    expect(comparable(second.trace)).toEqual(comparable(first.trace));
  });
});
