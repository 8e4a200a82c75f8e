// Retention keeps up with what two schedules make in a day, and deletes nothing that the feeds build upon.
import { expect, it } from "vitest";
import { type Cycle, newCycle } from "../../src/rules/cycle.ts";
import { newJob } from "../../src/rules/job.ts";
import { applyRetention } from "../../src/sync/apply-retention.ts";
import { removeCycles } from "../../src/sync/remove-cycles.ts";

const DAY_MS = 86_400_000;
const PER_DAY = 2 * 288; // both directions, each five minutes, as local.settings.sample.json says

it("deletes as many cycles a day as the schedules make, but not those that are still needed", async () => {
  let now = Date.parse("2026-11-24T03:30:00Z");
  const store: Cycle[] = [];
  const order = {
    direction: "drupalToEntra",
    kind: "incremental",
    isDryRun: false,
    canary: null,
    actor: null,
  } as const;
  const live = (): void => {
    for (let at = 0; at < PER_DAY; at += 1) {
      const cycle = newCycle({ ...order, id: `${now}-${at}` }, new Date(now + at));
      store.unshift({ ...cycle, status: "complete" });
    }
    now += DAY_MS;
  };
  const cycles = {
    createdBefore: async (moment: Date, limit: number) =>
      store.filter(({ createdAt }) => Date.parse(createdAt) < moment.getTime()).slice(0, limit),
    remove: async (id: string) => {
      store.splice(
        store.findIndex((cycle) => cycle.id === id),
        1,
      );
    },
  };
  const waiting = { kind: "approval", plan: "p" } as const;
  live();
  const [kept] = store;
  const held: Cycle = { ...newCycle({ ...order, id: "held" }, new Date(0)) };
  store.push({ ...held, status: "waiting", waitsFor: waiting });
  const listing = { cycleId: kept?.id ?? "", users: 1, at: "" };
  const jobs = {
    get: async (direction: "drupalToEntra" | "entraToDrupal") => ({
      job: { ...newJob(direction), listing },
      version: null,
    }),
  };
  const ports = { cycles, listings: { remove: async () => undefined }, jobs };
  for (let day = 0; day < 10; day += 1) {
    live();
    await applyRetention(
      { days: 2, metricsDays: 7, budgetMs: 240_000 },
      {
        now: () => new Date(now),
        removeCyclesBefore: (limit, mayGoOn) => removeCycles(limit, ports, mayGoOn),
        removeMetricsBefore: async () => 0,
        removeAuditBefore: async () => ({ entries: 0, isComplete: true }),
      },
    );
  }
  expect(store.length).toBe(2 * PER_DAY + 2);
  expect(store).toContainEqual(expect.objectContaining({ id: "held" }));
  expect(store).toContainEqual(kept);
});
