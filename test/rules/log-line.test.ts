// The lines of the log: known fields, and nothing in them that could be a person.
import { describe, expect, it } from "vitest";
import { cycleEvent } from "../../src/rules/cycle-event.ts";
import { type LogEvent, logLine } from "../../src/rules/log-line.ts";
import { because } from "../../src/rules/plan.ts";
import { provisionEvent } from "../../src/rules/provision-event.ts";
import { pseudonym } from "../../src/rules/pseudonym.ts";

const UUID = "8f14e45f-ceea-467f-a34b-2c1d3e4f5a6b";
const read = (event: LogEvent): unknown => JSON.parse(logLine(event));

describe("a line", () => {
  it("is one line of JSON that begins with its event", () => {
    const line = logLine({ reason: "changes", event: "provision.done", ageMs: 12.6 });
    expect(line).toBe('{"event":"provision.done","reason":"changes","ageMs":13}');
  });

  it("leaves out what is not on its list", () => {
    const event = { event: "provision.done", mail: "canary@contoso.example" } as const;
    expect(read(event)).toEqual({ event: "provision.done" });
  });

  it("has no room for a mail, a name, an id of a user or a token", () => {
    for (const canary of ["canary@contoso.example", "Canary Jane", "x".repeat(65), "a\nb", ""])
      expect(read({ event: "photo.done", reason: canary })).toMatchObject({
        reason: "unprintable",
      });
    const event: LogEvent = { event: "photo.done", user: `u-${UUID}` };
    expect(read(event)).toMatchObject({ user: "unprintable" });
  });

  it("masks what was thrown", () => {
    const line = logLine({ event: "function.failed", error: new Error("canary@contoso.example") });
    expect(line).not.toContain("canary@");
    expect(JSON.parse(line)).toMatchObject({ error: { name: "Error", message: "…" } });
  });
});

describe("the line of an outcome", () => {
  const request = {
    drupalUuid: UUID,
    cause: "webhook",
    attempt: 2,
    receivedAt: "2026-11-24T08:00:00.000Z",
  } as const;
  const at = (time: string) => new Date(`2026-11-24T${time}Z`);

  it("says what was written and how long it took, and knows the user by pseudonym", () => {
    const outcome = {
      kind: "done",
      status: "success",
      operations: ["create", "assign"],
      reason: because("changes", "jane@contoso.example was made"),
      explanation: null,
    } as const;
    const event = provisionEvent(request, outcome, at("08:00:01"), at("08:00:01.250"));
    expect(read(event)).toEqual({
      event: "provision.done",
      outcome: "success",
      operations: "create+assign",
      reason: "changes",
      cause: "webhook",
      user: pseudonym(UUID),
      attempt: 2,
      ageMs: 1250,
      durationMs: 250,
    });
  });

  it("says that it comes again, and why", () => {
    const outcome = {
      kind: "deferred",
      reason: because("entraThrottled", ""),
      delayMs: 5,
    } as const;
    const event = provisionEvent(request, outcome, at("08:00:01"), at("08:00:02"));
    expect(read(event)).toMatchObject({
      outcome: "deferred",
      operations: "none",
      reason: "entraThrottled",
    });
  });
});

it("the line of a schedule says what it came to", () => {
  expect(cycleEvent("photos", { kind: "active", cycleId: UUID })).toEqual({
    event: "cycle.started",
    job: "photos",
    outcome: "active",
    cycleId: UUID,
  });
});
