// What one instance with a wrong clock leaves in the shared row.
import { describe, expect, it } from "vitest";
import { type Budget, fullBudget, GRAPH_WRITES, type Quota } from "../../src/rules/budget.ts";
import { createSharedBudget } from "../../src/storage/budget.ts";

const DAY_MS = 86_400_000;

describe("a row that an instance with a wrong clock wrote", () => {
  it("pauses nobody for longer than a pause may last", async () => {
    const now = Date.parse("2026-11-25T03:00:00Z");
    const wrong: Budget = {
      ...fullBudget(GRAPH_WRITES, now + 365 * DAY_MS),
      level: 0,
      pausedUntil: now + 365 * DAY_MS + 3_600_000,
    };
    const budget = createSharedBudget({
      row: {
        read: async (_quota: Quota) => ({ budget: wrong, version: "1" }),
        save: async () => undefined,
      },
      quota: GRAPH_WRITES,
      now: () => new Date(now),
    });
    const until = await budget.pausedUntil();
    expect(until === null || until.getTime() - now <= 3_600_000).toBe(true);
    // Nor is the bucket empty for a year.
    expect(budget.waitMs({ at: 0, writes: 1 })).toBeLessThanOrEqual(3_600_000);
  });
});
