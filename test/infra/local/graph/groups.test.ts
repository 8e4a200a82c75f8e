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

describe("groups/delta", () => {
  test("brings members first, then only those who came or went", async () => {
    const { items, last } = await graph.readAll("/groups/delta?$select=displayName,members");
    expect(items[0]).toEqual({
      id: INNER,
      displayName: "Editors",
      "members@delta": [{ "@odata.type": "#microsoft.graph.user", id: ada }],
    });
    await graph.send("POST", `/groups/${INNER}/members/$ref`, { json: reference(bob) });
    await graph.send("DELETE", `/groups/${INNER}/members/${ada}/$ref`);
    const round = await graph.send("GET", textAt(last, "@odata.deltaLink"));
    expect(valuesOf(round)).toEqual([
      {
        id: INNER,
        displayName: "Editors",
        "members@delta": [
          { "@odata.type": "#microsoft.graph.user", id: bob },
          { "@odata.type": "#microsoft.graph.user", id: ada, "@removed": { reason: "deleted" } },
        ],
      },
    ]);
  });

  test("spreads a large group over several items with the same id", async () => {
    await graph.control({ deltaPageSize: 1 });
    const { items } = await graph.readAll("/groups/delta?$select=members");
    expect(items.map(({ id }) => id)).toEqual([INNER, OUTER, OUTER]);
  });

  test("does not take a token of users/delta", async () => {
    const { last } = await graph.readAll("/users/delta");
    const link = textAt(last, "@odata.deltaLink").replace("/users/", "/groups/");
    expect((await graph.send("GET", link)).status).toBe(400);
  });
});

describe("app role assignments", () => {
  test("are read from the application, with who holds which role", async () => {
    const appRoleId = "44444444-4444-4444-a444-444444444444";
    const assignments = [ada, INNER].map((principalId) => ({
      servicePrincipalId: APP,
      appRoleId,
      principalId,
    }));
    await graph.control({ appRoleAssignments: assignments });
    const answer = await graph.send("GET", `/servicePrincipals/${APP}/appRoleAssignedTo`);
    expect(
      valuesOf(answer).map((one) => [one.principalId, one.principalType, one.appRoleId]),
    ).toEqual([
      [ada, "User", appRoleId],
      [INNER, "Group", appRoleId],
    ]);
    expect((await graph.send("GET", `/servicePrincipals/${INNER}/appRoleAssignedTo`)).status).toBe(
      404,
    );
  });
});
