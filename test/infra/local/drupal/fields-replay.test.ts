// Replays what a real Drupal with fields of all kinds was asked about them, about references, terms and roles.
import { expect, test } from "vitest";
import type { Site } from "../../../../infra/local/drupal/site.ts";
import type { Preconditions } from "./recorded-preconditions.ts";
import { readRecordings } from "./recordings.ts";
import { replayRecordings, summaryOf } from "./replay.ts";

function unpublish(site: Site, tid: number): void {
  const term = site.taxonomy.byTid(tid);
  if (term === undefined) throw new Error(`there is no term ${tid}`);
  site.taxonomy.put({ ...term, published: false });
}

/** What was done on the shell before these recordings. */
const PRECONDITIONS: Preconditions = {
  112: (site) => unpublish(site, 1),
  114: (site) => site.taxonomy.remove(1),
  116: (site) => site.users.remove(site.users.byName("plain")?.uuid ?? ""),
};

test("fields, references, terms and roles behave as recorded wherever the simulator models them", async () => {
  const results = await replayRecordings({
    site: "observedFields",
    recordings: readRecordings("drupal-fields"),
    preconditions: PRECONDITIONS,
    shapeOnly: [],
  });
  const refused = results.filter(({ outcome }) => outcome === "refused");
  console.log(summaryOf(results), refused.map(({ name }) => name).join(" "));
  expect(results.filter(({ outcome }) => outcome === "different")).toEqual([]);
  expect((results.length - refused.length) / results.length).toBeGreaterThanOrEqual(0.95);
});
