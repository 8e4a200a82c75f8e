// How close to its quota a cycle writes: the real limiter against the simulator's own throttle, on a virtual clock.
import { expect, test } from "vitest";
import { createTenant } from "../../infra/local/graph/tenant.ts";
import { createThrottle } from "../../infra/local/graph/throttle.ts";
import { type Budget, GRAPH_WRITES } from "../../src/rules/budget.ts";
import { ConcurrencyError } from "../../src/rules/errors.ts";
import { type BudgetRow, createSharedBudget } from "../../src/storage/budget.ts";
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
  /** Someone edits a user each so many milliseconds, and waits for it. */
  readonly interactiveEveryMs?: number;
  /** A stranger with the same app writes each so many milliseconds, and tells nobody. */
  readonly foreignEveryMs?: number;
}

async function play(load: Load) {
  const { users, instances, workers, writes = 1, interactiveEveryMs, foreignEveryMs } = load;
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
    const pace = createPace([budget], { now, sleep });
    const work = async () => {
      while (left > 0) {
        if (!(await pace.ready(10_000))) continue;
        left -= 1;
        await sleep(READS_MS);
        for (let count = 0; count < writes; count += 1) await write(budget);
        endedAt = Math.max(endedAt, scheduler.now);
      }
    };
    for (let worker = 0; worker < workers; worker += 1) void work();
    if (instance === 0 && interactiveEveryMs !== undefined)
      void meanwhile(interactiveEveryMs, () => write(budget));
  }
  await scheduler.run(1_000_000);
  return { seconds: (endedAt - START) / 1000, refused };
}

// What the quota itself asks for: the burst costs no time, and the rest comes back at 20 a second.
const quotaSeconds = (writes: number): number => (writes - 3000) / 20;

test.each([
  { users: 5000, instances: 1, workers: 16 },
  { users: 7000, instances: 1, workers: 16 },
  { users: 10_000, instances: 1, workers: 16 },
  { users: 5000, instances: 1, workers: 16, writes: 2 },
  { users: 5000, instances: 2, workers: 16 },
  { users: 10_000, instances: 2, workers: 16 },
])("within 5 percent of the quota's own time, and never refused: %j", async (load) => {
  const { seconds, refused } = await play(load);
  const ratio = seconds / quotaSeconds(load.users * (load.writes ?? 1));
  expect(refused).toBe(0);
  expect(ratio).toBeLessThan(1.05);
});

test.each([
  { users: 5000, instances: 5, workers: 16 },
  { users: 5000, instances: 1, workers: 64 },
  { users: 10_000, instances: 2, workers: 16, foreignEveryMs: 200 },
])("slower than that, and never refused: %j", async (load) => {
  const { seconds, refused } = await play(load);
  expect(refused).toBe(0);
  const shared = load.foreignEveryMs === undefined ? 1 : 20 / 15;
  expect(seconds / quotaSeconds(load.users)).toBeLessThan(1.15 * shared);
});

test("those whom somebody waits for write meanwhile, and are never refused", async () => {
  const load = { users: 5000, instances: 2, workers: 16, interactiveEveryMs: 250 };
  expect((await play(load)).refused).toBe(0);
});
