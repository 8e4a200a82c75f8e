// Cycles through the real door: a dry run and its approval, nothing to do at rest, and what only a cycle notices.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CycleClient, cycleClient, type ShownCycleUser } from "./cycle-client.ts";
import { type Stack, startStack } from "./stack.ts";

const EDITORS = "aaaaaaaa-0000-4000-8000-000000000001";
const BOTH = ["drupalToEntra", "entraToDrupal"] as const;

let stack: Stack;
let operator: CycleClient;
beforeAll(async () => {
  stack = await startStack({ people: 12, graphPeople: 12 });
  operator = cycleClient(stack);
  await operator.silence();
});
afterAll(() => stack.close());

/** A write as a plan, or the audit log, tells of it. */
interface ToldWrite extends Pick<ShownCycleUser["steps"][number], "operation"> {
  readonly system?: string | undefined;
  readonly changes: readonly {
    readonly attribute: string;
    readonly before: unknown;
    readonly after: unknown;
  }[];
}
/** One line for each write. The name of a new account is chosen when it is made: only then it is known to be free. */
const toldWrites = (steps: readonly ToldWrite[]): string[] =>
  steps.flatMap(({ system, operation, changes }) => [
    `${operation} ${system} ${changes
      .filter(({ attribute }) => attribute !== "userPrincipalName")
      .map(({ attribute, before, after }) => `${attribute}:${before}>${after}`)
      .toSorted()
      .join(" ")}`,
  ]);

const shown = (uuid: string) => stack.drupalUser(uuid).then((user) => user?.attributes);

describe("a dry run", () => {
  it("shows every plan page by page and as CSV, and writes nothing", async () => {
    const before = stack.entraUsers();
    const dry = await operator.run({ direction: "drupalToEntra", kind: "initial", dryRun: true });
    expect(dry).toMatchObject({
      status: "complete",
      dryRun: true,
      reading: { users: 14, isDone: true, fault: null },
      nominated: 14,
      done: 14,
      outcomes: { planned: 12, skipped: 2 },
      operations: {},
      plan: expect.any(String),
    });
    const users = await operator.usersOf(dry.id);
    expect(users).toHaveLength(14);
    expect(await operator.usersOf(dry.id, undefined, 5)).toEqual(users);
    const planned = await operator.usersOf(dry.id, "planned", 7);
    expect(planned).toEqual(users.filter(({ outcome }) => outcome === "planned"));
    expect(planned.every(({ steps, plan }) => steps.length > 0 && plan !== null)).toBe(true);

    const rows = await operator.csvOf(`/cycles/${dry.id}?format=csv`);
    const expected = users.flatMap(({ drupalUuid, displayName, outcome, steps }) =>
      (steps.length === 0 ? [null] : steps).flatMap((step) =>
        (step === null || step.changes.length === 0 ? [null] : step.changes).map((change) => ({
          displayName,
          drupalUuid,
          outcome,
          system: step?.system ?? "",
          operation: step?.operation ?? "",
          attribute: change?.attribute ?? "",
          after: String(change?.after ?? ""),
        })),
      ),
    );
    expect(rows).toMatchObject(expected);
    expect(rows.length).toBeGreaterThan(14);

    expect(stack.entraUsers()).toEqual(before);
    const { counts } = await operator.requestsOf("graph");
    const writes = Object.keys(counts).filter((one) => /^(POST|PATCH|PUT|DELETE) /.test(one));
    expect(writes.filter((one) => one !== "POST /$batch")).toEqual([]);
    expect(await stack.audit(`&cycle=${dry.id}&resourceType=user`)).toEqual([]);
    expect(await (await stack.api("/links")).json()).toMatchObject({ items: [] });
  });

  it("is carried out exactly once approved by its plan, and leaves out whoever was edited since", async () => {
    const dry = await operator.run({ direction: "drupalToEntra", kind: "initial", dryRun: true });
    const planned = await operator.usersOf(dry.id, "planned");
    const created = planned.filter(({ steps }) => steps[0]?.operation === "create");
    expect(created).toHaveLength(3);
    const edited = created[0]?.drupalUuid ?? "";
    await stack.editDrupalUser(edited, { field_department: "Edited since" });

    const other = await operator.refused(`/cycles/${dry.id}/approve`, { plan: "another plan" });
    expect(other).toMatchObject({ status: 409, code: "otherPlan" });
    expect(await operator.refused(`/cycles/${dry.id}/approve`)).toMatchObject({
      code: "otherPlan",
    });
    expect(stack.entraUsers()).toHaveLength(12);

    const done = await operator.approved(dry.id, { plan: dry.plan });
    expect(done).toMatchObject({
      status: "complete",
      approval: { plan: dry.plan, actor: "developer" },
      outcomes: { written: 11, moved: 1 },
    });
    expect(stack.entraUsers()).toHaveLength(14);
    const [moved] = await operator.usersOf(dry.id, "moved");
    expect(moved).toMatchObject({ drupalUuid: edited, reason: { code: "movedSincePlan" } });
    expect(await stack.audit(`&user=${edited}&operation=create`)).toEqual([]);

    for (const { drupalUuid, steps } of planned) {
      if (drupalUuid === edited) continue;
      const rows = await stack.audit(`&cycle=${dry.id}&user=${drupalUuid}`);
      expect(toldWrites(rows.toReversed())).toEqual(toldWrites(steps));
      expect(new Set(rows.map(({ cause, actor }) => `${cause} ${actor}`))).toEqual(
        new Set(["approval developer"]),
      );
    }
    const again = await operator.refused(`/cycles/${dry.id}/approve`, { plan: dry.plan });
    expect(again).toMatchObject({ status: 409, code: "notWaiting" });
  });
});

describe("at rest", () => {
  it("a second initial cycle of each direction nominates nobody", async () => {
    for (const direction of BOTH) {
      const first = await operator.run({ direction, kind: "initial" });
      expect(first).toMatchObject({ status: "complete", reading: { fault: null } });
    }
    await operator.quiet();
    for (const direction of BOTH) {
      const second = await operator.run({ direction, kind: "initial" });
      expect(second).toMatchObject({ status: "complete", nominated: 0, outcomes: {} });
      expect(second.reading.unchanged).toBe(second.reading.users);
    }
  });

  it("an incremental cycle of each direction costs one call, and writes nothing", async () => {
    for (const direction of BOTH) {
      const asked = await operator.asked(() => operator.run({ direction, kind: "incremental" }));
      expect(asked.result).toMatchObject({ status: "complete", nominated: 0 });
      const { drupal, graph } = asked;
      expect({ direction, drupal, graph }).toEqual(
        direction === "drupalToEntra"
          ? { direction, drupal: 1, graph: 0 }
          : { direction, drupal: 0, graph: 1 },
      );
    }
  });
});

describe("an incremental cycle", () => {
  const run = (direction: (typeof BOTH)[number]) =>
    operator.run({ direction, kind: "incremental" });
  // What may be an older read, or a read too early, waits. So a value changes of an account that the sync has made and not read
  // since, and one that is deleted was there before.
  const linked = async (by: "create" | "link", index: number) => {
    const rows = await stack.audit(`&operation=${by}&system=entra`);
    const { drupalUuid: uuid, entraId: id } = rows[index] ?? {};
    const user = stack.entraUsers().find((one) => one.id === id);
    if (uuid == null || user === undefined) throw new Error("there is nobody");
    return { id: user.id, upn: user.userPrincipalName, uuid };
  };

  it("takes an edit that Drupal never told of to Entra", async () => {
    const { uuid, upn } = await linked("create", 0);
    await stack.editDrupalUser(uuid, { field_department: "By a cycle" });
    const cycle = await run("drupalToEntra");
    expect(cycle).toMatchObject({ kind: "incremental", status: "complete" });
    expect(cycle).toMatchObject({ nominated: 1, outcomes: { written: 1 } });
    expect(await stack.entraUser(upn)).toMatchObject({ department: "By a cycle" });
    const [row] = await stack.audit(`&user=${uuid}&operation=update`);
    expect(row).toMatchObject({ cause: "cycle", cycleId: cycle.id, actor: "developer" });
  });

  it("takes an edit of Entra to Drupal, and blocks in Drupal whom Entra has deleted", async () => {
    const [edited, deleted] = [await linked("create", 1), await linked("link", 0)];
    await stack.editEntraUser(edited.id, { department: "From Entra" });
    await stack.deleteEntraUser(deleted.id);
    const cycle = await run("entraToDrupal");
    expect(cycle).toMatchObject({ kind: "incremental", status: "complete" });
    expect(await shown(edited.uuid)).toMatchObject({ field_department: "From Entra" });
    expect(await shown(deleted.uuid)).toMatchObject({ status: false });
  });

  it("gives a role with the membership of a mapped group, and takes it with its end", async () => {
    const { id, uuid } = await linked("create", 0);
    const members = (ids: string[]) =>
      stack.control("graph", { groups: [{ id: EDITORS, displayName: "Editors", members: ids }] });
    const roles = async () =>
      (await stack.drupalUser(uuid))?.relationships.roles.data.map(
        ({ meta }) => meta.drupal_internal__target_id,
      );
    await members([]);
    await operator.configure({
      roles: { map: [{ drupal: "content_editor", entraGroups: [EDITORS] }] },
    });
    // The watermark is of another configuration: everyone is read once.
    const changed = await run("entraToDrupal");
    expect(changed).toMatchObject({ kind: "initial", status: "complete" });
    expect(await roles()).not.toContain("content_editor");
    await members([id]);
    expect(await run("entraToDrupal")).toMatchObject({ kind: "incremental", nominated: 1 });
    expect(await roles()).toContain("content_editor");
    await members([]);
    expect(await run("entraToDrupal")).toMatchObject({ kind: "incremental", nominated: 1 });
    expect(await roles()).not.toContain("content_editor");
    expect(await run("entraToDrupal")).toMatchObject({ kind: "incremental", nominated: 0 });
  });
});
