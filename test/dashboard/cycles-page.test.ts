// What the pages of cycles say of an approved plan, before an order, and while cycles come and go.
import { describe, expect, it } from "vitest";
import { shownCycle } from "../../src/api/cycle-answer.ts";
import type { CycleAnswer } from "../../src/dashboard/ask/contract.ts";
import { questionBefore } from "../../src/dashboard/pages/cycle/question-before.ts";
import { isGap, mergedCycles, slidOut } from "../../src/dashboard/pages/cycles/merged-cycles.ts";
import { leadingId } from "../../src/dashboard/parts/leading-id.ts";
import { isTakenUp, standingOutcomes } from "../../src/dashboard/parts/standing-outcomes.ts";
import { newCycle } from "../../src/rules/cycle.ts";

const AT = new Date("2026-11-25T10:00:00.000Z");
const order = {
  id: "00000000-0000-4000-8000-000000000001",
  direction: "drupalToEntra",
  kind: "initial",
  isDryRun: false,
  canary: null,
  actor: null,
} as const;
const fresh: CycleAnswer = shownCycle(newCycle(order, AT), null, AT);
const waiting: CycleAnswer = {
  ...fresh,
  status: "waiting",
  waitsFor: { kind: "approval", plan: "p", expiresAt: AT.toISOString() },
  outcomes: { held: 10, inSync: 1 },
  harm: { disables: 10, deletes: 0, roleRemovals: 0 },
};
const approved: CycleAnswer = {
  ...waiting,
  status: "complete",
  waitsFor: null,
  approval: { plan: "p", actor: "someone", at: AT.toISOString() },
  outcomes: { held: 10, inSync: 1, written: 9, moved: 1 },
};

describe("the counts of a cycle", () => {
  it("tell of everyone who is held while nobody has approved", () => {
    expect(standingOutcomes(waiting)).toEqual({ held: 10, inSync: 1 });
    expect(isTakenUp("held", waiting)).toBe(false);
  });

  it("count the users of an approved plan once, by what came of them", () => {
    expect(standingOutcomes(approved)).toEqual({ inSync: 1, written: 9, moved: 1 });
    expect(isTakenUp("planned", approved)).toBe(true);
    expect(isTakenUp("moved", approved)).toBe(false);
  });
});

const asked = (cycle: CycleAnswer, first?: number) =>
  questionBefore(cycle, { first, harm: "10 users would be disabled" });

describe("the question before a plan is carried out", () => {
  it("counts everyone, and says what is taken away", () => {
    expect(asked(waiting)).toMatchObject({
      text: "10 users of the plan are written: 10 users would be disabled. An undo can be planned afterwards.",
      does: "Carry it out",
      isDanger: true,
    });
  });

  it("about a few first counts those few, and not more than there are", () => {
    expect(asked(waiting, 2).text).toBe(
      "2 users of the plan are written, and then it waits for you. In the whole plan 10 users would be disabled. An undo can be planned afterwards.",
    );
    expect(asked(waiting, 50).text).toContain("10 users of the plan are written: ");
  });

  it("about the next few of a cycle that stopped says that it stops again", () => {
    const waitsFor = { kind: "canary", expiresAt: AT.toISOString() } as const;
    const canary: CycleAnswer = { ...waiting, waitsFor };
    expect(asked(canary, 1).text).toContain("1 more user at the most");
    expect(asked(canary).text).toContain("as the first ones were");
  });
});

describe("the listing of cycles", () => {
  const cycle = (number: number, status: CycleAnswer["status"] = "complete") => ({
    id: `c${number}`,
    createdAt: new Date(AT.getTime() + number * 1000).toISOString(),
    status,
  });

  it("shows each once, newest first, as the news have it, and loses none that slid out of them", () => {
    const known = mergedCycles([cycle(2, "running"), cycle(1)], [cycle(3), cycle(2)]);
    expect(mergedCycles(known, [cycle(4), cycle(3)])).toEqual([
      cycle(4),
      cycle(3),
      cycle(2),
      cycle(1),
    ]);
  });

  it("asks for those under way that slid behind the newest, for no others, and for none before the news are known", () => {
    const shown = [
      cycle(5, "running"),
      cycle(4),
      cycle(3, "waiting"),
      cycle(2, "interrupted"),
      cycle(1),
    ] as const;
    const news = [cycle(5), cycle(4)];
    expect(slidOut(shown, news).map(({ id }) => id)).toEqual(["c3", "c2"]);
    expect(slidOut(shown, [])).toEqual([]);
  });

  it("knows when some may be missing in between", () => {
    expect(isGap([cycle(1)], [cycle(9), cycle(8)])).toBe(true);
    expect(isGap([cycle(1)], [cycle(2), cycle(1)])).toBe(false);
    expect(isGap([], [cycle(1)])).toBe(false);
  });
});

describe("the way to a user's page", () => {
  const ids = { drupalUuid: "d", entraId: "e" };

  it("leads by Entra's id from a look at Entra's users: the UUID may be one that nobody has yet", () => {
    expect(leadingId({ ...ids, direction: "entraToDrupal" })).toBe("e");
    expect(leadingId({ drupalUuid: "d", direction: "entraToDrupal" })).toBe("d");
  });

  it("leads by Drupal's id otherwise, and nowhere for nobody", () => {
    expect(leadingId({ ...ids, direction: "drupalToEntra" })).toBe("d");
    expect(leadingId(ids)).toBe("d");
    expect(leadingId({ drupalUuid: null, entraId: "e" })).toBe("e");
    expect(leadingId({})).toBeNull();
  });
});
