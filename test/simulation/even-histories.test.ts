// Half of the histories: edits on both sides, duplicates, reordering, crashes, lost answers, stale reads and lost leases.
// The other half is played beside it, in odd-histories.test.ts.
import { describe, expect, it } from "vitest";
import { playHistory } from "./history.ts";
import { FIRST_SEED, HISTORIES, playHistories, told } from "./play-histories.ts";

const ALLOWED_MS = 60_000 + HISTORIES * 200;

describe("a history of edits under fire (every other seed)", () => {
  it(
    "comes to rest with both sides equal, nobody twice, no edit lost, and no write after rest",
    async () => {
      const seeds = { first: FIRST_SEED + 1, end: FIRST_SEED + HISTORIES, step: 2 };
      const played = await playHistories(seeds, playHistory);
      console.log(told(played));
      expect(played.failures).toEqual([]);
    },
    ALLOWED_MS,
  );
});
