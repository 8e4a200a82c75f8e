// Retention keeps up with what two schedules make in a day, and deletes nothing that the feeds build upon.
import { expect, it } from "vitest";
import { type Cycle, newCycle } from "../../src/rules/cycle.ts";
import { type JobName, newJob } from "../../src/rules/job.ts";
import { applyRetention } from "../../src/sync/apply-retention.ts";
import { type RemovePorts, removeCycles } from "../../src/sync/remove-cycles.ts";

const DAY_MS = 86_400_000;
const PER_DAY = 2 * 288; // both directions, each five minutes, as local.settings.sample.json says

/** Newest first; a continuation is the time of the last one shown. */
const cyclesOf = (store: Cycle[]): RemovePorts["cycles"] => ({
  createdBefore: async (moment, limit, continuation) => {
    const before = continuation ?? moment.toISOString();
    const rest = store.filter(({ createdAt }) => createdAt < before);
    const shown = rest.slice(0, limit);
    return {
      cycles: shown,
      continuation: rest.length > limit ? (shown.at(-1)?.createdAt ?? null) : null,
    };
  },
  remove: async (id) => {
    const at = store.findIndex((cycle) => cycle.id === id);
    if (at >= 0) store.splice(at, 1);
  },
});

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
  const cycles = cyclesOf(store);
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

it("gets past more cycles that wait than stand on a page, and stops between pages when the time is up", async () => {
  const WAITING = 1200;
  const order = {
    direction: "drupalToEntra",
    kind: "initial",
    isDryRun: false,
    canary: null,
    actor: null,
  } as const;
  const old = newCycle({ ...order, id: "old" }, new Date(0));
  const store: Cycle[] = Array.from({ length: WAITING }, (_, at) => ({
    ...newCycle({ ...order, id: `waits-${at}` }, new Date(1000 * (WAITING - at))),
    status: "waiting",
    waitsFor: { kind: "approval", plan: "p" },
  }));
  store.push({ ...old, status: "complete" });
  let asked = 0;
  const cycles = cyclesOf(store);
  const ports = {
    cycles: {
      ...cycles,
      createdBefore: (...page: Parameters<typeof cycles.createdBefore>) => {
        asked += 1;
        return cycles.createdBefore(...page);
      },
    },
    listings: { remove: async () => undefined },
    jobs: {
      get: async (name: JobName) => ({ job: newJob(name), version: null }),
    },
  };
  expect(await removeCycles(new Date(), ports, () => false)).toBe(0);
  expect(asked).toBe(1);
  expect(await removeCycles(new Date(), ports, () => true)).toBe(1);
  expect(store).toHaveLength(WAITING);
});
