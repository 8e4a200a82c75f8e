// An operator steers cycles: a few users first, stop, take back; and there is only ever one at a time, whoever starts it.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CycleClient, cycleClient, type ShownCycle } from "./cycle-client.ts";
import { eventually, type Stack, startStack } from "./stack.ts";

let stack: Stack;
let operator: CycleClient;
beforeAll(async () => {
  stack = await startStack({ people: 40 });
  operator = cycleClient(stack);
  await operator.silence();
  await operator.configure({ matching: [] });
});
afterAll(() => stack.close());

describe("a canary", () => {
  it("writes three users, waits until someone has looked, and then goes on", async () => {
    const first = await operator.run({ direction: "drupalToEntra", kind: "initial", canary: 3 });
    expect(first).toMatchObject({
      status: "waiting",
      waitsFor: { kind: "canary" },
      canary: 3,
      outcomes: { written: 3 },
      endedAt: null,
    });
    const { waitsFor } = first;
    if (waitsFor?.kind !== "canary") throw new Error("does not wait for a look");
    const leftMs = Date.parse(waitsFor.expiresAt) - Date.now();
    expect(Math.round(leftMs / 3_600_000)).toBe(24);
    expect(stack.entraUsers()).toHaveLength(3);
    const busy = await operator.refused("/cycles", { direction: "drupalToEntra" });
    expect(busy).toMatchObject({ status: 409, location: `/api/cycles/${first.id}` });

    const second = await operator.approved(first.id, { canary: 2 });
    expect(second).toMatchObject({ waitsFor: { kind: "canary" }, outcomes: { written: 5 } });
    expect(stack.entraUsers()).toHaveLength(5);
  });
});

describe("a cancel", () => {
  it("stops before the next user: what was written stays, and nothing comes after", async () => {
    const { id } = (await operator.cycles())[0] ?? { id: "" };
    // Of 35 users left 16 are served at once, each in some calls.
    await stack.control("graph", { latencyMs: 150 });
    await operator.approveCycle(id);
    await eventually("some more are there", async () => stack.entraUsers().length > 5);
    await operator.cancelCycle(id);
    const ended = await operator.atRest(id);
    const written = stack.entraUsers().length;
    expect(ended).toMatchObject({ status: "cancelled", outcomes: { written } });
    expect(written).toBeGreaterThan(5);
    expect(written).toBeLessThan(40);
    expect(ended.reason?.message).toContain("cancelled by developer");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(stack.entraUsers()).toHaveLength(written);
    expect(await operator.refused(`/cycles/${id}/cancel`)).toMatchObject({ code: "notWaiting" });
    await stack.control("graph", { latencyMs: 0 });

    const rest = await operator.run({ direction: "drupalToEntra" });
    expect(rest).toMatchObject({ status: "complete", operations: { create: 40 - written } });
    expect(stack.entraUsers()).toHaveLength(40);
  });
});

describe("an undo", () => {
  it("takes back a department that a cycle rolled out, once its plan is approved", async () => {
    await operator.quiet();
    const upns = stack.entraUsers().map(({ userPrincipalName }) => userPrincipalName);
    const departments = async () =>
      Promise.all(upns.map(async (upn) => (await stack.entraUser(upn))?.department));
    const before = await departments();
    // The row flows both ways: so an old value that comes back is an edit of Entra's people, and lasts.
    const { users } = stack.drupal.simulation.site;
    const people = users.inUidOrder().filter(({ uid }) => uid >= 10);
    for (const { uuid } of people.slice(0, 12))
      await stack.editDrupalUser(uuid, { field_department: "Wrong" });
    const wrong = await operator.run({ direction: "drupalToEntra", kind: "incremental" });
    expect(wrong).toMatchObject({ operations: { update: 12 } });
    expect((await departments()).filter((one) => one === "Wrong")).toHaveLength(12);

    const plan = await operator.atRest((await operator.undoCycle(wrong.id)).id);
    expect(plan).toMatchObject({
      kind: "undo",
      dryRun: true,
      undoes: wrong.id,
      status: "complete",
      outcomes: { planned: 12 },
      operations: {},
    });
    for (const { steps } of await operator.usersOf(plan.id, "planned"))
      expect(steps).toMatchObject([
        {
          system: "entra",
          operation: "update",
          changes: [{ attribute: "department", before: "Wrong", after: expect.any(String) }],
        },
      ]);
    expect((await departments()).filter((one) => one === "Wrong")).toHaveLength(12);

    const done = await operator.approved(plan.id, { plan: plan.plan });
    expect(done).toMatchObject({ status: "complete", outcomes: { written: 12 } });
    expect(await departments()).toEqual(before);
  });

  it("of a create deletes nobody, and says so", async () => {
    const creating = (await operator.cycles()).find(({ status }) => status === "cancelled");
    const plan = await operator.atRest((await operator.undoCycle(creating?.id ?? "")).id);
    expect(plan).toMatchObject({ status: "complete", plan: null, operations: {} });
    const users = await operator.usersOf(plan.id);
    expect(users.length).toBeGreaterThan(5);
    for (const { reason, steps } of users) {
      expect(steps).toEqual([]);
      expect(reason.code).toBe("cannotBeUndone");
      expect(reason.message).toContain("createdAccount");
    }
    expect(stack.entraUsers()).toHaveLength(40);
  });
});

/** None of these cycles was taken up before the one before had ended. */
function oneAtATime(cycles: readonly ShownCycle[]): void {
  const begins = ({ startedAt }: ShownCycle): string => startedAt ?? "";
  const inOrder = cycles.toSorted((a, b) => begins(a).localeCompare(begins(b)));
  for (const [at, cycle] of inOrder.entries()) {
    const before = inOrder[at - 1];
    if (before === undefined) continue;
    expect({ cycle, before, follows: begins(cycle) >= (before.endedAt ?? "9") }).toMatchObject({
      follows: true,
    });
  }
}

describe("one cycle of a direction at a time", () => {
  it("is what two orders at once get: one is told where the other's cycle is", async () => {
    await stack.control("graph", { latencyMs: 100 });
    const order = { direction: "entraToDrupal", kind: "initial" };
    const answers = await Promise.all([
      operator.post("/cycles", order),
      operator.post("/cycles", order),
    ]);
    await stack.control("graph", { latencyMs: 0 });
    const started = answers.filter((one) => "id" in one);
    const refused = answers.filter((one) => !("id" in one));
    expect(started).toHaveLength(1);
    expect(refused).toMatchObject([
      { status: 409, code: "cycleActive", location: `/api/cycles/${started[0]?.id}` },
    ]);
    await operator.atRest(started[0]?.id ?? "");
  });

  it("is what schedules on two hosts get, and ended ones follow each other", async () => {
    const known = new Set((await operator.cycles()).map(({ id }) => id));
    const schedule = { DRUPAL_TO_ENTRA_SCHEDULE: "*/1 * * * * *" };
    // A call takes so long that a cycle is often still running when its time comes again.
    await stack.control("drupal", { latencyMs: 600 });
    // The host that began with another schedule keeps the timer as long as it lives.
    await stack.restartHost("close", schedule);
    await operator.silence();
    const second = await stack.startHost(schedule);
    // Of two hosts one keeps the timer: on the other it is run by hand, as fast as may be.
    const byHand = () =>
      fetch(`${second.url}/admin/functions/drupal-to-entra-timer`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ input: "" }),
      });
    const scheduled = async () =>
      (await operator.cycles()).filter(
        ({ id, direction }) => direction === "drupalToEntra" && !known.has(id),
      );
    await eventually(
      "four have ended",
      async () => {
        await Promise.all([byHand(), byHand()]);
        const cycles = await scheduled();
        expect(cycles.filter(({ endedAt }) => endedAt === null).length).toBeLessThanOrEqual(1);
        return cycles.filter(({ endedAt }) => endedAt !== null).length >= 4;
      },
      40_000,
    );
    await second.close();
    await stack.restartHost("close");
    await stack.control("drupal", { latencyMs: 0 });
    for (const { id } of await scheduled()) await operator.atRest(id);
    const cycles = await scheduled();
    // Some came while one was under way, and started none.
    const started = stack.told("cycle.started").filter(({ job }) => job === "drupalToEntra");
    const outcomes = new Set(started.map(({ outcome }) => outcome));
    expect(outcomes).toEqual(new Set(["active", "started"]));
    oneAtATime(cycles);
    for (const cycle of cycles)
      expect(cycle).toMatchObject({ kind: "incremental", status: "complete", actor: null });
  }, 70_000);
});
