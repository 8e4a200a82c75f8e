// Scoping: every operator, groups of clauses, groups of Entra, and why someone is out.
import { describe, expect, it } from "vitest";
import { scopeSchema, scopeVerdict } from "../../src/rules/scope-clause.ts";
import type { AttributeValue } from "../../src/rules/users.ts";

const GROUP = "aaaaaaaa-0000-4000-8000-000000000001";
const verdict = (
  document: object,
  attributes: Record<string, AttributeValue>,
  groups: Set<string> | null = null,
) => scopeVerdict(scopeSchema.parse(document), attributes, groups);

const table: readonly (readonly [object, AttributeValue, boolean])[] = [
  [{ operator: "equals", value: "Sales" }, "SALES", true],
  [{ operator: "equals", value: "Sales" }, "Salesroom", false],
  [{ operator: "equals", value: "b" }, ["a", "B"], true],
  [{ operator: "notEquals", value: "Sales" }, "Legal", true],
  [{ operator: "notEquals", value: "Sales" }, null, true],
  [{ operator: "in", values: ["a", "b"] }, "B", true],
  [{ operator: "in", values: ["a", "b"] }, "c", false],
  [{ operator: "notIn", values: ["a", "b"] }, "c", true],
  [{ operator: "contains", value: "ale" }, "Sales", true],
  [{ operator: "startsWith", value: "sa" }, "Sales", true],
  [{ operator: "endsWith", value: "ES" }, "Sales", true],
  [{ operator: "matches", pattern: "^s.l" }, "Sales", true],
  [{ operator: "matches", pattern: "^(a+)+$" }, "a".repeat(5000), true],
  [{ operator: "notMatches", pattern: "^x" }, "Sales", true],
  [{ operator: "isEmpty" }, " ", true],
  [{ operator: "isEmpty" }, [], true],
  [{ operator: "isNotEmpty" }, "x", true],
  [{ operator: "greaterThan", value: "9" }, "10", true],
  [{ operator: "greaterThan", value: "9" }, 8, false],
  [{ operator: "lessThan", value: "2026-01-01" }, "2025-12-31T23:59:59Z", true],
];

describe("a clause of a scope", () => {
  for (const [clause, value, expected] of table) {
    it(`${JSON.stringify(clause)} is ${expected} of ${JSON.stringify(value).slice(0, 40)}`, () => {
      const scope = { anyOf: [[{ attribute: "department", ...clause }]] };
      expect(verdict(scope, { department: value }).inScope).toBe(expected);
    });
  }

  it("that would take for ever is answered at once", () => {
    const scope = { anyOf: [[{ attribute: "a", operator: "matches", pattern: ".*.*.*.*x" }]] };
    const from = performance.now();
    expect(verdict(scope, { a: "y".repeat(1024) }).inScope).toBe(false);
    expect(performance.now() - from).toBeLessThan(1000);
  });
});

describe("a scope", () => {
  const both = {
    anyOf: [
      [
        { attribute: "a", operator: "equals", value: "1" },
        { attribute: "b", operator: "equals", value: "2" },
      ],
      [{ attribute: "c", operator: "equals", value: "3" }],
    ],
  };

  it("joins clauses by AND in a group and groups by OR, and says which clause failed", () => {
    expect(verdict(both, { a: "1", b: "2" }).inScope).toBe(true);
    expect(verdict(both, { c: "3" }).inScope).toBe(true);
    const out = verdict(both, { a: "1" });
    expect(out.inScope).toBe(false);
    expect(out.reason.message).toContain("b equals");
  });

  it("of groups asks for one of them; where the groups are not known it is out, and nothing follows", () => {
    const scope = { entraGroups: [GROUP.toUpperCase()] };
    expect(verdict(scope, {}, new Set([GROUP]))).toMatchObject({ inScope: true, isKnown: true });
    expect(verdict(scope, {}, new Set())).toMatchObject({ inScope: false, isKnown: true });
    expect(verdict(scope, {}, null)).toMatchObject({ inScope: false, isKnown: false });
  });
});
