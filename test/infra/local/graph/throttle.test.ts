import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { errorOf, type Graph, startGraph } from "./graph-client.ts";

let graph: Graph;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.simulator.close());
beforeEach(() => graph.send("POST", "/_control/reset"));

// A window so long that nothing refills while a test runs.
const LONG = 1_000_000;
const patch = (id: string) => graph.send("PATCH", `/users/${id}`, { json: { city: "Delft" } });

test.each([
  ["/users", 2],
  ["/users?$select=id", 1],
  ["/users?$top=5", 1],
  ["/users/{id}", 1],
  ["/users/{id}/memberOf", 2],
  ["/users/delta", 1],
  ["/groups/{group}/members", 3],
  ["/groups/{group}/transitiveMembers?$select=id", 4],
])("GET %s costs %i resource units", async (path, units) => {
  const id = await graph.create("ada");
  const group = "11111111-1111-4111-a111-111111111111";
  await graph.control({ groups: [{ id: group, displayName: "G" }] });
  const answer = await graph.send("GET", path.replace("{id}", id).replace("{group}", group));
  expect(answer.headers.get("x-ms-resource-unit")).toBe(String(units));
});

test("pictures carry no resource units: they belong to Outlook", async () => {
  const id = await graph.create("ada");
  const answer = await graph.send("GET", `/users/${id}/photo`);
  expect(answer.headers.get("x-ms-resource-unit")).toBeNull();
});

test("writes beyond the quota are 429 with Retry-After and the reason, and change nothing", async () => {
  const id = await graph.create("ada");
  await graph.control({ quota: { writes: 5, windowSeconds: LONG } });
  // The create before was one of the five.
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) statuses.push((await patch(id)).status);
  expect(statuses).toEqual([204, 204, 204, 204]);
  const answer = await graph.send("PATCH", `/users/${id}`, { json: { city: "Leiden" } });
  expect([answer.status, errorOf(answer).code]).toEqual([429, "TooManyRequests"]);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(answer.headers.get("x-ms-throttle-information")).toBe("WriteLimitExceeded");
  expect(answer.headers.get("x-ms-throttle-scope")).toMatch(/^Tenant_Application\/ReadWrite\//);
  expect(graph.simulator.listUsers()[0]?.city).toBe("Delft");
  expect((await graph.send("GET", `/users/${id}`)).status).toBe(200);
});

test("the percentage is shown above 0.8 only", async () => {
  const id = await graph.create("ada");
  await graph.control({ quota: { writes: 10, windowSeconds: LONG } });
  const shown: (string | null)[] = [];
  for (let count = 0; count < 9; count += 1) {
    shown.push((await patch(id)).headers.get("x-ms-throttle-limit-percentage"));
  }
  expect(shown).toEqual([null, null, null, null, null, null, null, "0.90", "1.00"]);
});

test("the bucket refills with time, and asking while throttled makes the wait longer", async () => {
  const id = await graph.create("ada");
  await graph.control({ quota: { writes: 10, windowSeconds: 1000 } });
  for (let count = 0; count < 9; count += 1) await patch(id);
  const wait = async (): Promise<number> => {
    const answer = await patch(id);
    expect(answer.status).toBe(429);
    return Number(answer.headers.get("retry-after"));
  };
  const first = await wait();
  expect(await wait()).toBeGreaterThan(first);
  await graph.control({ clock: { offsetMs: 500_000 } });
  expect((await patch(id)).status).toBe(204);
});

test("resource units run out by the size of the tenant", async () => {
  await graph.control({ quota: { writes: 3000, windowSeconds: 150, scale: 0.002 } });
  // A small tenant's 3,500 units, times 0.002, are 7: three lists at 2 units each.
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1)
    statuses.push((await graph.send("GET", "/users")).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
});

test("Retry-After can be left out, and quotas switched off", async () => {
  const id = await graph.create("ada");
  await graph.control({ quota: { writes: 1, windowSeconds: LONG, retryAfter: false } });
  const answer = await patch(id);
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, null]);
  await graph.control({ quota: null });
  expect((await patch(id)).status).toBe(204);
});

test("the documented quota holds: 3,000 writes at once and not one more", async () => {
  const id = await graph.create("ada");
  await graph.control({ quota: { windowSeconds: LONG } });
  const requests = Array.from({ length: 20 }, (_, index) => ({
    id: String(index),
    method: "PATCH",
    url: `/users/${id}`,
    headers: { "Content-Type": "application/json" },
    body: { city: "Delft" },
  }));
  const counts = new Map<number, number>();
  for (let round = 0; round < 151; round += 1) {
    const answer = await graph.send("POST", "/$batch", { json: { requests } });
    for (const { status } of JSON.parse(answer.text).responses) {
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
  }
  // 3,020 items after the one create.
  expect([counts.get(204), counts.get(429)]).toEqual([2999, 21]);
});
