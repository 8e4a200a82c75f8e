// The sentence at the head of a user's page: what stands out first, why, and what comes next.
import { describe, expect, it } from "vitest";
import type { UserAnswer } from "../../src/dashboard/ask/contract.ts";
import { questionBefore } from "../../src/dashboard/pages/user/question-before.ts";
import { verdictOf } from "../../src/dashboard/pages/user/verdict.ts";
import type { Explanation } from "../../src/rules/explanation.ts";

const IN_SYNC = { code: "alreadyInSync", message: "nothing is to be written" };
const told = { status: "success", reason: IN_SYNC } as const;

const explanation: Explanation = {
  drupalUuid: "00000000-0000-4000-8000-000000000001",
  entraObjectId: "00000000-0000-4000-8000-000000000002",
  import: { ...told, drupal: null, entra: null },
  scoping: {
    ...told,
    directions: {
      drupalToEntra: { isOn: true, inScope: true },
      entraToDrupal: { isOn: true, inScope: true },
    },
  },
  matching: {
    status: "success",
    reason: { code: "linked", message: "linked by ids" },
    linkedAt: "2026-11-25T10:00:00.000Z",
    madeByUs: { drupal: false, entra: true },
    blocks: { drupal: "none", entra: "none" },
  },
  processing: { ...told, attributes: [], failures: [], conflicts: [] },
  export: { ...told, steps: [], harm: { disables: 0, deletes: 0, roleRemovals: 0 } },
};

const answer: UserAnswer = {
  link: null,
  reason: IN_SYNC,
  explanation,
  escrow: null,
  photo: null,
};

const conflict = {
  key: "field_department<>department",
  code: "manual",
  message: "both sides changed: an operator decides",
  drupal: "field_department",
  entra: "department",
  openedAt: "2026-11-25T10:00:00.000Z",
  drupalValue: "R&D",
  entraValue: "Sales",
} as const;

const change = { attribute: "surname", before: "King", after: "Noel", why: "changedInDrupal" };
const update = {
  operation: "update",
  system: "entra",
  resource: "user",
  changes: [change],
  status: "planned",
  reason: { code: "differs", message: "the sides differ" },
} as const;

const withWrites = (...steps: Explanation["export"]["steps"]): UserAnswer => ({
  ...answer,
  reason: { code: "differs", message: "the sides differ" },
  explanation: { ...explanation, export: { ...explanation.export, steps } },
});

describe("the verdict on a user", () => {
  it("says of one with nothing to do that they are in sync", () => {
    expect(verdictOf(answer)).toMatchObject({ tone: "good", title: "In sync", why: IN_SYNC });
  });

  it("claims no more than is known where Entra does not show a write yet", () => {
    const reason = { code: "replicationPending", message: "a read may lag behind a write" };
    const verdict = verdictOf({ ...answer, reason });
    expect(verdict).toMatchObject({ tone: "busy", why: reason });
    expect(verdict.title).toContain("Entra does not show it yet");
  });

  it("tells of escrow before all else, with the refusal as the reason and when it is tried again", () => {
    const reason = { code: "entraRefused", message: "Entra refused the write" };
    const times = { since: "2026-11-25T09:00:00.000Z", at: "2026-11-25T10:00:00.000Z" };
    const escrow = { system: "entra", reason, attempts: 2, ...times } as const;
    const nextAt = "2026-11-25T16:00:00.000Z";
    const waits = verdictOf({ ...withWrites(update), escrow: { ...escrow, nextAt } });
    expect(waits).toMatchObject({ tone: "bad", why: reason });
    expect(waits.next).toContain(nextAt);
    const ended = verdictOf({ ...answer, escrow: { ...escrow, nextAt: null } });
    expect(ended.next).toContain("not tried again by itself");
  });

  it("names the row that waits for a decision, also while something else is to be written", () => {
    const { processing } = explanation;
    const writes = withWrites(update);
    const waiting = verdictOf({
      ...writes,
      explanation: {
        ...explanation,
        processing: { ...processing, conflicts: [conflict] },
        export: { ...explanation.export, steps: [update] },
      },
    });
    expect(waiting).toMatchObject({
      tone: "warn",
      title: "1 attribute waits for your decision",
      why: { code: "manual", message: expect.stringContaining("field_department ↔ department") },
    });
    expect(waiting.next).toContain("see the steps");
  });

  it("says what would be written, two writes in full and more by their number", () => {
    expect(verdictOf(withWrites(update)).title).toBe("1 attribute would be written in Entra");
    const enable = { ...update, operation: "enable" } as const;
    expect(verdictOf(withWrites(update, enable)).title).toBe(
      "1 attribute would be written in Entra, and the account would be enabled in Entra",
    );
    expect(verdictOf(withWrites(update, enable, enable)).title).toBe(
      "1 attribute would be written in Entra, and 2 more writes",
    );
  });

  it("gives the rules behind the values for a reason, where the app only says that the sides differ", () => {
    expect(verdictOf(withWrites(update, update)).why).toEqual({
      code: "changedInDrupal",
      message: "changed in Drupal",
    });
    const bare = { ...update, changes: [] };
    expect(verdictOf(withWrites(bare)).why.code).toBe("differs");
  });

  it("warns where the plan takes something away", () => {
    const harm = { disables: 1, deletes: 0, roleRemovals: 0 };
    const disable = { ...update, operation: "disable" } as const;
    const verdict = verdictOf({
      ...answer,
      explanation: { ...explanation, export: { ...explanation.export, steps: [disable], harm } },
    });
    expect(verdict).toMatchObject({
      tone: "warn",
      title: "The account would be disabled in Entra",
      next: expect.stringContaining("approval"),
    });
  });

  it("names the attribute that cannot be written", () => {
    const failure = { attribute: "department", code: "tooLong", message: "takes at most 64" };
    const { processing } = explanation;
    const verdict = verdictOf({
      ...answer,
      explanation: { ...explanation, processing: { ...processing, failures: [failure] } },
    });
    expect(verdict.why).toEqual({ code: "tooLong", message: "department: takes at most 64" });
  });

  it("leaves protected accounts alone, and asks a person where the match is not proven or not one", () => {
    const because = (code: string) => ({ code, message: "why" });
    expect(verdictOf({ ...answer, reason: because("privilegedAccount") }).title).toBe(
      "Left alone on purpose",
    );
    expect(verdictOf({ ...answer, reason: because("matchUnproven") }).title).toBe(
      "Waits for someone to join two accounts",
    );
    const unmatched = verdictOf({
      ...answer,
      reason: because("ambiguousMatch"),
      explanation: null,
    });
    expect(unmatched).toMatchObject({
      tone: "warn",
      title: "It cannot be told who belongs to whom",
      why: { code: "ambiguousMatch" },
    });
  });

  it("says something true of a reason that it does not know", () => {
    const reason = { code: "ofTheFuture", message: "something new" };
    expect(verdictOf({ ...answer, reason })).toMatchObject({
      tone: "plain",
      title: "Nothing is to be written",
      why: reason,
    });
  });
});

describe("the question before an order", () => {
  const harm = { disables: 1, deletes: 0, roleRemovals: 0 };
  const disable = { ...update, operation: "disable", changes: [] } as const;

  it("is asked where it takes something away, and says what, and that nothing holds it", () => {
    const { steps } = explanation.export;
    const harmful = { ...explanation.export, steps: [...steps, update, disable], harm };
    expect(questionBefore({ ...explanation, export: harmful })).toEqual({
      title: "Disable the account in Entra now?",
      text: "The account would be disabled in Entra. This order does it at once: it waits for no approval.",
      does: "Sync now",
      isDanger: true,
    });
  });

  it("is not asked before a write that takes nothing away", () => {
    const harmless = { ...explanation.export, steps: [update] };
    expect(questionBefore({ ...explanation, export: harmless })).toBeNull();
    expect(questionBefore(null)).toBeNull();
  });
});
