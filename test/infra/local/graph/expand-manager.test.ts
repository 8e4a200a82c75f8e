import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { EVENTUAL, type Graph, startGraph } from "./graph-client.ts";

const EXPAND = "$expand=manager($select=id)";

let graph: Graph;
let ada: string;
let boss: string;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.simulator.close());
beforeEach(async () => {
  await graph.send("POST", "/_control/reset");
  ada = await graph.create("ada", { department: "R&D" });
  boss = await graph.create("boss");
  const json = { "@odata.id": `${graph.url}/v1.0/users/${boss}` };
  await graph.send("PUT", `/users/${ada}/manager/$ref`, { json });
});

const read = (id: string, query: string, headers: Record<string, string> = {}) =>
  graph.send("GET", `/users/${id}?${query}`, { headers });

test("the manager comes next to the user, with type and what was selected", async () => {
  const { body } = await read(ada, `$select=id,department&${EXPAND}`);
  expect(body).toEqual({
    "@odata.context": `${graph.url}/v1.0/$metadata#users(id,department,manager(id))/$entity`,
    id: ada,
    department: "R&D",
    manager: { "@odata.type": "#microsoft.graph.user", id: boss },
  });
  const named = await read(ada, "$expand=manager($select=id,displayName)");
  expect(named.body).toMatchObject({
    userPrincipalName: "ada@contoso.example",
    manager: { id: boss, displayName: "boss" },
  });
});

test("there is no such member without a manager, or when the manager is deleted", async () => {
  expect((await read(boss, `$select=id&${EXPAND}`)).body).not.toHaveProperty("manager");
  await graph.send("DELETE", `/users/${boss}`);
  expect((await read(ada, `$select=id&${EXPAND}`)).body).not.toHaveProperty("manager");
  await graph.send("POST", `/directory/deletedItems/${boss}/restore`);
  expect((await read(ada, `$select=id&${EXPAND}`)).body).toHaveProperty("manager.id", boss);
});

test("it works in lists, page by page, and not with advanced queries", async () => {
  const list = `/users?$select=id&$top=1&${EXPAND}`;
  const first = await graph.send("GET", list);
  const page = z.object({
    "@odata.nextLink": z.string(),
    value: z.array(z.looseObject({ id: z.string() })),
  });
  const { "@odata.nextLink": next, value } = page.parse(first.body);
  expect(first.body).toHaveProperty(
    "@odata.context",
    `${graph.url}/v1.0/$metadata#users(id,manager(id))`,
  );
  const second = await graph.send("GET", next.slice(`${graph.url}/v1.0`.length));
  const shown = [...value, ...(page.partial().parse(second.body).value ?? [])];
  const managers = shown.map((user) => [user.id, "manager" in user]).toSorted();
  expect(managers).toEqual(
    [
      [ada, true],
      [boss, false],
    ].toSorted(),
  );
  const refused = await graph.send("GET", `${list}&$count=true`, { headers: EVENTUAL });
  expect(refused.status).toBe(400);
});

test("it works in a batch", async () => {
  const { body } = await graph.send("POST", "/$batch", {
    json: {
      requests: [ada, boss].map((id, index) => ({
        id: String(index),
        method: "GET",
        url: `/users/${id}?$select=id&${EXPAND}`,
      })),
    },
  });
  const managers = z
    .object({
      responses: z.array(
        z.object({
          id: z.string(),
          status: z.literal(200),
          body: z.object({ manager: z.object({ id: z.string() }).optional() }),
        }),
      ),
    })
    .parse(body)
    .responses.map((one) => [one.id, one.body.manager?.id]);
  expect(new Map(managers.map(([id, manager]) => [id, manager]))).toEqual(
    new Map([
      ["0", boss],
      ["1", undefined],
    ]),
  );
});

test.each([
  ["an advanced query", "$count=true&$expand=manager($select=id)", 400],
  ["the whole manager", "$expand=manager", 501],
  ["the chain of managers", "$expand=manager($levels=max;$select=id)", 501],
  ["another relationship", "$expand=directReports", 501],
  ["an unknown property of the manager", "$expand=manager($select=rank)", 400],
])("it is refused for %s", async (_what, query, status) => {
  expect((await read(ada, query, EVENTUAL)).status).toBe(status);
});

test("it costs a unit more", async () => {
  const plain = await read(ada, "");
  const expanded = await read(ada, EXPAND);
  const cost = (answer: typeof plain) => Number(answer.headers.get("x-ms-resource-unit"));
  expect(cost(expanded) - cost(plain)).toBe(1);
});
