// How one user differs, case by case: standing of a listed user, attributes that moved, what a look since has settled.
import { describe, expect, it } from "vitest";
import type { CycleOutcome } from "../../src/rules/cycle.ts";
import {
  attributeOf,
  conflictsOf,
  differenceOf,
  isSettled,
  movedAttributes,
  standingOf,
  type Told,
  toldOf,
  whyMissing,
} from "../../src/rules/drift.ts";
import { type Link, newLink } from "../../src/rules/link.ts";

const BEFORE = "2026-11-24T07:00:00.000Z";
const LISTED = "2026-11-24T08:00:00.000Z";
const SINCE = "2026-11-24T09:00:00.000Z";
const UUID = "0c000000-0000-4000-8000-000000000001";
const OBJECT_ID = "0c000000-0000-4000-8000-000000000002";

const rested = (at: string) => ({ at, code: "alreadyInSync" });
const aLink = (changes: Partial<Link> = {}): Link => ({
  ...newLink(UUID),
  entraObjectId: OBJECT_ID,
  linkedAt: BEFORE,
  base: { "field_team<>department": { drupal: "d1", entra: "e1" } },
  ...changes,
});
const aConflict = (drupal: string | null, entra: string | null, openedAt: string) => ({
  code: "manual" as const,
  message: `${entra} waits`,
  drupal,
  entra,
  openedAt,
  prints: { drupal: "d2", entra: "e2" },
});

describe("a listed user", () => {
  it.each([
    ["has no link", undefined, null, false, "alone"],
    ["has a link that joins nobody", {}, { isJoined: false, rested: null }, false, "alone"],
    ["was at rest", undefined, { isJoined: true, rested: null }, false, "asAgreed"],
    [
      "was at rest before",
      undefined,
      { isJoined: true, rested: rested(BEFORE) },
      false,
      "asAgreed",
    ],
    ["was not at rest", {}, { isJoined: true, rested: null }, false, "open"],
    ["was edited since a look", {}, { isJoined: true, rested: rested(BEFORE) }, false, "open"],
    ["was settled since", {}, { isJoined: true, rested: rested(SINCE) }, false, "asAgreed"],
    ["is not listed there", undefined, { isJoined: true, rested: null }, true, "missing"],
  ] as const)("who %s stands so", (_, rows, link, isOtherAbsent, standing) => {
    expect(standingOf({ rows, listedAt: LISTED }, link, isOtherAbsent)).toBe(standing);
  });

  it("is settled by a look that began with the listing or later", () => {
    expect(
      [null, rested(BEFORE), rested(LISTED), rested(SINCE)].map((one) => isSettled(one, LISTED)),
    ).toEqual([false, false, true, true]);
  });
});

describe("a joined account that a listing did not show", () => {
  it.each([
    ["is missing", {}, "notListed"],
    [
      "was looked at before, and was there",
      { rested: rested(BEFORE), rest: { drupal: "d", entra: "e" } },
      "notListed",
    ],
    [
      "was found by a look since",
      { rested: rested(SINCE), rest: { drupal: "d", entra: "e" } },
      undefined,
    ],
    ["was joined since", { linkedAt: SINCE }, undefined],
    [
      "is known to be gone",
      { rested: { at: BEFORE, code: "disabledAlready" }, rest: { drupal: "gone", entra: "e" } },
      "disabledAlready",
    ],
  ] as const)("%s", (_, changes, code) => {
    expect(whyMissing(aLink(changes), "drupal", LISTED)?.code).toBe(code);
  });
});

describe("the attributes that moved", () => {
  const KEY = "field_team<>department";
  const moved = (link: Link, system: "drupal" | "entra", print: string) =>
    movedAttributes(link, system, { [KEY]: print }, LISTED);
  const flip = (at: string) => ({ at, system: "entra" as const, before: "e2", after: "e1" });

  it.each([
    ["another value in Drupal", aLink(), "drupal", "d2", ["drupal.field_team"]],
    ["another value in Entra", aLink(), "entra", "e2", ["entra.department"]],
    ["the value as agreed now", aLink(), "entra", "e1", []],
    ["a row that was never agreed on", aLink({ base: {} }), "entra", "e2", []],
    [
      "a row that waits as a conflict",
      aLink({ conflicts: { [KEY]: aConflict("field_team", "department", SINCE) } }),
      "entra",
      "e2",
      [],
    ],
    [
      "a value that we wrote over since",
      aLink({ flips: { [KEY]: [flip(SINCE)] } }),
      "entra",
      "e2",
      [],
    ],
    [
      "a value that came back after our write",
      aLink({ flips: { [KEY]: [flip(BEFORE)] } }),
      "entra",
      "e2",
      ["entra.department"],
    ],
    ["a link that was taken apart", aLink({ linkedAt: null }), "entra", "e2", []],
  ] as const)("%s", (_, link, system, print, attributes) => {
    expect(moved(link, system, print)).toEqual(attributes);
  });

  it.each([
    ["field_team<>department", "drupal", "drupal.field_team"],
    ["field_team<>department", "entra", "entra.department"],
    [">jobTitle", "drupal", "entra.jobTitle"],
    [">jobTitle", "entra", "entra.jobTitle"],
    ["<field_title", "entra", "drupal.field_title"],
  ] as const)("are named by an end of the row: %s on %s", (key, system, name) => {
    expect(attributeOf(key, system)).toBe(name);
  });
});

describe("how an open user differs", () => {
  const reason = { code: "aCode", message: "a message" };
  const told = (outcome: CycleOutcome, attributes: readonly string[] = []): Told => ({
    outcome,
    reason,
    attributes,
  });
  const nothing = { moved: [], isEnabled: { drupal: null, entra: null } };
  const team = { ...nothing, moved: ["drupal.field_team"] };
  const blocked = { ...nothing, isEnabled: { drupal: false, entra: true } };
  const halfKnown = { ...nothing, isEnabled: { drupal: false, entra: null } };

  it.each([
    ["by what moved", team, null, false, { attributes: ["drupal.field_team"], reason: null }],
    ["by the state", blocked, told("warning"), false, { attributes: ["drupal.status"], reason }],
    ["not by a state that one listing shows", halfKnown, null, false, null],
    [
      "by what would be written",
      nothing,
      told("planned", ["entra.department"]),
      false,
      { attributes: ["entra.department"], reason },
    ],
    ["somehow, as the cycle says", nothing, told("failed"), false, { attributes: [], reason }],
    ["as another row tells", nothing, told("warning"), true, null],
    ["in nothing that is known", nothing, null, false, null],
    ["in nothing, once it was written", nothing, told("written"), false, null],
    ["in nothing that the sync would change", team, told("inSync"), false, null],
    ["in nothing that the sync has a part in", team, told("skipped"), false, null],
  ] as const)("%s", (_, seen, one, isToldOf, difference) => {
    expect(differenceOf(seen, one, isToldOf)).toEqual(difference);
  });

  it("takes from a cycle what it would write, not what it wrote", () => {
    const change = {
      attribute: "department",
      before: null,
      after: "Sales",
      why: "changedInDrupal",
    };
    const step = {
      operation: "update",
      system: "entra",
      resource: "user",
      changes: [change],
    } as const;
    const user = (outcome: CycleOutcome) =>
      toldOf({
        drupalUuid: UUID,
        entraObjectId: null,
        displayName: null,
        outcome,
        reason,
        steps: [{ ...step, status: "planned", reason }],
        plan: null,
      });
    expect(user("held").attributes).toEqual(["entra.department"]);
    expect(user("written").attributes).toEqual([]);
  });
});

describe("the conflicts of a link", () => {
  it("are told with their attributes, and with the oldest one's reason and time", () => {
    const conflicts = {
      a: aConflict("field_team", "department", SINCE),
      b: aConflict(null, "jobTitle", BEFORE),
    };
    expect(conflictsOf(aLink({ conflicts }))).toEqual({
      entraObjectId: OBJECT_ID,
      attributes: ["drupal.field_team", "entra.department", "entra.jobTitle"],
      reason: { code: "manual", message: "jobTitle waits" },
      since: BEFORE,
    });
    expect(conflictsOf(aLink())).toBeNull();
  });
});
