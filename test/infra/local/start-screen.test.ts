// What people see of `npm start` while things happen: a line for each user, warnings, and no JSON.
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { HostEvent, LogLevel } from "../../../infra/local/host/host-events.ts";
import { eventLine } from "../../../infra/local/start-screen.ts";
import { type LogEvent, logLine } from "../../../src/rules/log-line.ts";
import { pseudonym } from "../../../src/rules/pseudonym.ts";

const at = "2026-11-24T08:00:00.000Z";
const USER = pseudonym("8f14e45f-ceea-467f-a34b-2c1d3e4f5a6b");

function shown(event: HostEvent): string | null {
  const line = eventLine(event);
  return line === null ? null : stripVTControlCharacters(line).slice("00:00:00  ".length);
}
const said = (event: LogEvent, level: LogLevel = "information") =>
  shown({ kind: "log", at, level, category: "user", message: logLine(event), function: "f" });

describe("npm start shows", () => {
  it("how a user's request ended, for whom, and after how long", () => {
    const event = { event: "provision.done", reason: "changes", user: USER, ageMs: 84 } as const;
    expect(said({ ...event, outcome: "success", operations: "update" })).toBe(
      `success   update          ${USER}     84 ms  changes`,
    );
    expect(
      said({ event: "photo.done", outcome: "success", operations: "create", user: USER }),
    ).toContain("photo create");
  });

  it("cycles that start, and systems that ask to be left alone", () => {
    expect(
      said({
        event: "cycle.started",
        job: "photos",
        kind: "photos",
        outcome: "started",
        cycleId: "7",
      }),
    ).toBe("cycle     photos photos 7");
    expect(said({ event: "target.throttled", system: "entra", waitMs: 4000 }, "warning")).toBe(
      "throttled entra, for 4000 ms",
    );
  });

  it("that a function failed, once, and other warnings as they are", () => {
    const failed = { event: "function.failed", function: "f", error: new Error("no") } as const;
    expect(said(failed, "error")).toBeNull();
    const end = { kind: "end", at, function: "f", invocationId: "", durationMs: 1 } as const;
    expect(shown({ ...end, success: false, error: "no" })).toBe("failed    f: no");
    const request = { ...failed, event: "request.failed" } as const;
    expect(said(request, "error")).toContain("request.failed no");
    const warning = { kind: "log", at, level: "warning", category: "host" } as const;
    expect(shown({ ...warning, message: "the host is slow" })).toBe("warning   the host is slow");
    expect(said({ event: "provision.deadLetter", user: USER }, "error")).toContain(
      "provision.deadLetter",
    );
  });

  it("nothing of what goes on all the time", () => {
    expect(said({ event: "webhook.received", outcome: "queued" })).toBeNull();
    expect(said({ event: "cycle.slice", durationMs: 1 })).toBeNull();
    expect(said({ event: "cycle.started", job: "photos", outcome: "active" })).toBeNull();
  });
});
