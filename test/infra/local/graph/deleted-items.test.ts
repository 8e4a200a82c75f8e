import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { errorOf, type Graph, newUser, startGraph, valuesOf } from "./graph-client.ts";

const LIST = "/directory/deletedItems/microsoft.graph.user";

let graph: Graph;
let ada: string;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.simulator.close());
beforeEach(async () => {
  await graph.send("POST", "/_control/reset");
  ada = await graph.create("ada", { mail: "ada@contoso.example", department: "R&D" });
  expect((await graph.send("DELETE", `/users/${ada}`)).status).toBe(204);
});

const restore = (json?: unknown) =>
  graph.send("POST", `/directory/deletedItems/${ada}/restore`, json === undefined ? {} : { json });

test("a deleted user is gone from reads and lists, and in the deleted items with its id before the UPN", async () => {
  expect((await graph.send("GET", `/users/${ada}`)).status).toBe(404);
  expect(valuesOf(await graph.send("GET", "/users"))).toEqual([]);
  const [item] = valuesOf(await graph.send("GET", LIST));
  expect(item).toMatchObject({
    id: ada,
    userPrincipalName: `${ada.replaceAll("-", "")}ada@contoso.example`,
    deletedDateTime: expect.stringMatching(/Z$/),
  });
  const one = await graph.send("GET", `/directory/deletedItems/${ada}`);
  expect(one.body["@odata.type"]).toBe("#microsoft.graph.user");
});

test("one deleted user is read with what $select names, by id only", async () => {
  const path = `/directory/deletedItems/${ada}`;
  const { body } = await graph.send("GET", `${path}?$select=id,mail,deletedDateTime`);
  expect(body).toEqual({
    "@odata.context": `${graph.url}/v1.0/$metadata#directoryObjects/$entity`,
    "@odata.type": "#microsoft.graph.user",
    id: ada,
    mail: "ada@contoso.example",
    deletedDateTime: expect.stringMatching(/Z$/),
  });
  const other = await graph.create("bob");
  expect((await graph.send("GET", `/directory/deletedItems/${other}`)).status).toBe(404);
  const byName = await graph.send("GET", "/directory/deletedItems/ada@contoso.example");
  expect(errorOf(byName).message).toContain("Invalid object identifier");
});

test("a restored user is in the groups as before, and a report of the same manager", async () => {
  const bob = await graph.create("bob");
  const group = "11111111-1111-4111-a111-111111111111";
  await graph.control({ groups: [{ id: group, displayName: "Editors", members: [bob] }] });
  const json = { "@odata.id": `${graph.url}/v1.0/users/${await graph.create("boss")}` };
  await graph.send("PUT", `/users/${bob}/manager/$ref`, { json });
  await graph.send("DELETE", `/users/${bob}`);
  await graph.send("POST", `/directory/deletedItems/${bob}/restore`);
  const memberOf = valuesOf(await graph.send("GET", `/users/${bob}/memberOf`));
  expect(memberOf.map(({ id }) => id)).toEqual([group]);
  expect((await graph.send("GET", `/users/${bob}/manager`)).body.displayName).toBe("boss");
});

test("a restored user comes back as it was", async () => {
  const answer = await restore();
  expect([answer.status, answer.body.userPrincipalName]).toEqual([200, "ada@contoso.example"]);
  const read = await graph.send("GET", `/users/${ada}?$select=department,mail`);
  expect(read.body).toMatchObject({ department: "R&D", mail: "ada@contoso.example" });
  expect(valuesOf(await graph.send("GET", LIST))).toEqual([]);
  expect((await restore()).status).toBe(404);
});

test("a UPN taken in the meantime is a conflict, unless another is given", async () => {
  await graph.create("ada");
  const conflict = await restore();
  expect([conflict.status, errorOf(conflict)]).toEqual([
    400,
    expect.objectContaining({
      code: "Request_BadRequest",
      message: "Another object with the same value for property userPrincipalName already exists.",
      details: [
        {
          code: "ObjectConflict",
          message:
            "Another object with the same value for property userPrincipalName already exists.",
          target: "userPrincipalName",
        },
      ],
    }),
  ]);
  expect((await restore({ newUserPrincipalName: "ada@elsewhere.example" })).status).toBe(400);
  const renamed = await restore({ newUserPrincipalName: "ada2@contoso.example" });
  expect([renamed.status, renamed.body.userPrincipalName]).toEqual([200, "ada2@contoso.example"]);
  const read = await graph.send("GET", `/users/${ada}?$select=mail`);
  expect(read.body.mail).toBe("ada@contoso.example");
});

test("an address taken in the meantime is a conflict, unless it may be dropped", async () => {
  await graph.create("other", { mail: "ada@contoso.example" });
  expect(errorOf(await restore()).details?.[0]).toMatchObject({ target: "proxyAddresses" });
  expect((await restore({ autoReconcileProxyConflict: true })).status).toBe(200);
  const read = await graph.send("GET", `/users/${ada}?$select=mail`);
  expect(read.body.mail).toBeNull();
});

test("restore is for those who may", async () => {
  await graph.control({
    tokens: [
      { token: "reader", roles: ["User.Read.All"] },
      { token: "restorer", roles: ["User.DeleteRestore.All"] },
    ],
  });
  const path = `/directory/deletedItems/${ada}/restore`;
  expect((await graph.send("POST", path, { token: "reader" })).status).toBe(403);
  expect((await graph.send("POST", path, { token: "restorer" })).status).toBe(200);
});

test("restore refuses options it does not know", async () => {
  expect((await restore({ force: true })).status).toBe(400);
});

test("permanent deletion is final, and frees nothing that was not free already", async () => {
  expect((await graph.send("DELETE", `/directory/deletedItems/${ada}`)).status).toBe(204);
  expect((await graph.send("GET", `/directory/deletedItems/${ada}`)).status).toBe(404);
  expect(errorOf(await restore()).code).toBe("Request_ResourceNotFound");
  expect((await graph.send("DELETE", `/directory/deletedItems/${ada}`)).status).toBe(404);
  expect((await graph.send("POST", "/users", { json: newUser("ada") })).status).toBe(201);
});

test("after 30 days nothing can be restored", async () => {
  await graph.control({ clock: { offsetMs: 31 * 24 * 3_600_000 } });
  expect((await restore()).status).toBe(404);
});
