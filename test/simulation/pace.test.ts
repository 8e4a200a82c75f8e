// How close to its quota a cycle writes: the real limiter against the simulator's own throttle, on a virtual clock.
import { expect, test } from "vitest";
import { createTenant } from "../../infra/local/graph/tenant.ts";
import { createThrottle } from "../../infra/local/graph/throttle.ts";
import { type Budget, GRAPH_WRITES } from "../../src/rules/budget.ts";
import type { CycleUser } from "../../src/rules/cycle.ts";
import { ConcurrencyError } from "../../src/rules/errors.ts";
import { type BudgetRow, createSharedBudget } from "../../src/storage/budget.ts";
import { createExpectedWrites, type ExpectedWrites } from "../../src/sync/expected-writes.ts";
import { createPace } from "../../src/sync/keep-pace.ts";
import { Scheduler } from "../simulation/scheduler.ts";

const START = Date.UTC(2026, 0, 1);
const ROW_MS = 10;
const READS_MS = 150;
const WRITE_MS = 150;

interface Load {
  readonly users: number;
  readonly instances: number;
  readonly workers: number;
  /** Writes for each user. */
  readonly writes?: number;
  /** So many of the users are there already and cost no write: they come first, or every other one. */
  readonly linked?: { readonly users: number; readonly order: "first" | "alternately" };
  /** A second cycle, beside each: its users cost no write. */
  readonly isAccompanied?: boolean;
  /** Someone edits a user each so many milliseconds, and waits for it. */
  readonly interactiveEveryMs?: number;
  /** A stranger with the same app writes each so many milliseconds, and tells nobody. */
  readonly foreignEveryMs?: number;
}

const none = () => 0;

const served = (writes: number): CycleUser => ({
  drupalUuid: null,
  entraObjectId: null,
  displayName: null,
  outcome: writes > 0 ? "written" : "inSync",
  reason: { code: "", message: "" },
  steps: Array.from({ length: writes }, () => ({
    operation: "create",
    system: "entra",
    resource: "user",
    changes: [],
    status: "success",
    reason: { code: "", message: "" },
  })),
  plan: null,
});

async function play(load: Load) {
  const { users, instances, workers, writes = 1, interactiveEveryMs, foreignEveryMs } = load;
  const { linked, isAccompanied = false } = load;
  const writesOf = (user: number): number => {
    if (linked === undefined) return writes;
    const isLinked = linked.order === "first" ? user < linked.users : user % 2 === 0;
    return isLinked ? 0 : writes;
  };
  const scheduler = new Scheduler(START, () => undefined);
  const now = () => new Date(scheduler.now);
  const sleep = (ms: number) => scheduler.sleep(ms);
  const clock = { now: () => scheduler.now, set: () => undefined, scale: () => 1 };
  const throttle = createThrottle({ ...createTenant(), clock });

  let stored: { budget: Budget; version: string } | null = null;
  const row: BudgetRow = {
    read: async () => {
      await sleep(ROW_MS);
      return stored;
    },
    save: async (budget, version) => {
      await sleep(ROW_MS);
      if ((stored?.version ?? null) !== version)
        throw new ConcurrencyError("overtaken", { system: "storage", code: "rowChanged" });
      stored = { budget, version: String(Number(version ?? 0) + 1) };
    },
  };

  let left = users;
  let refused = 0;
  let endedAt = START;
  const write = async (budget: ReturnType<typeof createSharedBudget>) => {
    budget.sent(1);
    const answer = { isWrite: true, status: 204, percentage: null, retryAfterMs: null };
    try {
      const headers = throttle.take({ units: 1, writes: 1 });
      const shown = headers["x-ms-throttle-limit-percentage"];
      await sleep(WRITE_MS);
      budget.answered({ ...answer, percentage: shown === undefined ? null : Number(shown) });
    } catch {
      refused += 1;
      await sleep(WRITE_MS);
      budget.answered({ ...answer, status: 429, retryAfterMs: 1000 });
    }
  };
  const meanwhile = async (everyMs: number, act: () => Promise<void>) => {
    while (left > 0) {
      await sleep(everyMs);
      await act();
    }
  };
  if (foreignEveryMs !== undefined)
    void meanwhile(foreignEveryMs, async () => void throttle.take({ units: 1, writes: 1 }));
  for (let instance = 0; instance < instances; instance += 1) {
    const budget = createSharedBudget({ row, quota: GRAPH_WRITES, now });
    const pace = createPace({ drupal: { waitMs: () => 0 }, entra: budget }, { now, sleep });
    const work = async (expected: ExpectedWrites, costOf: (user: number) => number) => {
      while (left > 0) {
        if (!(await pace.ready(10_000, expected.perUser))) continue;
        const cost = costOf(users - left);
        // One of the cycle beside it is nobody of ours.
        if (costOf !== none) left -= 1;
        await sleep(READS_MS);
        for (let count = 0; count < cost; count += 1) await write(budget);
        expected.learn(served(cost));
        if (cost > 0) endedAt = Math.max(endedAt, scheduler.now);
      }
    };
    const expected = createExpectedWrites();
    const beside = createExpectedWrites();
    for (let worker = 0; worker < workers; worker += 1) {
      void work(expected, writesOf);
      if (isAccompanied) void work(beside, none);
    }

    if (instance === 0 && interactiveEveryMs !== undefined)
      void meanwhile(interactiveEveryMs, () => write(budget));
  }
  await scheduler.run(1_000_000);
  return { seconds: (endedAt - START) / 1000, refused };
}

// What the quota itself asks for: the burst costs no time, and the rest comes back at 20 a second.
const quotaSeconds = (writes: number): number => (writes - 3000) / 20;

test.each([
  { users: 5000, instances: 1, workers: 24 },
  { users: 10_000, instances: 1, workers: 24 },
  { users: 5000, instances: 1, workers: 24, writes: 2 },
  { users: 10_000, instances: 1, workers: 24, linked: { users: 5000, order: "alternately" } },
  { users: 5000, instances: 1, workers: 24, isAccompanied: true },
  { users: 5000, instances: 2, workers: 16 },
  { users: 10_000, instances: 2, workers: 24 },
] as const)("within 5 percent of the quota's own time, and never refused: %j", async (load) => {
  const { seconds, refused } = await play(load);
  const written = load.users - (load.linked?.users ?? 0);
  const ratio = seconds / quotaSeconds(written * (load.writes ?? 1));
  expect(refused).toBe(0);
  expect(ratio).toBeLessThan(1.05);
});

// The bucket is full while users are linked, and empties in a burst when the others come.
test("is not refused when those who cost a write come after those who do not", async () => {
  const linked = { users: 4000, order: "first" } as const;
  const { refused } = await play({ users: 9000, instances: 1, workers: 16, linked });
  expect(refused).toBe(0);
});

test.each([
  { users: 5000, instances: 2, workers: 24 },
  { users: 5000, instances: 5, workers: 24 },
  { users: 5000, instances: 1, workers: 64 },
  { users: 10_000, instances: 2, workers: 16, foreignEveryMs: 200 },
])("slower than that, and never refused: %j", async (load) => {
  const { seconds, refused } = await play(load);
  expect(refused).toBe(0);
  const shared = load.foreignEveryMs === undefined ? 1 : 20 / 15;
  expect(seconds / quotaSeconds(load.users)).toBeLessThan(1.2 * shared);
});

test("those whom somebody waits for write meanwhile, and are never refused", async () => {
  const load = { users: 5000, instances: 2, workers: 16, interactiveEveryMs: 250 };
  expect((await play(load)).refused).toBe(0);
});
