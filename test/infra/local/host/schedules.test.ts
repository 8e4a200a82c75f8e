// NCRONTAB expressions and TimeSpans.

import { describe, expect, it } from "vitest";
import { parseTimeSpan } from "../../../../infra/local/host/time-span.ts";
import { parseTimerSchedule } from "../../../../infra/local/host/timer-schedule.ts";

const nextOf = (schedule: string, after: string): string =>
  parseTimerSchedule(schedule, "f").next(new Date(after)).toISOString().slice(0, 19);

describe("the next occurrence", () => {
  it.each([
    ["0 */5 * * * *", "2026-03-01T10:02:30Z", "2026-03-01T10:05:00"],
    ["*/5 * * * *", "2026-03-01T10:05:00Z", "2026-03-01T10:10:00"],
    ["30 0 9-17/4 * * 1-5", "2026-03-06T17:00:30Z", "2026-03-09T09:00:30"],
    ["0 5/20 * * * *", "2026-03-01T10:46:00Z", "2026-03-01T11:05:00"],
    ["0 0 0 * Jan,december SUN", "2026-02-01T00:00:00Z", "2026-12-06T00:00:00"],
    // Day of month and day of week: both must fit. The next Friday the 13th, not the next Friday.
    ["0 0 0 13 * 5", "2026-03-14T00:00:00Z", "2026-11-13T00:00:00"],
    ["0 0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00"],
    // UTC: no hour is missing or doubled when the clocks of a zone change.
    ["0 30 2 * * *", "2026-03-28T02:30:00Z", "2026-03-29T02:30:00"],
    ["00:45:00", "2026-03-01T10:02:30Z", "2026-03-01T10:47:30"],
  ])("of %s after %s is %s", (schedule, after, next) => {
    expect(nextOf(schedule, after)).toBe(next);
  });
});

it.each([
  ["* * * *", "neither 5 nor 6"],
  ["0 0 0 * * * *", "neither 5 nor 6"],
  ["0 0 0 * * 7", "within 0-6"],
  ["0 60 * * * *", "within 0-59"],
  ["0 0 0 0 * *", "within 1-31"],
  ["0 0 0 L * *", "within"],
  ["0 0 0 ? * *", "not valid"],
  ["0 0 0 1W * *", "within"],
  ["0 0 0 * * 1#2", "not valid"],
  ["@daily", "neither 5 nor 6"],
  ["0 */0 * * * *", "not valid"],
  ["0 0 22-6 * * *", "backwards"],
  ["0 0 0 31 2 *", "never occurs"],
  ["00:00:00", "not valid"],
  ["25:00:00", "not valid"],
])("the schedule %s is refused: %s", (schedule, why) => {
  expect(() => parseTimerSchedule(schedule, 'Function "f"')).toThrow(
    expect.objectContaining({ message: expect.stringMatching(`^Function "f".*${why}`) }),
  );
});

it.each([
  ["* * * * * *", false],
  ["*/30 * * * * *", false],
  ["0 * * * * *", true],
  ["*/30 * 5 * * *", true],
  ["00:00:30", false],
  ["00:01:00", true],
])("the schedule %s may keep a status: %s", (schedule, expected) => {
  expect(parseTimerSchedule(schedule, "f").canBeMonitored).toBe(expected);
});

it.each([
  ["00:00:00.250", 250],
  ["00:10", 600_000],
  ["1.02:03:04", 93_784_000],
  ["00:60:00", undefined],
  ["250", undefined],
])("the TimeSpan %s is %s ms", (text, expected) => {
  expect(parseTimeSpan(text)).toBe(expected);
});
