// The bucket of one target: what it can hold, how a refusal slows it, when a cycle waits.
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  aboutWrites,
  type Budget,
  type BudgetEvent,
  cycleRate,
  fullBudget,
  GRAPH_WRITES,
  NO_QUOTA,
  noted,
  type QuotaAnswer,
  refilled,
  reserveBeside,
  unknownBudget,
  waitMs,
} from "../../src/rules/budget.ts";

const START = Date.UTC(2026, 0, 1);
const at = (seconds: number): number => START + seconds * 1000;
const one = (takenAt: number) => ({ at: takenAt, writes: 1 });
const full = fullBudget(GRAPH_WRITES, START);
const holding = (level: number): Budget => ({ ...full, level });

const answered = (changes: Partial<QuotaAnswer> = {}, seconds = 0): BudgetEvent => ({
  kind: "answered",
  answer: { isWrite: true, status: 204, percentage: null, retryAfterMs: null, ...changes },
  at: at(seconds),
});
const sent = (writes: number, seconds = 0): BudgetEvent => ({
  kind: "sent",
  writes,
  at: at(seconds),
});
const happened = (events: readonly BudgetEvent[], start: Budget = full) =>
  events.reduce(noted, start);

describe("the level", () => {
  it("falls by what is sent and comes back at the quota's rate, up to its capacity", () => {
    const spent = happened([sent(3000)]);
    expect(spent.level).toBe(0);
    expect(refilled(spent, at(30)).level).toBe(600);
    expect(refilled(spent, at(1000)).level).toBe(3000);
    expect(refilled(spent, at(-30))).toBe(spent);
  });

  it("is at most what the target says is left, whoever used the rest, to half of the hundredths that it shows", () => {
    expect(happened([answered({ percentage: 0.9 })]).level).toBeCloseTo(315);
    expect(happened([answered({ percentage: 0.9 })], holding(100)).level).toBe(100);
    expect(happened([answered({ percentage: 1.2 })]).level).toBeCloseTo(-585);
  });

  it("does not move by what is of the units: a write shows the fuller of two limits, and reads show which", () => {
    const write = { isWrite: true, status: 201, retryAfterMs: null };
    const shown = (percentage: number | null, read: number | null, readAgo = 1) =>
      aboutWrites({ ...write, percentage }, { percentage: read, at: at(10 - readAgo) }, at(10))
        .percentage;
    expect(shown(0.93, 0.92)).toBe(null);
    expect(shown(0.93, 1.1)).toBe(null);
    expect(shown(0.93, 0.85)).toBe(0.93);
    expect(shown(0.93, null)).toBe(0.93);
    expect(shown(0.82, null)).toBe(null);
    expect(shown(0.82, null, 3)).toBe(0.82);
    expect(shown(0.93, 0.92, 3)).toBe(0.93);
    expect(shown(null, 0.92)).toBe(null);
    const answer = { ...write, percentage: 0.93 };
    expect(aboutWrites(answer, null, at(10))).toBe(answer);
  });

  it("of an answer that is told late has been refilled since", () => {
    expect(happened([answered({ percentage: 0.9 })], { ...full, at: at(10) }).level).toBeCloseTo(
      515,
    );
  });

  it("of writes does not move by what reads say: they cost units, which are back within 10 seconds", () => {
    const read = happened([answered({ isWrite: false, percentage: 1 })]);
    expect([read.level, read.calmUntil]).toEqual([3000, at(2)]);
    expect([waitMs(read, one(0), at(0)), waitMs(read, one(0), at(2))]).toEqual([2000, 0]);
  });
});

describe("a refusal", () => {
  test.each([
    ["429 with Retry-After", { status: 429, retryAfterMs: 7000 }, 7, 10],
    ["429 without", { status: 429 }, 1, 10],
    ["503 with Retry-After", { status: 503, retryAfterMs: 7000 }, 7, 10],
    ["503 without", { status: 503 }, null, 20],
    [
      "429 with a date far off, by a clock that is wrong",
      { status: 429, retryAfterMs: 1e12 },
      3600,
      10,
    ],
  ])("%s", (_what, answer, pausedSeconds, perSecond) => {
    const budget = happened([answered(answer)]);
    expect(budget.pausedUntil).toBe(pausedSeconds === null ? 0 : at(pausedSeconds));
    expect(budget.perSecond).toBe(perSecond);
  });

  it("of many requests under way halves the rate once, and the longest wish counts", () => {
    const many = Array.from({ length: 16 }, (_, index) =>
      answered({ status: 429, retryAfterMs: 2000 + index }, 0.1),
    );
    expect(happened(many)).toMatchObject({ perSecond: 10, refusals: 1, pausedUntil: at(2.115) });
  });

  it("again and again without a wish waits twice as long each time, up to a minute, and never stops for good", () => {
    let budget = full;
    const pauses: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      const time = Math.max(START, budget.pausedUntil);
      budget = noted(budget, { ...answered({ status: 429 }), at: time });
      pauses.push((budget.pausedUntil - time) / 1000);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(budget.perSecond).toBe(1);
  });

  it("leaves one write in the bucket when its pause ends", () => {
    const budget = happened([sent(1), answered({ status: 429, retryAfterMs: 9000 })]);
    expect(refilled(budget, budget.pausedUntil).level).toBeCloseTo(1);
  });

  it("is made good by one write a second for each 20 that are accepted, up to the quota", () => {
    const slow = happened([answered({ status: 429, retryAfterMs: 1000 })]);
    const accepted = (count: number) => Array.from({ length: count }, () => answered({}, 2));
    const rates = [19, 20, 199, 200, 400].map((count) => happened(accepted(count), slow).perSecond);
    expect(rates).toEqual([10, 11, 19, 20, 20]);
    expect(happened(accepted(1), slow).refusals).toBe(0);
  });

  it("is not made good by what was sent before it", () => {
    const late = [answered({ status: 429, retryAfterMs: 5000 }), answered({}, 1)];
    expect(happened(late)).toMatchObject({ successes: 0, refusals: 1 });
  });
});

describe("a cycle's worker", () => {
  test.each([
    [3000, Number.POSITIVE_INFINITY],
    [601, Number.POSITIVE_INFINITY],
    [600, 130],
    [150, 40],
    [50, 20],
    [25, 10],
    [0, 0],
    [-100, 0],
  ])("with %i writes left takes %d users a second", (level, rate) => {
    expect(cycleRate(holding(level))).toBeCloseTo(rate);
  });

  it("waits for its turn, for the end of a pause, or for the first write to come back", () => {
    expect(waitMs(full, one(at(0)), at(0))).toBe(0);
    expect(waitMs(holding(50), one(at(0)), at(0))).toBe(50);
    expect(waitMs(holding(50), one(at(-1)), at(0))).toBe(0);
    expect(waitMs(holding(50), { at: at(0), writes: 0.5 }, at(0))).toBe(25);
    expect(waitMs(holding(-39), { at: 0, writes: 0 }, at(0))).toBe(2000);
    expect(waitMs(holding(-39), one(0), at(0))).toBe(2000);
    expect(waitMs(happened([{ kind: "paused", until: at(9), at: at(0) }]), one(0), at(0))).toBe(
      9000,
    );
  });

  it("leaves little in the bucket where nobody else is heard, and more the more they write", () => {
    const left = [0, 2, 5, 100].map((others) => reserveBeside(GRAPH_WRITES, others));
    expect(left).toEqual([15, 25, 40, 50]);
    expect(reserveBeside(NO_QUOTA, 7)).toBe(0);
  });

  it("goes slowly until others are heard, and as it likes where there is no quota", () => {
    expect(cycleRate(unknownBudget(GRAPH_WRITES, START))).toBe(20);
    expect(waitMs(fullBudget(NO_QUOTA, START), one(at(0)), at(0))).toBe(0);
  });
});

const time = fc.integer({ min: -10_000, max: 400_000 }).map((ms) => START + ms);
const event: fc.Arbitrary<BudgetEvent> = fc.oneof(
  fc.record({ kind: fc.constant("sent" as const), writes: fc.nat(200), at: time }),
  fc.record({ kind: fc.constant("paused" as const), until: time, at: time }),
  fc.record({
    kind: fc.constant("answered" as const),
    answer: fc.record({
      isWrite: fc.boolean(),
      status: fc.constantFrom(200, 204, 400, 429, 500, 503),
      percentage: fc.option(fc.double({ min: 0, max: 1.8, noNaN: true })),
      retryAfterMs: fc.option(fc.nat(200_000)),
    }),
    at: time,
  }),
);

test("whatever happens, and in whatever order it is told, the bucket keeps within its bounds", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), time, time, (events, lastTakenAt, now) => {
      const budget = happened(events);
      expect(budget.level).toBeLessThanOrEqual(3000);
      expect(budget.level).toBeGreaterThanOrEqual(-2400);
      expect(budget.perSecond).toBeLessThanOrEqual(20);
      expect(budget.perSecond).toBeGreaterThanOrEqual(1);
      const wait = waitMs(budget, one(lastTakenAt), now);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(wait)).toBe(true);
    }),
  );
});

test("what is sent never makes a cycle faster, and waiting long enough always lets it go on", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), fc.nat(500), time, (events, writes, now) => {
      const budget = refilled(happened(events), now);
      const more = noted(budget, { kind: "sent", writes, at: now });
      expect(cycleRate(more)).toBeLessThanOrEqual(cycleRate(budget));
      expect(waitMs(more, one(START), now + 3 * 3_600_000)).toBe(0);
    }),
  );
});
