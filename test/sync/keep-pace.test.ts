// Workers that wait for their turn, on a virtual clock.
import { expect, it } from "vitest";
import type { Taken } from "../../src/rules/budget.ts";
import { createPace, type PacedTarget } from "../../src/sync/keep-pace.ts";
import { Scheduler } from "../simulation/scheduler.ts";

type Wait = (last: Taken, now: number) => number;

const never: Wait = () => 0;

function paceOf(entra: Wait, drupal = never) {
  const scheduler = new Scheduler(0, () => undefined);
  const paced = (wait: Wait): PacedTarget => ({ waitMs: (last) => wait(last, scheduler.now) });
  const pace = createPace(
    { drupal: paced(drupal), entra: paced(entra) },
    { now: () => new Date(scheduler.now), sleep: (ms) => scheduler.sleep(ms) },
  );
  const ended: [boolean, number][] = [];
  const ask = async (atMostMs: number, writes = 1) => {
    ended.push([await pace.ready(atMostMs, { drupal: 1, entra: writes }), scheduler.now]);
  };
  return { scheduler, ask, ended };
}

const each =
  (ms: number): Wait =>
  ({ at, writes }, now) =>
    Math.max(0, at + ms * writes - now);

it("goes on at once while there is plenty", async () => {
  const { scheduler, ask, ended } = paceOf(() => 0);
  for (let worker = 0; worker < 3; worker += 1) void ask(100);
  await scheduler.run(100);
  expect(ended).toEqual(Array(3).fill([true, 0]));
});

it("lets workers who wait go one after another", async () => {
  const { scheduler, ask, ended } = paceOf(never, each(50));
  for (let worker = 0; worker < 4; worker += 1) void ask(1000);
  await scheduler.run(100);
  expect(ended.map(([isReady, at]) => (isReady ? at : null))).toEqual([50, 100, 150, 200]);
});

it("makes who comes next wait for what the one before them costs", async () => {
  const { scheduler, ask } = paceOf(each(50));
  const ended: string[] = [];
  const work = async (name: string, writes: number) => {
    for (let turn = 0; turn < 3; turn += 1) {
      await ask(10_000, writes);
      ended.push(`${name} ${scheduler.now}`);
      await scheduler.sleep(1);
    }
  };
  void work("writes", 1);
  void work("links", 0.1);
  await scheduler.run(100);
  expect(ended).toEqual([
    "writes 50",
    "links 100",
    "writes 105",
    "links 155",
    "writes 160",
    "links 210",
  ]);
});

it("lets who writes nothing go on beside who writes, and hinders neither", async () => {
  const { scheduler, ask } = paceOf(each(50));
  const ended: string[] = [];
  const work = async (name: string, writes: number) => {
    for (let turn = 0; turn < 3; turn += 1) {
      await ask(10_000, writes);
      ended.push(`${name} ${scheduler.now}`);
      await scheduler.sleep(30);
    }
  };
  void work("writes", 1);
  void work("only links", 0.01);
  await scheduler.run(100);
  expect(ended.filter((one) => one.startsWith("only"))).toEqual([
    "only links 0",
    "only links 30",
    "only links 60",
  ]);
  expect(ended.filter((one) => one.startsWith("writes"))).toEqual([
    "writes 50",
    "writes 100",
    "writes 150",
  ]);
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
  const { scheduler, ask, ended } = paceOf((_last, now) => (now < 2500 ? 60_000 : 0));
  void ask(10_000);
  await scheduler.run(100);
  expect(ended).toEqual([[true, 3000]]);
});
