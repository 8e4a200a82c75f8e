// How long a cycle waits for someone's word, and that nothing else of it ever expires.
import { describe, expect, it } from "vitest";
import { type Cycle, newCycle, type WaitsFor } from "../../src/rules/cycle.ts";
import { expiresAt, whyExpired } from "../../src/rules/cycle-term.ts";

const SINCE = "2026-11-01T10:00:00.000Z";
const order = {
  id: "00000000-0000-4000-8000-000000000001",
  direction: "drupalToEntra",
  kind: "initial",
  isDryRun: false,
  canary: null,
  actor: null,
} as const;
const waiting = (waitsFor: WaitsFor): Cycle => ({
  ...newCycle(order, new Date("2026-10-31T00:00:00.000Z")),
  status: "waiting",
  waitsFor,
  workedAt: SINCE,
});

describe("a cycle that waits", () => {
  it.each([
    [{ kind: "approval", plan: "p" } as const, "2026-11-08T10:00:00.000Z"],
    [{ kind: "canary" } as const, "2026-11-02T10:00:00.000Z"],
  ])(
    "for %o expires at the moment that it tells, counted from when it began to wait",
    (waitsFor, at) => {
      const cycle = waiting(waitsFor);
      expect(expiresAt(waitsFor.kind, cycle)).toBe(at);
      expect(whyExpired(cycle, new Date(Date.parse(at) - 1))).toBeNull();
      expect(whyExpired(cycle, new Date(at))).toMatchObject({ code: "approvalExpired" });
    },
  );

  it("for nobody never expires", () => {
    const late = new Date("2027-11-01T10:00:00.000Z");
    expect(whyExpired(waiting({ kind: "time", until: SINCE }), late)).toBeNull();
    const approved: Cycle = { ...waiting({ kind: "canary" }), status: "queued", waitsFor: null };
    expect(whyExpired(approved, late)).toBeNull();
    const shown: Cycle = { ...approved, status: "complete", isDryRun: true, plan: "p" };
    expect(whyExpired(shown, late)).toBeNull();
  });
});
