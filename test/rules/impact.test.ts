// A change of the configuration as numbers and a line, and which of a user's writes are its own.
import { describe, expect, it } from "vitest";
import { writesBeyond } from "../../src/rules/compare-plans.ts";
import { EMPTY_TALLY, newCycle, type Tally } from "../../src/rules/cycle.ts";
import type { ExplainedExport } from "../../src/rules/explanation.ts";
import { impactOf } from "../../src/rules/impact.ts";

const step = (
  operation: ExplainedExport["operation"],
  values: Record<string, string | boolean>,
  more: Partial<ExplainedExport> = {},
): ExplainedExport => ({
  operation,
  system: "entra",
  resource: "user",
  status: "planned",
  reason: { code: "r", message: "r" },
  changes: Object.entries(values).map(([attribute, after]) => ({
    attribute,
    before: null,
    after,
    why: "w",
  })),
  ...more,
});
const role = (operation: "assign" | "remove", name: string) =>
  step(operation, { roles: name }, { system: "drupal", resource: "role" });
const shown = (steps: readonly ExplainedExport[]) =>
  steps.map(({ operation, changes }) => [operation, ...changes.map(({ after }) => after)]);

describe("the writes that only one of two plans makes", () => {
  it.each([
    ["the same", [step("update", { a: "1" })], [step("update", { a: "1" })], []],
    [
      "another value",
      [step("update", { a: "1", b: "2" })],
      [step("update", { a: "1" })],
      [["update", "2"]],
    ],
    [
      "values of a create",
      [step("create", { a: "1" })],
      [step("create", { a: "2" })],
      [["update", "1"]],
    ],
    [
      "a disable beside an update",
      [step("disable", { a: "1", on: false })],
      [step("update", { a: "1" })],
      [["disable", false]],
    ],
    [
      "what another write does anyway",
      [step("update", { a: "1" })],
      [step("enable", { a: "1", on: true })],
      [],
    ],
    ["a delete", [step("delete", {})], [], [["delete"]]],
    ["the same delete", [step("delete", {})], [step("delete", {})], []],
    [
      "one role of two",
      [role("assign", "x"), role("assign", "y")],
      [role("assign", "x")],
      [["assign", "y"]],
    ],
    ["a role the other way", [role("remove", "x")], [role("assign", "x")], [["remove", "x"]]],
    [
      "the other system",
      [step("update", { a: "1" }, { system: "drupal" })],
      [step("update", { a: "1" })],
      [["update", "1"]],
    ],
  ])("%s", (_what, steps: ExplainedExport[], others: ExplainedExport[], beyond) => {
    expect(shown(writesBeyond(steps, others))).toEqual(beyond);
  });
});

describe("the line of an impact", () => {
  const order = { id: "c", direction: "drupalToEntra", kind: "preview", actor: "a" } as const;
  const cycle = newCycle({ ...order, isDryRun: true, canary: null }, new Date(0));
  const lineOf = (tally: Partial<Tally>, current: Partial<Tally> = {}) =>
    impactOf({
      ...cycle,
      tally: { ...EMPTY_TALLY, ...tally },
      current: { ...EMPTY_TALLY, ...current },
    }).summary;

  it("says what is taken from whom", () => {
    const harm = { disables: 0, deletes: 0, roleRemovals: 9 };
    expect(lineOf({ outcomes: { planned: 412, inSync: 9000 }, harm })).toBe(
      "touches 412 users, 9 lose a role",
    );
    expect(
      lineOf(
        {
          outcomes: { planned: 4, skipped: 1, failed: 1 },
          operations: { create: 1, update: 7 },
          harm: { disables: 1, deletes: 1, roleRemovals: 0 },
        },
        { outcomes: { planned: 1 }, harm: { disables: 1, deletes: 0, roleRemovals: 1 } },
      ),
    ).toBe(
      "touches 6 users, 1 gets an account, 2 are disabled, 1 is deleted, 1 loses a role, 1 does not get what is due; 1 user could not be planned",
    );
    expect(lineOf({ outcomes: { inSync: 3 } })).toBe("touches nobody");
  });
});
