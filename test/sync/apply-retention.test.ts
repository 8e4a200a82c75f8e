// What retention deletes, and how long it takes itself.
import { expect, it } from "vitest";
import { applyRetention } from "../../src/sync/apply-retention.ts";

it("deletes cycles and audit entries of before the limit, counts of before a week, and stops when its time is up", async () => {
  let now = Date.parse("2026-11-24T03:30:00Z");
  const limits: string[] = [];
  const done = await applyRetention(
    { days: 365, metricsDays: 7, budgetMs: 1000 },
    {
      now: () => new Date(now),
      removeCyclesBefore: async (limit) => {
        limits.push(limit.toISOString());
        now += 400;
        return 3;
      },
      removeMetricsBefore: async (limit) => {
        limits.push(limit.toISOString());
        return 5;
      },
      removeAuditBefore: async (limit, mayGoOn) => {
        limits.push(limit.toISOString());
        let entries = 0;
        for (; mayGoOn(); now += 200) entries += 100;
        return { entries, isComplete: false };
      },
    },
  );
  expect(limits).toEqual([
    "2025-11-24T03:30:00.000Z",
    "2026-11-17T03:30:00.000Z",
    "2025-11-24T03:30:00.000Z",
  ]);
  expect(done).toMatchObject({ cycles: 3, metrics: 5, auditEntries: 300, isComplete: false });
});
