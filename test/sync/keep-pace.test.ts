// Workers that wait for their turn, on a virtual clock.
import { expect, it } from "vitest";
import { createPace, type PacedTarget } from "../../src/sync/keep-pace.ts";
import { Scheduler } from "../simulation/scheduler.ts";

function paceOf(...targets: readonly ((lastTakenAt: number, now: number) => number)[]) {
  const scheduler = new Scheduler(0, () => undefined);
  const paced = targets.map(
    (waitMs): PacedTarget => ({ waitMs: (lastTakenAt) => waitMs(lastTakenAt, scheduler.now) }),
  );
  const pace = createPace(paced, {
    now: () => new Date(scheduler.now),
    sleep: (ms) => scheduler.sleep(ms),
  });
  const ended: [boolean, number][] = [];
  const ask = async (atMostMs: number) => {
    ended.push([await pace.ready(atMostMs), scheduler.now]);
  };
  return { scheduler, ask, ended };
}

const each = (ms: number) => (lastTakenAt: number, now: number) =>
  Math.max(0, lastTakenAt + ms - now);

it("goes on at once while there is plenty", async () => {
  const { scheduler, ask, ended } = paceOf(() => 0);
  for (let worker = 0; worker < 3; worker += 1) void ask(100);
  await scheduler.run(100);
  expect(ended).toEqual(Array(3).fill([true, 0]));
});

it("lets workers who wait go one after another", async () => {
  const { scheduler, ask, ended } = paceOf(each(50), () => 0);
  for (let worker = 0; worker < 4; worker += 1) void ask(1000);
  await scheduler.run(100);
  expect(ended.map(([isReady, at]) => (isReady ? at : null))).toEqual([50, 100, 150, 200]);
});

it("answers no when the time is up, and not later", async () => {
  const { scheduler, ask, ended } = paceOf(each(50));
  for (let worker = 0; worker < 4; worker += 1) void ask(120);
  await scheduler.run(100);
  expect(ended).toEqual([
    [true, 50],
    [true, 100],
    [false, 120],
    [false, 120],
  ]);
});

it("looks again each second: a pause that another instance ended, or made, is seen", async () => {
  const { scheduler, ask, ended } = paceOf((_lastTakenAt, now) => (now < 2500 ? 60_000 : 0));
  void ask(10_000);
  await scheduler.run(100);
  expect(ended).toEqual([[true, 3000]]);
});
