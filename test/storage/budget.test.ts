// One bucket for several instances, against Azurite: what one spends and each pause is the others' as well.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Azurite, startAzurite } from "../../infra/local/azurite.ts";
import { GRAPH_WRITES, NO_QUOTA } from "../../src/rules/budget.ts";
import { createSharedBudget } from "../../src/storage/budget.ts";
import { createBudgetRow } from "../../src/storage/budget-row.ts";
import { createQuarantineStore } from "../../src/storage/quarantine.ts";
import type { StorageAccount } from "../../src/storage/tables.ts";

let azurite: Azurite;
let account: StorageAccount;

beforeAll(async () => {
  azurite = await startAzurite({
    directory: await mkdtemp(join(tmpdir(), "azurite-")),
    inMemory: true,
  });
  account = { kind: "connectionString", connectionString: azurite.connectionString };
});
afterAll(() => azurite.close());

const START = Date.parse("2026-11-24T08:00:00Z");
const ACCEPTED = { isWrite: true, status: 204, percentage: null, retryAfterMs: null };

// Instances with a clock that stands still until it is moved, and one row of their own.
function instances(target: string, quota = GRAPH_WRITES) {
  const clock = { now: START };
  const now = () => new Date(clock.now);
  const row = createBudgetRow(account, target);
  const instance = () => createSharedBudget({ row, quota, now });
  const stored = async () => (await row.read(quota))?.budget ?? null;
  // A second is over: whoever is used now exchanges what it knows.
  const nextSecond = async (budget: ReturnType<typeof instance>) => {
    await setTimeout(0); // the exchange before is over
    clock.now += 1000;
    await budget.pausedUntil();
  };
  return { clock, now, instance, stored, nextSecond };
}

describe("a shared bucket", () => {
  it("holds what all instances have spent, each of them once", async () => {
    const { instance, stored, nextSecond } = instances("spent");
    const all = [instance(), instance(), instance()];
    for (const budget of all) await budget.pausedUntil();
    for (const budget of all) for (let count = 0; count < 900; count += 1) budget.sent(1);
    expect(all[0]?.waitMs({ at: START, writes: 1 })).toBe(0);
    // All at once: whoever is overtaken reads again.
    await Promise.all(all.map(nextSecond));
    await vi.waitFor(async () => expect((await stored())?.level).toBe(300), 5000);
    for (const budget of all) await nextSecond(budget);
    const later = START + 6000;
    expect(all.map((budget) => budget.waitMs({ at: later, writes: 1 }) > 0)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it("is exchanged once a second at most, however much is counted", async () => {
    const { instance } = instances("seldom");
    const budget = instance();
    await budget.pausedUntil();
    for (let count = 0; count < 50; count += 1) {
      budget.sent(1);
      budget.answered(ACCEPTED);
      budget.waitMs({ at: 0, writes: 1 });
    }
    await setTimeout(100);
    // The clock stands still: nothing of it was told.
    expect((await instances("seldom").stored())?.level ?? null).toBeNull();
  });

  it("keeps its writes while reads use up their own limit, which the answers to writes show as well", async () => {
    const { instance, stored, nextSecond } = instances("units");
    const budget = instance();
    await budget.pausedUntil();
    budget.answered({ ...ACCEPTED, isWrite: false, status: 200, percentage: 0.97 });
    budget.sent(1);
    budget.answered({ ...ACCEPTED, percentage: 0.97 });
    await nextSecond(budget);
    await vi.waitFor(async () => expect((await stored())?.level).toBeGreaterThan(2900), 5000);
  });

  it("is paused for all by one 429, at once and with half the rate, whatever else is told", async () => {
    const { clock, instance, stored, nextSecond } = instances("refused");
    const [first, second] = [instance(), instance()];
    await Promise.all([first.pausedUntil(), second.pausedUntil()]);
    first.answered({ ...ACCEPTED, status: 429, retryAfterMs: 30_000 });
    await vi.waitFor(async () => expect((await stored())?.perSecond).toBe(10), 5000);
    second.sent(1);
    await nextSecond(second);
    expect(await second.pausedUntil()).toEqual(new Date(START + 30_000));
    expect(second.waitMs({ at: 0, writes: 1 })).toBe(29_000);
    clock.now = START + 30_000;
    expect(await second.pausedUntil()).toBeNull();
  });

  it("goes on by its own count while the row cannot be reached, and tells it later", async () => {
    const { clock, now } = instances("away");
    const row = createBudgetRow(account, "away");
    let isAway = true;
    const reached = <T>(work: () => Promise<T>): Promise<T> =>
      isAway ? Promise.reject(new Error("away")) : work();
    const budget = createSharedBudget({
      row: {
        read: (quota) => reached(() => row.read(quota)),
        save: (one, version) => reached(() => row.save(one, version)),
      },
      quota: GRAPH_WRITES,
      now,
    });
    await budget.pausedUntil();
    // Nobody was heard: not the whole burst, but what comes back.
    expect(budget.waitMs({ at: START, writes: 1 })).toBe(50);
    budget.sent(40);
    expect(budget.waitMs({ at: START, writes: 1 })).toBe(250);
    isAway = false;
    clock.now += 1000;
    await budget.pausedUntil();
    await vi.waitFor(async () => {
      expect((await row.read(GRAPH_WRITES))?.budget.level).toBe(2960);
    }, 5000);
  });
});

describe("a pause in the quarantine", () => {
  it("is seen by the other instances within a second, for either system", async () => {
    for (const [system, quota] of [
      ["drupal", NO_QUOTA],
      ["entra", GRAPH_WRITES],
    ] as const) {
      const { clock, now, instance } = instances(`pause-${system}`, quota);
      const credentials = { drupal: "pause", entra: "pause", storage: "" };
      const [first, second] = [0, 1].map(() =>
        createQuarantineStore({ account, credentials, now, pauses: { [system]: instance() } }),
      );
      expect(await second?.closedUntil(system)).toBeNull();
      first?.pause(system, new Date(START + 60_000));
      expect(await first?.closedUntil(system)).toEqual(new Date(START + 60_000));
      const row = createBudgetRow(account, `pause-${system}`);
      await vi.waitFor(async () => expect(await row.read(quota)).not.toBeNull(), 5000);
      clock.now += 1000;
      expect(await second?.closedUntil(system)).toEqual(new Date(START + 60_000));
      clock.now = START + 60_000;
      expect(await second?.closedUntil(system)).toBeNull();
    }
  });
});
