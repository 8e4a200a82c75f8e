// Half of the histories: edits on both sides, duplicates, reordering, crashes, lost answers, stale reads and lost leases.
// The other half is played beside it, in odd-histories.test.ts.
import { describe, expect, it } from "vitest";
import { FIRST_SEED, HISTORIES, playHistories } from "./play-histories.ts";

const ALLOWED_MS = 60_000 + HISTORIES * 200;

describe("a history of edits under fire (every other seed)", () => {
  it(
    "comes to rest with both sides equal, nobody twice, no edit lost, and no write after rest",
    async () => {
      const seeds = { first: FIRST_SEED + 1, end: FIRST_SEED + HISTORIES, step: 2 };
      const { failures, ...sum } = await playHistories(seeds);
      console.log(
        `${sum.histories} histories: ${sum.deliveries} deliveries, ${sum.writes} writes, ${sum.kills} crashes, ${failures.length} faults`,
      );
      expect(failures).toEqual([]);
    },
    ALLOWED_MS,
  );
});
