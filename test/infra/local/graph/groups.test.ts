import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { errorOf, type Graph, startGraph, textAt, valuesOf } from "./graph-client.ts";

const INNER = "11111111-1111-4111-a111-111111111111";
const OUTER = "22222222-2222-4222-a222-222222222222";
const APP = "33333333-3333-4333-a333-333333333333";

let graph: Graph;
let ada: string;
let bob: string;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.simulator.close());
beforeEach(async () => {
  await graph.send("POST", "/_control/reset");
  ada = await graph.create("ada");
  bob = await graph.create("bob");
  await graph.control({
    groups: [
      { id: INNER, displayName: "Editors", members: [ada] },
      { id: OUTER, displayName: "Staff", members: [INNER, bob] },
    ],
  });
});

const ids = async (path: string): Promise<unknown[]> =>
  valuesOf(await graph.send("GET", path)).map(({ id }) => id);
const reference = (id: string) => ({ "@odata.id": `${graph.url}/v1.0/directoryObjects/${id}` });

describe("groups", () => {
  test("are listed, filtered by name and read by id", async () => {
    expect(await ids("/groups")).toEqual([INNER, OUTER]);
    expect(await ids("/groups?$filter=displayName eq 'staff'")).toEqual([OUTER]);
    const group = await graph.send("GET", `/groups/${INNER}?$select=displayName`);
    expect(group.body.displayName).toBe("Editors");
    expect((await graph.send("GET", `/groups/${APP}`)).status).toBe(404);
  });

  test("show direct members with their type, and transitive ones through nested groups", async () => {
    const members = valuesOf(await graph.send("GET", `/groups/${OUTER}/members`));
    expect(members.map((one) => [one["@odata.type"], one.id])).toEqual([
      ["#microsoft.graph.group", INNER],
      ["#microsoft.graph.user", bob],
    ]);
    const all = await ids(`/groups/${OUTER}/transitiveMembers/microsoft.graph.user`);
    expect(all.sort()).toEqual([ada, bob].sort());
  });

  test("are found from the user, directly and transitively", async () => {
    expect(await ids(`/users/${ada}/memberOf`)).toEqual([INNER]);
    expect((await ids(`/users/${ada}/transitiveMemberOf`)).sort()).toEqual([INNER, OUTER]);
  });

  test("page their members", async () => {
    const first = await graph.send("GET", `/groups/${OUTER}/members?$top=1`);
    expect(valuesOf(first)).toHaveLength(1);
    expect(await ids(textAt(first, "@odata.nextLink"))).toEqual([bob]);
  });

  test("take and lose members by reference, each once", async () => {
    const add = () => graph.send("POST", `/groups/${INNER}/members/$ref`, { json: reference(bob) });
    expect((await add()).status).toBe(204);
    expect(errorOf(await add()).message).toMatch(/already exist/);
    const path = `/groups/${INNER}/members/${bob}/$ref`;
    expect((await graph.send("DELETE", path)).status).toBe(204);
    expect((await graph.send("DELETE", path)).status).toBe(404);
  });

  test("do not show a deleted member", async () => {
    await graph.send("DELETE", `/users/${ada}`);
    expect(await ids(`/groups/${INNER}/members`)).toEqual([]);
  });
});

describe("writing groups", () => {
  const group = (more: Record<string, unknown> = {}) => ({
    displayName: "Readers",
    mailEnabled: false,
    mailNickname: "readers",
    securityEnabled: true,
    ...more,
  });
  const post = (json: unknown, token = "local") => graph.send("POST", "/groups", { json, token });

  test("makes a security group, of which more may have the same name", async () => {
    const made = await post(group({ description: "Read" }));
    expect([made.status, made.body.securityEnabled, made.body.description]).toEqual([
      201,
      true,
      "Read",
    ]);
    expect((await post(group())).status).toBe(201);
    const path = `/groups/${textAt(made, "id")}`;
    const json = { displayName: "Reading circle", description: null };
    expect((await graph.send("PATCH", path, { json })).status).toBe(204);
    expect((await graph.send("GET", path)).body).toMatchObject(json);
    expect((await graph.send("DELETE", path)).status).toBe(204);
    expect((await graph.send("GET", path)).status).toBe(404);
  });

  test.each([
    ["without a name", { displayName: undefined }, 400],
    ["with a nickname that is none", { mailNickname: "the readers" }, 400],
    ["with a name that is too long", { displayName: "x".repeat(257) }, 400],
    ["for Microsoft 365", { groupTypes: ["Unified"], mailEnabled: true }, 501],
    ["with members", { "members@odata.bind": [] }, 501],
  ])("%s is refused", async (_what, more, status) => {
    expect((await post(group(more))).status).toBe(status);
  });

  test("needs the permission", async () => {
    await graph.control({ tokens: [{ token: "members", roles: ["GroupMember.ReadWrite.All"] }] });
    expect((await post(group(), "members")).status).toBe(403);
    const json = reference(bob);
    const path = `/groups/${INNER}/members/$ref`;
    expect((await graph.send("POST", path, { json, token: "members" })).status).toBe(204);
  });

  test("is refused where a role hangs on the group, and for a group in itself", async () => {
    await graph.control({ groups: [{ id: APP, displayName: "Admins", isAssignableToRole: true }] });
    const add = (id: string, member: string) =>
      graph.send("POST", `/groups/${id}/members/$ref`, { json: reference(member) });
    expect((await add(APP, bob)).status).toBe(403);
    expect((await add(INNER, INNER)).status).toBe(400);
  });

  test("with a key that is no id is 400, not 404", async () => {
    expect(errorOf(await graph.send("GET", "/groups/Editors")).message).toBe(
      "Invalid object identifier 'Editors'.",
    );
  });
});
