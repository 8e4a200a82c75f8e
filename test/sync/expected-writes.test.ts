// What a cycle's users are expected to cost, by what they have cost.
import { expect, it } from "vitest";
import type { CycleOutcome, CycleUser } from "../../src/rules/cycle.ts";
import type { Operation } from "../../src/rules/plan.ts";
import { createExpectedWrites } from "../../src/sync/expected-writes.ts";

const reason = { code: "", message: "" };
const user = (outcome: CycleOutcome, ...operations: Exclude<Operation, "none">[]): CycleUser => ({
  ...{ drupalUuid: null, entraObjectId: null, displayName: null, plan: null, outcome, reason },
  steps: operations.map((operation) => ({
    ...{ operation, reason, system: "entra", resource: "user", changes: [], status: "success" },
  })),
});

function costAfter(served: CycleUser, times = 100): number {
  const expected = createExpectedWrites();
  for (let time = 0; time < times; time += 1) expected.learn(served);
  return expected.perUser.entra;
}

it("expects a write of each user before it knows better", () => {
  expect(createExpectedWrites().perUser).toEqual({ drupal: 1, entra: 1 });
});

it.each([
  ["written, with one write", user("written", "create"), 1],
  ["written, with two", user("written", "update", "disable"), 2],
  ["only joined: that is written in our own books", user("written", "link"), 0],
  ["as last agreed", user("inSync"), 0],
  ["held: shown, and not written", user("held", "disable"), 0],
  ["planned", user("planned", "create"), 0],
] as const)("learns from users who are %s", (_name, served, cost) => {
  expect(costAfter(served)).toBeCloseTo(cost, 1);
});

it("learns nothing from who was not served", () => {
  expect(costAfter(user("deferred"))).toBe(1);
});

it("notices within a dozen users that a cycle begins to write", () => {
  const expected = createExpectedWrites();
  for (let time = 0; time < 100; time += 1) expected.learn(user("written", "link"));
  for (let time = 0; time < 12; time += 1) expected.learn(user("written", "create"));
  expect(expected.perUser.entra).toBeGreaterThan(0.5);
});
