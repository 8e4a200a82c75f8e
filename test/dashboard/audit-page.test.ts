// What the page of the audit log decides by itself: its filters, its words for an entry, and how many entries are news.
import { describe, expect, it } from "vitest";
import {
  auditQuery,
  isId,
  isoOf,
  localOf,
  startOfDay,
} from "../../src/dashboard/pages/audit/audit-query.ts";
import { countNewer } from "../../src/dashboard/pages/audit/count-newer.ts";
import { titleOf, whoDidThis } from "../../src/dashboard/pages/audit/entry-words.ts";
import { codeWords } from "../../src/dashboard/parts/code-words.ts";
import type { AuditEntry } from "../../src/rules/audit-entry.ts";

const UUID = "096a5d25-5c6c-43b6-8e06-121a6b909c1f";

const entry: AuditEntry = {
  id: "e1",
  at: "2026-11-26T00:50:33.428Z",
  operation: "update",
  resourceType: "user",
  status: "success",
  system: "entra",
  direction: "drupalToEntra",
  cause: "webhook",
  changes: [],
  durationMs: 20,
};

describe("the filters", () => {
  it("are those that the app knows and that are set; what else stands in the address stays there", () => {
    const query = new URLSearchParams(`user=${UUID}&status=&entry=e1&other=1&operation=delete`);
    expect(auditQuery(query)).toEqual({ user: UUID, operation: "delete" });
  });

  it("take an id in any case, and no name", () => {
    expect([UUID, UUID.toUpperCase(), "ada", `${UUID}0`, ""].map(isId)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("show a moment in the reader's zone and read it back to the second", () => {
    for (const iso of ["2026-11-26T00:50:33.000Z", "2026-07-01T22:00:00.000Z"])
      expect(isoOf(localOf(iso))).toBe(iso);
    expect(localOf("2026-07-01T22:00:00.000Z")).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
    expect(localOf("yesterday")).toBe("");
  });

  it("wait for a year that is still being typed", () => {
    expect([isoOf(""), isoOf("0202-11-26T10:00")]).toEqual([null, null]);
  });

  it("begin today where the reader's day begins", () => {
    const now = new Date(2026, 10, 26, 13, 5);
    expect(new Date(startOfDay(now)).toString()).toBe(new Date(2026, 10, 26).toString());
  });
});

describe("an entry in words", () => {
  it("says what was to be done to what", () => {
    const title = (operation: AuditEntry["operation"], resourceType: AuditEntry["resourceType"]) =>
      titleOf({ operation, resourceType });
    expect(title("disable", "user")).toBe("Disable user");
    expect(title("update", "photo")).toBe("Update picture");
    expect(title("none", "user")).toBe("Nothing written");
    expect(title("none", "cycle")).toBe("Cycle");
  });

  it("names the event, the writer, and who knows the person behind the change", () => {
    expect(whoDidThis(entry)).toBe(
      "An event from Drupal said that this user changed. The sync's own account wrote it to Entra. " +
        "Who made the change in Drupal is told by Drupal's own log.",
    );
  });

  it("claims no write where none was made", () => {
    expect(whoDidThis({ ...entry, operation: "none", status: "skipped" })).not.toMatch(/wrote/);
    expect(whoDidThis({ ...entry, status: "failure" })).toMatch(/tried to write it to Entra\.$/);
    expect(whoDidThis({ ...entry, operation: "link" })).not.toMatch(/wrote/);
  });

  it("names the person who ordered it, by what they ordered", () => {
    const by = (more: Partial<AuditEntry>) => whoDidThis({ ...entry, actor: "ada", ...more });
    expect(by({ cause: "onDemand" })).toMatch(/^ada ordered it\./);
    expect(by({ cause: "replay" })).toMatch(/^ada ordered a replay from escrow\./);
    expect(by({ cause: "approval", cycleId: UUID })).toMatch(/that ada approved\./);
    expect(by({ cause: "onDemand", cycleId: UUID })).toMatch(/a cycle that ada started/);
    expect(by({ resourceType: "configuration" })).toBe("ada saved a configuration.");
    expect(by({ resourceType: "cycle" })).toBe("ada started or approved this cycle.");
  });

  it("speaks codes, with the names of systems as they are written", () => {
    expect(codeWords("disabledInDrupal")).toBe("disabled in Drupal");
    expect(codeWords("entraRefused")).toBe("Entra refused");
    expect(codeWords("differs")).toBe("differs");
  });
});

describe("news", () => {
  const ids = (...all: string[]) => all.map((id) => ({ id }));

  it("are the entries before the first that is shown", () => {
    expect(countNewer(ids("d", "c", "b", "a"), ids("b", "a"))).toBe(2);
    expect(countNewer(ids("b", "a"), ids("b", "a"))).toBe(0);
  });

  it("are all where nothing that is shown is among the newest", () => {
    expect(countNewer(ids("z", "y"), ids("b", "a"))).toBe(2);
    expect(countNewer([], ids("b"))).toBe(0);
  });
});
