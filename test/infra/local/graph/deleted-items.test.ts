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
  expect(errorOf(await restore()).details?.[0]).toMatchObject({
    code: "ObjectConflict",
    target: "userPrincipalName",
  });
  expect((await restore({ newUserPrincipalName: "ada@elsewhere.example" })).status).toBe(400);
  expect((await restore({ newUserPrincipalName: "ada2@contoso.example" })).status).toBe(200);
});

test("an address taken in the meantime is a conflict, unless it may be dropped", async () => {
  await graph.create("other", { mail: "ada@contoso.example" });
  expect(errorOf(await restore()).details?.[0]).toMatchObject({ target: "proxyAddresses" });
  expect((await restore({ autoReconcileProxyConflict: true })).status).toBe(200);
  const read = await graph.send("GET", `/users/${ada}?$select=mail`);
  expect(read.body.mail).toBeNull();
});

test("restore refuses options it does not know", async () => {
  expect((await restore({ force: true })).status).toBe(400);
});

test("permanent deletion is final, and frees nothing that was not free already", async () => {
  expect((await graph.send("DELETE", `/directory/deletedItems/${ada}`)).status).toBe(204);
  expect((await graph.send("GET", `/directory/deletedItems/${ada}`)).status).toBe(404);
  expect((await graph.send("POST", "/users", { json: newUser("ada") })).status).toBe(201);
});

test("after 30 days nothing can be restored", async () => {
  await graph.control({ clock: { offsetMs: 31 * 24 * 3_600_000 } });
  expect((await restore()).status).toBe(404);
});
