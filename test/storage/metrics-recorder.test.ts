// What one instance counts: saved seldom, never lost while it lives, and never written over by less.
import { expect, it } from "vitest";
import type { Counted } from "../../src/rules/metrics.ts";
import type { InstanceCounts } from "../../src/storage/metrics.ts";
import { createMetricsRecorder } from "../../src/storage/metrics-recorder.ts";

const WRITTEN: Counted = { kind: "written", system: "drupal" };

function aRecorder() {
  let time = Date.parse("2026-11-24T08:00:00Z");
  let failing = false;
  let meanwhile: (() => void) | undefined;
  const saves: InstanceCounts[] = [];
  const timers: { readonly ms: number; readonly work: () => Promise<void> }[] = [];
  const recorder = createMetricsRecorder({
    store: {
      save: async (row) => {
        if (failing) throw new Error("storage is away");
        saves.push(row);
        meanwhile?.();
        meanwhile = undefined;
      },
    },
    instance: "one",
    now: () => new Date(time),
    later: (ms, work) => timers.push({ ms, work }),
  });
  return {
    recorder,
    timers,
    note: () => recorder.note(WRITTEN),
    at: (text: string) => {
      time = Date.parse(text);
    },
    fail: (isFailing: boolean) => {
      failing = isFailing;
    },
    /** Does something during the next save. */
    duringSave: (work: () => void) => {
      meanwhile = work;
    },
    ring: async () => timers.shift()?.work(),
    instances: () => saves.map(({ instance }) => instance),
    /** Time of the bucket and its count, for each save. */
    saved: () =>
      saves.map(
        ({ at, counts }) => `${new Date(at).toISOString().slice(11, 16)} ${counts.writes.drupal}`,
      ),
  };
}

it("many events cost one save, 5 s after the first, and an idle instance none", async () => {
  const { recorder, note, timers, ring, saved } = aRecorder();
  for (let n = 0; n < 50; n += 1) note();
  expect(saved()).toEqual([]);
  expect(timers.map(({ ms }) => ms)).toEqual([5000]);
  expect(recorder.unsaved()).toMatchObject([{ counts: { writes: { drupal: 50 } } }]);
  await ring();
  expect(saved()).toEqual(["08:00 50"]);
  expect(recorder.unsaved()).toEqual([]);
  expect(timers).toEqual([]);
});

it("the row of a bucket is saved whole each time", async () => {
  const { note, ring, saved } = aRecorder();
  note();
  await ring();
  note();
  await ring();
  expect(saved()).toEqual(["08:00 1", "08:00 2"]);
});

it("what is counted while a save is under way is in the next", async () => {
  const { recorder, note, ring, saved, duringSave } = aRecorder();
  note();
  duringSave(note);
  await recorder.flush();
  expect(recorder.unsaved()).toMatchObject([{ counts: { writes: { drupal: 2 } } }]);
  await ring();
  expect(saved().at(-1)).toBe("08:00 2");
});

it("a save that failed is made up for, with what came since, also for the bucket that is over", async () => {
  const { note, ring, fail, at, saved, timers } = aRecorder();
  note();
  fail(true);
  await ring();
  expect(timers).toHaveLength(1);
  at("2026-11-24T08:15:00Z");
  note();
  fail(false);
  await ring();
  expect(saved()).toEqual(["08:00 1", "08:15 1"]);
});

it("a flush says when it failed, and loses nothing", async () => {
  const { recorder, note, fail, saved } = aRecorder();
  note();
  fail(true);
  await expect(recorder.flush()).rejects.toThrow("storage is away");
  fail(false);
  await recorder.flush();
  expect(saved()).toEqual(["08:00 1"]);
});

it("a clock that is set back begins no bucket anew that was saved and is over", async () => {
  const { note, ring, at, saved } = aRecorder();
  note();
  note();
  await ring();
  at("2026-11-24T08:15:00Z");
  note();
  await ring();
  at("2026-11-24T08:14:59Z");
  note();
  await ring();
  expect(saved()).toEqual(["08:00 2", "08:15 1", "08:15 2"]);
});

it("a clock that jumped ahead and was set right counts where it is, in a row that replaces none", async () => {
  const { recorder, note, ring, at, saved, instances } = aRecorder();
  note();
  note();
  await ring();
  at("2026-11-24T10:00:00Z");
  note();
  await ring();
  at("2026-11-24T08:05:00Z");
  note();
  expect(recorder.unsaved()).toMatchObject([{ at: Date.parse("2026-11-24T08:00:00Z") }]);
  await ring();
  at("2026-11-24T10:05:00Z");
  note();
  await ring();
  expect(saved()).toEqual(["08:00 2", "10:00 1", "08:00 1", "10:00 1"]);
  expect(instances()).toEqual(["one", "one", "one.1", "one.1"]);
});

it("a bucket to which the clock comes back before it was saved goes on", async () => {
  const { note, fail, ring, at, saved, instances } = aRecorder();
  fail(true);
  note();
  at("2026-11-24T10:00:00Z");
  note();
  at("2026-11-24T08:05:00Z");
  note();
  fail(false);
  await ring();
  expect(saved()).toEqual(["08:00 2", "10:00 1"]);
  expect(instances()).toEqual(["one", "one"]);
});

it("storage that is away for days costs the oldest buckets, not the memory", async () => {
  const { recorder, note, fail, at } = aRecorder();
  fail(true);
  for (let n = 0; n < 200; n += 1) {
    at(new Date(Date.parse("2026-11-24T08:00:00Z") + n * 900_000).toISOString());
    note();
  }
  expect(recorder.unsaved()).toHaveLength(96);
  expect(recorder.unsaved().at(-1)?.at).toBe(Date.parse("2026-11-24T08:00:00Z") + 199 * 900_000);
});
