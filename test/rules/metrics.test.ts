// What is counted of a request and of an audit entry, and how counts add up.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bucketOf,
  type Counted,
  counted,
  countedOf,
  countsSchema,
  mergedCounts,
  NO_COUNTS,
  writtenSystem,
} from "../../src/rules/metrics.ts";
import type { Outcome } from "../../src/rules/outcome.ts";
import { because, type Operation } from "../../src/rules/plan.ts";
import type { ProvisionRequest } from "../../src/rules/provision-request.ts";

const UUID = "8f14e45f-ceea-467f-a34b-2c1d3e4f5a6b";
const at = (time: string) => new Date(`2026-11-24T${time}Z`);
const aRequest = (changes: Partial<ProvisionRequest> = {}): ProvisionRequest => ({
  drupalUuid: UUID,
  cause: "webhook",
  attempt: 0,
  receivedAt: "2026-11-24T08:00:00.000Z",
  ...changes,
});
const done = (
  status: "success" | "failure" | "warning" | "skipped",
  ...operations: Operation[]
): Outcome => ({
  kind: "done",
  status,
  operations,
  reason: because("x", ""),
  explanation: null,
});
const kindsOf = (request: ProvisionRequest, outcome: Outcome) =>
  countedOf(request, outcome, at("08:00:01"), at("08:00:03")).map(({ kind }) => kind);

describe("of a request is counted", () => {
  it("how it ended, how long it lay in the queue, and how long people waited for the write", () => {
    expect(
      countedOf(aRequest(), done("success", "update"), at("08:00:01"), at("08:00:03")),
    ).toEqual([
      { kind: "ended", status: "success" },
      { kind: "pickedUp", ageMs: 1000 },
      { kind: "latency", ms: 3000 },
    ]);
  });

  const table: readonly (readonly [string, ProvisionRequest, Outcome, string[]])[] = [
    ["no wait where nothing was written", aRequest(), done("skipped"), ["ended", "pickedUp"]],
    ["no wait for a link alone", aRequest(), done("success", "link"), ["ended", "pickedUp"]],
    ["no wait for a refused write", aRequest(), done("failure", "update"), ["ended", "pickedUp"]],
    [
      "the whole wait of one that came again, and no second age",
      aRequest({ attempt: 3 }),
      done("warning", "update"),
      ["ended", "latency"],
    ],
    [
      "no age for a second look, which was sent to come later",
      aRequest({ settled: true }),
      done("success", "update"),
      ["ended", "latency"],
    ],
    [
      "nothing but the end for a delete whose grace is over",
      aRequest({ dueAt: "2026-11-24T08:00:00.000Z" }),
      done("success", "delete"),
      ["ended"],
    ],
    [
      "only the end for a cycle's user",
      aRequest({ cause: "cycle" }),
      done("success", "update"),
      ["ended"],
    ],
    [
      "only the end for an operator's",
      aRequest({ cause: "onDemand" }),
      done("success", "create"),
      ["ended"],
    ],
  ];
  for (const [what, request, outcome, kinds] of table)
    it(what, () => expect(kindsOf(request, outcome)).toEqual(kinds));

  it("that it was put off, or held", () => {
    const deferred: Outcome = { kind: "deferred", reason: because("x", ""), delayMs: 1 };
    expect(
      countedOf(aRequest({ cause: "cycle" }), deferred, at("08:00:01"), at("08:00:03")),
    ).toEqual([{ kind: "ended", status: "deferred" }]);
  });
});

describe("an audit entry tells of a write", () => {
  const change = { attribute: "mail", before: null, after: null, why: "x" };
  const entry = { operation: "update", status: "success", system: "entra", changes: [] } as const;
  it("when it succeeded, or in part", () => {
    expect(writtenSystem(entry)).toBe("entra");
    expect(writtenSystem({ ...entry, status: "warning", changes: [change] })).toBe("entra");
    expect(writtenSystem({ ...entry, system: "drupal", operation: "assign" })).toBe("drupal");
  });
  it("and else not", () => {
    expect(writtenSystem({ ...entry, status: "warning" })).toBeNull();
    expect(writtenSystem({ ...entry, status: "failure", changes: [change] })).toBeNull();
    expect(writtenSystem({ ...entry, operation: "none" })).toBeNull();
    expect(writtenSystem({ ...entry, operation: "link" })).toBeNull();
    expect(writtenSystem({ ...entry, system: undefined })).toBeNull();
  });
});

const system = fc.constantFrom("drupal" as const, "entra" as const);
const ms = fc.integer({ min: 0, max: 100_000 });
const events: fc.Arbitrary<Counted[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("written" as const), system }),
    fc.record({ kind: fc.constant("throttled" as const), system }),
    fc.record({ kind: fc.constant("ended" as const), status: fc.constantFrom("success", "held") }),
    fc.record({ kind: fc.constant("latency" as const), ms }),
    fc.record({ kind: fc.constant("pickedUp" as const), ageMs: ms }),
  ),
);

describe("counts", () => {
  it("of two instances are those of one that saw it all, and come back whole from JSON", () => {
    fc.assert(
      fc.property(events, events, (one, other) => {
        const all = [...one, ...other].reduce(counted, NO_COUNTS);
        const merged = mergedCounts(
          one.reduce(counted, NO_COUNTS),
          other.reduce(counted, NO_COUNTS),
        );
        expect(merged).toEqual(all);
        expect(countsSchema.parse(JSON.parse(JSON.stringify(all)))).toEqual(all);
        const noted = Object.values(all.outcomes).reduce((sum, n) => sum + n, 0);
        expect(noted).toBe([...one, ...other].filter(({ kind }) => kind === "ended").length);
      }),
    );
  });

  it("belong to the quarter of an hour in which they were made", () => {
    expect(new Date(bucketOf(at("08:14:59.999"))).toISOString()).toBe("2026-11-24T08:00:00.000Z");
    expect(new Date(bucketOf(at("08:15:00"))).toISOString()).toBe("2026-11-24T08:15:00.000Z");
  });
});
