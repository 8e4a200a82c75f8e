// Replays what a real Drupal was asked, in order, and compares the simulator's answers with the recorded ones.
import { expect, test } from "vitest";
import { PRECONDITIONS } from "./recorded-preconditions.ts";
import { readRecordings } from "./recordings.ts";
import { replayRecordings, summaryOf } from "./replay.ts";

/** Its users were left by a benchmark that is not part of the recordings. */
const SHAPE_ONLY = [349];

test("every recorded exchange that the simulator models gets the recorded status, errors, headers and shape", async () => {
  const results = await replayRecordings({
    site: "observed",
    recordings: readRecordings("drupal"),
    preconditions: PRECONDITIONS,
    shapeOnly: SHAPE_ONLY,
  });
  console.log(summaryOf(results));
  const modelled = results.filter(({ outcome }) => outcome !== "refused");
  expect(results.filter(({ outcome }) => outcome === "different")).toEqual([]);
  expect(modelled.length / results.length).toBeGreaterThanOrEqual(0.9);
});
