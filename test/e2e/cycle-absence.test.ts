// Users who are gone from a listing, and a change query that has forgotten where it was: nobody loses an account by mistake.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CycleClient, cycleClient } from "./cycle-client.ts";
import { type Stack, startStack } from "./stack.ts";

const PEOPLE = 100;
/** Of a hundred linked users five may be disabled without a look. */
const VANISHED = 6;

let stack: Stack;
let operator: CycleClient;
beforeAll(async () => {
  stack = await startStack({ people: PEOPLE });
  operator = cycleClient(stack);
  await operator.silence();
  // Nobody is in Entra yet: there is nobody to match.
  await operator.configure({ matching: [] });
  const first = await operator.run({ direction: "drupalToEntra", kind: "initial" });
  expect(first).toMatchObject({ status: "complete", operations: { create: PEOPLE } });
  await operator.quiet();
});
afterAll(() => stack.close());

const enabled = () => stack.entraUsers().filter(({ accountEnabled }) => accountEnabled);
const everyone = () => operator.run({ direction: "drupalToEntra", kind: "initial" });

describe("users who vanish from Drupal without a word", () => {
  it("are worth a look after two complete listings, and too many of them wait for an approval of just what was shown", async () => {
    const gone = (await stack.drupal.people()).slice(0, VANISHED);
    const bringBack = await stack.drupal.vanish(gone.map(({ uuid }) => uuid));

    const once = await everyone();
    expect(once).toMatchObject({
      status: "complete",
      reading: { users: PEOPLE + 2 - VANISHED },
      nominated: 0,
    });
    const twice = await everyone();
    expect(twice).toMatchObject({
      status: "waiting",
      waitsFor: { kind: "approval", plan: twice.plan },
      nominated: VANISHED,
      outcomes: { held: VANISHED },
      operations: {},
      harm: { disables: VANISHED, deletes: 0, roleRemovals: 0 },
      reason: { code: "thresholdExceeded" },
      endedAt: null,
    });
    expect(twice.reason?.message).toContain("6 user(s) would be disabled, 5 may be");
    // Told on every page of the listing, however many cycles come after.
    const listed = await (await stack.api("/cycles?limit=1")).json();
    expect(listed).toMatchObject({
      waiting: [{ id: twice.id }],
      jobs: [{ job: "drupalToEntra", last: { id: twice.id, status: "waiting" } }, {}, {}],
    });
    const held = await operator.usersOf(twice.id, "held");
    expect(new Set(held.map(({ drupalUuid }) => drupalUuid))).toEqual(
      new Set(gone.map(({ uuid }) => uuid)),
    );
    expect(enabled()).toHaveLength(PEOPLE);

    // One comes back from the site's backup, and with another department.
    const [back] = gone;
    if (back === undefined) throw new Error("nobody is gone");
    await bringBack([back.uuid]);
    await stack.editDrupalUser(back.uuid, { field_department: "Back again" });
    const done = await operator.approved(twice.id, { plan: twice.plan });
    expect(done).toMatchObject({
      status: "complete",
      approval: { plan: twice.plan, actor: "developer" },
      outcomes: { written: VANISHED - 1, moved: 1 },
      operations: { disable: VANISHED - 1 },
    });
    expect(await operator.usersOf(done.id, "moved")).toMatchObject([
      { drupalUuid: back.uuid, reason: { code: "movedSincePlan" } },
    ]);
    expect(enabled()).toHaveLength(PEOPLE - VANISHED + 1);
    expect(await stack.entraUser(back.mail ?? "")).toMatchObject({
      accountEnabled: true,
      department: back.department,
    });
    const rows = await stack.audit(`&cycle=${twice.id}&resourceType=user`);
    expect(rows).toHaveLength(VANISHED - 1);
    expect(new Set(rows.map(({ operation, cause }) => `${operation} ${cause}`))).toEqual(
      new Set(["disable approval"]),
    );

    // Their edit comes with the next cycle.
    await operator.run({ direction: "drupalToEntra", kind: "incremental" });
    expect(await stack.entraUser(back.mail ?? "")).toMatchObject({ department: "Back again" });
  });

  it("are taken for a failed read where half of them are gone", async () => {
    const uuids = (await stack.drupal.people()).slice(15, 75).map(({ uuid }) => uuid);
    const bringBack = await stack.drupal.vanish(uuids);
    const before = enabled().length;
    for (const cycle of [await everyone(), await everyone()])
      expect(cycle).toMatchObject({
        status: "incomplete",
        reason: { code: "listingShrank" },
        nominated: 0,
      });
    expect(enabled()).toHaveLength(before);
    await bringBack(uuids);
    // Those who were disabled before are still gone, and known to be.
    expect(await everyone()).toMatchObject({
      status: "complete",
      nominated: 0,
      operations: {},
    });
  });
});

describe("a change query that has forgotten where it was", () => {
  for (const [at, how] of (["syncStateNotFound", "gone"] as const).entries()) {
    it(`becomes a cycle of everyone that takes nobody for gone (${how})`, async () => {
      await operator.run({ direction: "entraToDrupal", kind: "initial" });
      const before = stack.entraUsers();
      const edited = before[50 + at];
      if (edited === undefined) throw new Error("nobody is there");
      await stack.editEntraUser(edited.id, { department: `Of ${how}` });
      await stack.control("graph", { deltaExpired: how });
      const cycle = await operator.run({ direction: "entraToDrupal", kind: "incremental" });
      await stack.control("graph", { deltaExpired: null });
      expect(cycle).toMatchObject({
        kind: "initial",
        status: "complete",
        nominated: 1,
        outcomes: { written: 1 },
        operations: { update: 1 },
        harm: { disables: 0, deletes: 0, roleRemovals: 0 },
      });
      expect(cycle.reason?.message).toContain("has forgotten where it was");
      // And the next one is a small one again.
      const next = await operator.run({ direction: "entraToDrupal", kind: "incremental" });
      expect(next).toMatchObject({ kind: "incremental", status: "complete", nominated: 0 });
    });
  }
});
