import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { type Answer, errorOf, type Graph, jpeg, newUser, startGraph } from "./graph-client.ts";

const responses = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.number(),
      headers: z.record(z.string(), z.string()),
      body: z.unknown().optional(),
    }),
  ),
});

let graph: Graph;
let ada: string;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.simulator.close());
beforeEach(async () => {
  await graph.send("POST", "/_control/reset");
  ada = await graph.create("ada", { mail: "ada@contoso.example" });
});

const batch = (requests: unknown): Promise<Answer> =>
  graph.send("POST", "/$batch", { json: { requests } });
const items = (answer: Answer) => {
  const all = responses.parse(answer.body).responses;
  return new Map(all.map((one) => [one.id, one]));
};
const JSON_TYPE = { "Content-Type": "application/json" };

describe("a batch", () => {
  test("answers 200 with each item's own status, in another order than asked", async () => {
    const answer = await batch([
      { id: "a", method: "GET", url: `/users/${ada}?$select=id` },
      { id: "b", method: "GET", url: "/users/nobody@contoso.example" },
      { id: "c", method: "PUT", url: "/users" },
    ]);
    expect(answer.status).toBe(200);
    const all = responses.parse(answer.body).responses;
    expect(all.map(({ id }) => id)).not.toEqual(["a", "b", "c"]);
    const byId = items(answer);
    expect(["a", "b", "c"].map((id) => byId.get(id)?.status)).toEqual([200, 404, 405]);
    expect(byId.get("a")?.body).toMatchObject({ id: ada });
    expect(byId.get("a")?.headers).toMatchObject({
      "Cache-Control": "no-cache",
      "x-ms-resource-unit": "1",
      "OData-Version": "4.0",
    });
  });

  test.each(["/users", "users", "/v1.0/users", "v1.0/users"])("takes the url %s", async (url) => {
    const answer = await batch([{ id: "1", method: "GET", url: `${url}/${ada}` }]);
    expect(items(answer).get("1")?.status).toBe(200);
  });

  test("uses the headers of the item, not those of the batch", async () => {
    const item = { id: "1", method: "GET", url: "/users/$count" };
    const outer = await graph.send("POST", "/$batch", {
      json: { requests: [item] },
      headers: { ConsistencyLevel: "eventual" },
    });
    expect(items(outer).get("1")?.status).toBe(400);
    const inner = await batch([{ ...item, headers: { ConsistencyLevel: "eventual" } }]);
    expect(items(inner).get("1")).toMatchObject({ status: 200, body: "1" });
  });

  test("writes, and answers a 204 without a body", async () => {
    const answer = await batch([
      {
        id: "1",
        method: "PATCH",
        url: `/users/${ada}`,
        headers: JSON_TYPE,
        body: { department: "Legal" },
      },
    ]);
    expect(items(answer).get("1")).toMatchObject({ status: 204 });
    expect(items(answer).get("1")).not.toHaveProperty("body");
    expect(graph.simulator.listUsers()[0]?.department).toBe("Legal");
  });

  test("carries pictures as base64, both ways", async () => {
    const body = jpeg(100).toString("base64url");
    const put = {
      id: "1",
      method: "PUT",
      url: `/users/${ada}/photo/$value`,
      headers: { "Content-Type": "image/jpeg" },
      body,
    };
    expect(items(await batch([put])).get("1")?.status).toBe(200);
    const read = items(
      await batch([{ id: "2", method: "GET", url: `/users/${ada}/photo/$value` }]),
    ).get("2");
    expect(read).toMatchObject({
      headers: { "Content-Type": "image/jpeg" },
      body: jpeg(100).toString("base64"),
    });
  });
});

describe("dependsOn", () => {
  const create = (id: string, name: string, more: object = {}) => ({
    id,
    method: "POST",
    url: "/users",
    headers: JSON_TYPE,
    body: newUser(name),
    ...more,
  });

  test("runs items one after another", async () => {
    const answer = await batch([
      create("1", "bob"),
      {
        id: "2",
        method: "GET",
        url: "/users/bob@contoso.example",
        dependsOn: ["1"],
      },
    ]);
    expect(items(answer).get("2")?.status).toBe(200);
  });

  test("answers 424 to what depends on a failure, and does not run it", async () => {
    const answer = await batch([
      create("1", "ada"),
      create("2", "bob", { dependsOn: ["1"] }),
      create("3", "cleo", { dependsOn: ["2"] }),
      create("4", "dan"),
    ]);
    const statuses = ["1", "2", "3", "4"].map((id) => items(answer).get(id)?.status);
    expect(statuses).toEqual([400, 424, 424, 201]);
    const names = graph.simulator.listUsers().map(({ displayName }) => displayName);
    expect(names).toEqual(["ada", "dan"]);
  });
});

describe("as a whole", () => {
  const get = (id: string) => ({ id, method: "GET", url: "/users?$top=1&$select=id" });
  test.each([
    ["more than 20 items", Array.from({ length: 21 }, (_, index) => get(String(index)))],
    ["ids that differ in case only", [get("a"), get("A")]],
    ["no items", []],
    ["an item without a url", [{ id: "1", method: "GET" }]],
    ["a body without a content type", [{ id: "1", method: "PATCH", url: "/users/x", body: {} }]],
    ["a dependency on nothing", [{ ...get("1"), dependsOn: ["9"] }]],
    ["an absolute url", [{ ...get("1"), url: "https://graph.microsoft.com/v1.0/users" }]],
  ])("is refused with %s", async (_what, requests) => {
    expect((await batch(requests)).status).toBe(400);
  });

  test("takes exactly 20", async () => {
    const answer = await batch(Array.from({ length: 20 }, (_, index) => get(String(index))));
    expect(items(answer).size).toBe(20);
  });

  test("needs a token", async () => {
    const answer = await graph.send("POST", "/$batch", { json: { requests: [] }, token: null });
    expect(errorOf(answer).code).toBe("InvalidAuthenticationToken");
  });

  test("counts its items one by one: those beyond the quota are 429 inside the 200", async () => {
    // The create before each test was one of the four.
    await graph.control({ quota: { writes: 4, windowSeconds: 3000 } });
    const answer = await batch(
      ["1", "2", "3", "4", "5"].map((id) => ({
        id,
        method: "PATCH",
        url: `/users/${ada}`,
        headers: JSON_TYPE,
        body: { city: id },
      })),
    );
    expect(answer.status).toBe(200);
    const all = responses.parse(answer.body).responses;
    const throttled = all.filter(({ status }) => status === 429);
    expect(all.filter(({ status }) => status === 204)).toHaveLength(3);
    expect(throttled).toHaveLength(2);
    expect(Number(throttled[0]?.headers["Retry-After"])).toBeGreaterThan(0);
  });

  test("lets ordered faults strike single items", async () => {
    await graph.control({ faults: [{ path: "delta$", kind: "status", status: 503 }] });
    const delta = { id: "2", method: "GET", url: "/users/delta" };
    const answer = items(await batch([get("1"), delta]));
    expect([answer.get("1")?.status, answer.get("2")?.status]).toEqual([200, 503]);
  });
});
