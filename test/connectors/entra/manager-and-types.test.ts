// The Entra connector over real sockets: the manager, values that are no text, look-ups by id, deleted users.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEntraUsers } from "../../../src/connectors/entra/users.ts";
import type { Attributes } from "../../../src/rules/users.ts";
import { type SimulatedGraph, startSimulatedGraph } from "./simulated-graph.ts";

let graph: SimulatedGraph;
beforeAll(async () => {
  graph = await startSimulatedGraph();
});
afterAll(() => graph.close());

const MARKER = "onPremisesExtensionAttributes.extensionAttribute15";
const NOBODY = "00000000-0000-4000-8000-000000000000";
const connect = (token?: string) => createEntraUsers(graph.client(token), () => new Date());

let made = 0;
const create = (values: Attributes = {}) => {
  made += 1;
  return connect().createUser({
    userPrincipalName: `person${made}@contoso.example`,
    mailNickname: `person${made}`,
    values: { displayName: `Person ${made}`, accountEnabled: true, ...values },
  });
};
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );
const managerOf = async (objectId: string) =>
  (await connect().getUser(objectId, ["manager"]))?.attributes.manager;

describe("the manager", () => {
  it("is read as an object id, and null when there is none; only where it is asked for", async () => {
    const { objectId: boss } = await create();
    const { objectId } = await create({ manager: boss });
    expect(await managerOf(objectId)).toBe(boss);
    expect(await managerOf(boss)).toBeNull();
    const without = await connect().getUser(objectId, ["displayName"]);
    expect(without?.attributes).not.toHaveProperty("manager");
  });

  it("is set, replaced and removed, and removing it again changes nothing", async () => {
    const [{ objectId: boss }, { objectId: other }, { objectId }] = [
      await create(),
      await create(),
      await create(),
    ];
    await connect().updateUser(objectId, { manager: boss, department: "R&D" });
    expect(await connect().getUser(objectId, ["manager", "department"])).toMatchObject({
      attributes: { manager: boss, department: "R&D" },
    });
    await connect().updateUser(objectId, { manager: other });
    expect(await managerOf(objectId)).toBe(other);
    await connect().updateUser(objectId, { manager: null });
    await connect().updateUser(objectId, { manager: null });
    expect(await managerOf(objectId)).toBeNull();
  });

  it("takes one request, and none for the other attributes when it comes alone", async () => {
    const [{ objectId: boss }, { objectId }] = [await create(), await create()];
    const before = await graph.served();
    await connect().updateUser(objectId, { manager: boss });
    expect((await graph.served()) - before).toBe(1);
  });

  it("who does not exist is refused by name; a user who does not exist is not found", async () => {
    const { objectId } = await create();
    const { objectId: boss } = await create();
    expect(await failure(connect().updateUser(objectId, { manager: NOBODY }))).toMatchObject({
      kind: "rejected",
      code: "managerNotFound",
      attribute: "manager",
    });
    expect(await failure(connect().updateUser(objectId, { manager: objectId }))).toMatchObject({
      kind: "rejected",
      code: "managerRefused",
      attribute: "manager",
    });
    expect(await failure(connect().updateUser(objectId, { manager: "Ada" }))).toMatchObject({
      kind: "rejected",
      attribute: "manager",
    });
    expect(await failure(connect().updateUser(NOBODY, { manager: boss }))).toMatchObject({
      kind: "notFound",
    });
  });

  it("who cannot be set costs a new account nothing: its id is answered, the manager is left", async () => {
    const { objectId, unwritten } = await create({ manager: NOBODY });
    expect(unwritten).toEqual(["manager"]);
    expect(await managerOf(objectId)).toBeNull();
    await graph.control({ faults: [{ rate: 1, path: "manager", kind: "status", status: 503 }] });
    const second = await create({ manager: objectId });
    await graph.control({ faults: [] });
    expect(second.unwritten).toEqual(["manager"]);
    expect(await managerOf(second.objectId)).toBeNull();
    expect((await create({ manager: objectId })).unwritten).toEqual([]);
  });

  it("comes along with users who are found by the marker, which the advanced engine alone can filter", async () => {
    const { objectId: boss } = await create();
    const mark = crypto.randomUUID();
    const { objectId } = await create({ manager: boss, [MARKER]: mark });
    const found = await connect().findUsers({ attribute: MARKER, value: mark }, ["manager"]);
    expect(found).toMatchObject([{ objectId, attributes: { manager: boss } }]);
  });
});

describe("values that are no text", () => {
  it("are written and read as they are: flags, numbers, dates, lists", async () => {
    const prefix = `extension_${"a".repeat(32)}`;
    await graph.control({
      extensionProperties: [
        { name: `${prefix}_isRemote`, dataType: "Boolean" },
        { name: `${prefix}_level`, dataType: "Integer" },
        { name: `${prefix}_since`, dataType: "DateTime" },
        { name: `${prefix}_teams`, dataType: "String", isMultiValued: true },
      ],
    });
    const values = {
      [`${prefix}_isRemote`]: false,
      [`${prefix}_level`]: 7,
      [`${prefix}_since`]: "2024-02-29T00:00:00Z",
      [`${prefix}_teams`]: ["red", "blue"],
      otherMails: ["a@example.org", "b@example.org"],
      businessPhones: ["+49 30 1"],
    };
    const { objectId } = await create();
    await connect().updateUser(objectId, values);
    const user = await connect().getUser(objectId, Object.keys(values));
    expect(user?.attributes).toEqual(values);
  });

  it("are cleared: a list with an empty one, the rest with null", async () => {
    const { objectId } = await create({
      businessPhones: ["+49 30 1"],
      otherMails: ["a@b.example"],
    });
    await connect().updateUser(objectId, { businessPhones: null, otherMails: null });
    const user = await connect().getUser(objectId, ["businessPhones", "otherMails"]);
    expect(user?.attributes).toEqual({ businessPhones: [], otherMails: [] });
  });
});

describe("looking users up", () => {
  it("by object id and by employee id", async () => {
    const { objectId } = await create({ employeeId: "E-7 & co" });
    const byId = await connect().findUsers({ attribute: "id", value: objectId }, ["employeeId"]);
    expect(byId).toMatchObject([{ objectId, attributes: { employeeId: "E-7 & co" } }]);
    expect(await connect().findUsers({ attribute: "id", value: NOBODY }, [])).toEqual([]);
    expect(await connect().findUsers({ attribute: "id", value: "' or 1" }, [])).toEqual([]);
    const byNumber = { attribute: "employeeId", value: "e-7 & co" };
    expect(await connect().findUsers(byNumber, [])).toMatchObject([{ objectId }]);
  });
});

describe("deleted users", () => {
  it("are in the bin, can be brought back once, and are as they were", async () => {
    const { objectId } = await create({ department: "R&D" });
    expect(await connect().isInBin(objectId)).toBe(false);
    await connect().deleteUser(objectId);
    expect(await connect().isInBin(objectId)).toBe(true);
    await connect().restoreUser(objectId);
    expect(await connect().getUser(objectId, ["department"])).toMatchObject({
      enabled: true,
      attributes: { department: "R&D" },
    });
    expect(await failure(connect().restoreUser(objectId))).toMatchObject({ kind: "notFound" });
  });

  it("whose name is taken meanwhile say so", async () => {
    const { objectId } = await create();
    const name = `person${made}@contoso.example`;
    await connect().deleteUser(objectId);
    await connect().createUser({
      userPrincipalName: name,
      mailNickname: "other",
      values: { displayName: "Other", accountEnabled: true },
    });
    expect(await failure(connect().restoreUser(objectId))).toMatchObject({
      kind: "alreadyExists",
      attribute: "userPrincipalName",
    });
  });

  it("are not looked for without the right, which is named", async () => {
    await graph.control({ tokens: [{ token: "groups", roles: ["GroupMember.Read.All"] }] });
    expect(await failure(connect("groups").isInBin(NOBODY))).toMatchObject({
      kind: "access",
      code: "graphPermissionMissing",
      message: expect.stringContaining("User.DeleteRestore.All"),
    });
  });
});
