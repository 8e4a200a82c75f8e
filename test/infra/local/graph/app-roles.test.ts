import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { errorOf, type Graph, newUser, startGraph, textAt, valuesOf } from "./graph-client.ts";

const APP = "33333333-3333-4333-a333-333333333333";
const APP_ID = "55555555-5555-4555-a555-555555555555";
const CLIENT = "66666666-6666-4666-a666-666666666666";
const EDITOR = "44444444-4444-4444-a444-444444444444";
const GROUP = "11111111-1111-4111-a111-111111111111";

let graph: Graph;
let ada: string;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.simulator.close());
beforeEach(async () => {
  await graph.send("POST", "/_control/reset");
  ada = await graph.create("ada");
  await graph.control({
    groups: [{ id: GROUP, displayName: "Editors", members: [ada] }],
    servicePrincipals: [
      {
        id: APP,
        appId: APP_ID,
        displayName: "Website",
        appRoles: [{ id: EDITOR, value: "Editor" }],
      },
      { id: CLIENT, displayName: "Robot" },
    ],
    appRoleAssignments: [ada, GROUP, CLIENT].map((principalId) => ({
      servicePrincipalId: APP,
      appRoleId: EDITOR,
      principalId,
    })),
  });
});

const path = `/servicePrincipals/${APP}/appRoleAssignedTo`;
const holders = async (from = path): Promise<unknown[]> =>
  valuesOf(await graph.send("GET", from)).map(({ principalId }) => principalId);

describe("appRoleAssignedTo", () => {
  test("tells who holds which role, with the documented members", async () => {
    const answer = await graph.send("GET", path);
    expect(valuesOf(answer)[0]).toEqual({
      id: expect.stringMatching(/^[\w-]{43}$/),
      deletedDateTime: null,
      appRoleId: EDITOR,
      createdDateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/),
      principalDisplayName: "ada",
      principalId: ada,
      principalType: "User",
      resourceDisplayName: "Website",
      resourceId: APP,
    });
    expect(valuesOf(answer).map(({ principalType }) => principalType)).toEqual([
      "User",
      "Group",
      "ServicePrincipal",
    ]);
  });

  test("is found by the application's own id too", async () => {
    expect(await holders(`/servicePrincipals(appId='${APP_ID}')/appRoleAssignedTo`)).toHaveLength(
      3,
    );
  });

  test("comes in pages, with what $select names", async () => {
    const first = await graph.send("GET", `${path}?$top=2&$select=principalId`);
    expect(valuesOf(first)).toEqual([{ principalId: ada }, { principalId: GROUP }]);
    expect(await holders(textAt(first, "@odata.nextLink"))).toEqual([CLIENT]);
  });

  test.each([
    ["an unknown application", `/servicePrincipals/${GROUP}/appRoleAssignedTo`, 404],
    ["a key that is no id", "/servicePrincipals/website/appRoleAssignedTo", 400],
    ["a filter", `${path}?$filter=appRoleId eq ${EDITOR}`, 501],
    ["an unknown property", `${path}?$select=role`, 400],
  ])("refuses %s", async (_what, from, status) => {
    expect((await graph.send("GET", from)).status).toBe(status);
  });

  test("does not name a deleted user, and again once restored", async () => {
    await graph.send("DELETE", `/users/${ada}`);
    expect(await holders()).toEqual([GROUP, CLIENT]);
    await graph.send("POST", `/directory/deletedItems/${ada}/restore`);
    expect(await holders()).toEqual([ada, GROUP, CLIENT]);
    await graph.send("DELETE", `/users/${ada}`);
    await graph.send("DELETE", `/directory/deletedItems/${ada}`);
    await graph.send("DELETE", `/groups/${GROUP}`);
    expect(await holders()).toEqual([CLIENT]);
  });

  test("needs Application.Read.All", async () => {
    await graph.control({ tokens: [{ token: "users", roles: ["User.Read.All"] }] });
    expect((await graph.send("GET", path, { token: "users" })).status).toBe(403);
  });
});

describe("the control route", () => {
  test("replaces the assignments", async () => {
    await graph.control({ appRoleAssignments: [] });
    expect(await holders()).toEqual([]);
  });

  test.each([
    [
      "an assignment to nobody",
      { appRoleAssignments: [{ servicePrincipalId: APP, appRoleId: EDITOR, principalId: APP_ID }] },
    ],
    ["a group of nobody", { groups: [{ displayName: "x", members: [APP_ID] }] }],
    ["on-premises of nobody", { onPremises: [{ id: APP_ID, state: "synced" }] }],
  ])("refuses %s and changes nothing", async (_what, json) => {
    const answer = await graph.send("PATCH", "/_control", { json: { ...json, latencyMs: 5000 } });
    expect(answer.status).toBe(400);
    expect(await holders()).toHaveLength(3);
  });

  test("gives a known group another name and other members", async () => {
    const bob = await graph.create("bob");
    await graph.control({ groups: [{ id: GROUP, displayName: "Writers", members: [bob] }] });
    const { body } = await graph.send("GET", `/groups/${GROUP}`);
    expect(body.displayName).toBe("Writers");
    const members = valuesOf(await graph.send("GET", `/groups/${GROUP}/members`));
    expect(members.map(({ id }) => id)).toEqual([bob]);
  });
});

describe("a federated domain", () => {
  beforeEach(() => graph.control({ domains: [{ name: "school.example", type: "Federated" }] }));
  const atSchool = (name: string, more: Record<string, unknown> = {}) =>
    newUser(name, { userPrincipalName: `${name}@school.example`, ...more });

  test("shows in the organization and among the domains", async () => {
    const [organization] = valuesOf(await graph.send("GET", "/organization"));
    expect(organization?.verifiedDomains).toContainEqual({
      capabilities: "Email, OfficeCommunicationsOnline",
      isDefault: false,
      isInitial: false,
      name: "school.example",
      type: "Federated",
    });
    const domains = valuesOf(await graph.send("GET", "/domains"));
    const types = domains.map(({ id, authenticationType }) => [id, authenticationType]);
    expect(types).toContainEqual(["school.example", "Federated"]);
    expect(types).toContainEqual(["contoso.example", "Managed"]);
  });

  test("has no user without onPremisesImmutableId", async () => {
    const refused = await graph.send("POST", "/users", { json: atSchool("eve") });
    expect(errorOf(refused)).toMatchObject({
      code: "Request_BadRequest",
      message: "One or more properties contains invalid values.",
    });
    const json = atSchool("eve", { onPremisesImmutableId: "anchor-1" });
    expect((await graph.send("POST", "/users", { json })).status).toBe(201);
    const move = { userPrincipalName: "ada@school.example" };
    expect((await graph.send("PATCH", `/users/${ada}`, { json: move })).status).toBe(400);
  });
});
