// How the page of a user says things: writes, names, sentences, and looks that came to the same.
import { describe, expect, it } from "vitest";
import { foldLooks } from "../../src/dashboard/pages/user/fold-looks.ts";
import { initialsOf, namesOf } from "../../src/dashboard/pages/user/names.ts";
import { type Write, writeText } from "../../src/dashboard/pages/user/write-text.ts";
import { sentenceOf } from "../../src/dashboard/parts/words.ts";
import type { AuditEntry } from "../../src/rules/audit-entry.ts";

const change = { attribute: "roles", before: null, after: "editor", why: "mappedRole" };
const write = (operation: Write["operation"], more: Partial<Write> = {}): Write => ({
  operation,
  system: "drupal",
  resource: "user",
  changes: [],
  status: "planned",
  reason: { code: "differs", message: "the sides differ" },
  ...more,
});

describe("a write in words", () => {
  it("tells what would be done, what was, and what was not", () => {
    const update = write("update", { changes: [change, change] });
    expect(writeText(update, "planned")).toBe("2 attributes would be written in Drupal");
    expect(writeText(update, "done")).toBe("2 attributes were written in Drupal");
    expect(writeText(update, "failed")).toBe("2 attributes were not written in Drupal");
    expect(writeText(write("create"), "done")).toBe("A new account was made in Drupal");
  });

  it("names a role, and no system where both are meant", () => {
    const assign = write("assign", { resource: "role", changes: [change] });
    expect(writeText(assign, "planned")).toBe("The role editor would be given in Drupal");
    const remove = write("remove", {
      resource: "role",
      changes: [{ ...change, before: "editor", after: null }],
    });
    expect(writeText(remove, "done")).toBe("The role editor was taken away in Drupal");
    expect(writeText(write("link"), "done")).toBe("The two accounts were joined");
  });
});

describe("a message as a sentence", () => {
  it("begins with a capital and ends with a stop, draws directions, and keeps the name of a field as it is", () => {
    expect(sentenceOf("drupalToEntra is switched off in the configuration")).toBe(
      "Drupal → Entra is switched off in the configuration.",
    );
    expect(sentenceOf("nothing is to be written")).toBe("Nothing is to be written.");
    expect(sentenceOf("field_department: takes at most 64 characters.")).toBe(
      "field_department: takes at most 64 characters.",
    );
  });
});

describe("whom the page is about", () => {
  it("has initials from the first and the last word of a name, in any script, also of an address", () => {
    expect(initialsOf("Augusta Ada King-Noel")).toBe("AK");
    expect(initialsOf("émilie.chatelet@contoso.example")).toBe("ÉE");
    expect(initialsOf("Łukasz")).toBe("Ł");
    expect(initialsOf("12345")).toBe("?");
  });

  it("is called as a search found them where the sync cannot explain them, and by the id where nobody knows", () => {
    const person = {
      name: "Ada Lovelace",
      drupalName: null,
      mail: "Ada@contoso.example",
      drupalUuid: null,
      entraObjectId: "00000000-0000-4000-8000-000000000002",
      userPrincipalName: "ada@contoso.example",
      isEnabled: { drupal: null, entra: true },
      linked: false,
    };
    expect(namesOf(null, person, "id")).toEqual({
      name: "Ada Lovelace",
      addresses: ["Ada@contoso.example"],
    });
    expect(namesOf(null, null, "id")).toEqual({ name: "id", addresses: [] });
  });
});

describe("the history", () => {
  const entry = (id: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
    id,
    at: `2026-11-25T10:0${id}:00.000Z`,
    operation: "none",
    resourceType: "user",
    status: "warning",
    cause: "cycle",
    changes: [],
    reason: { code: "conflict", message: "1 attribute(s) wait for an operator" },
    durationMs: 1,
    ...more,
  });

  it("tells looks in a row that came to the same as one, with their number and the first", () => {
    const folded = foldLooks([entry("3"), entry("2"), entry("1")]);
    expect(folded).toHaveLength(1);
    expect(folded[0]).toMatchObject({
      entry: { id: "3" },
      looks: 3,
      firstAt: "2026-11-25T10:01:00.000Z",
    });
  });

  it("never folds writes, nor looks with another reason or cause between them", () => {
    const write = { operation: "update", status: "success" } as const;
    const all = [
      entry("6", write),
      entry("5", write),
      entry("4"),
      entry("3", { reason: { code: "outOfScope", message: "out" } }),
      entry("2", { cause: "onDemand" }),
      entry("1"),
    ];
    expect(foldLooks(all).map(({ entry: { id }, looks }) => [id, looks])).toEqual([
      ["6", 1],
      ["5", 1],
      ["4", 1],
      ["3", 1],
      ["2", 1],
      ["1", 1],
    ]);
  });
});
