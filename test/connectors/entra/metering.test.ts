// What the Graph client tells its meter, over real sockets: writes as they leave, and what each answer says of the quotas.
import { createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createGraphClient } from "../../../src/connectors/entra/client.ts";
import type { Meter } from "../../../src/connectors/entra/metering.ts";
import { createEntraUsers } from "../../../src/connectors/entra/users.ts";
import type { QuotaAnswer } from "../../../src/rules/budget.ts";
import { type SimulatedGraph, startSimulatedGraph } from "./simulated-graph.ts";

let graph: SimulatedGraph;
beforeAll(async () => {
  graph = await startSimulatedGraph();
});
afterAll(() => graph.close());

const now = () => new Date();
const QUOTA = { writes: 3000, windowSeconds: 150, scale: 1, retryAfter: true };
let told: (number | QuotaAnswer)[] = [];
const meter: Meter = {
  sent: (writes) => told.push(writes),
  answered: (answer) => told.push(answer),
};
const answer = (changes: Partial<QuotaAnswer>): QuotaAnswer => ({
  isWrite: true,
  status: 204,
  percentage: null,
  retryAfterMs: null,
  ...changes,
});

let objectId: string;
let count = 0;
beforeEach(async () => {
  await graph.control({ faults: [], quota: QUOTA });
  count += 1;
  const created = await createEntraUsers(graph.client(), now).createUser({
    userPrincipalName: `metered${count}@contoso.example`,
    mailNickname: `metered${count}`,
    values: { displayName: "M", accountEnabled: true },
  });
  objectId = created.objectId;
  told = [];
});

const users = () => createEntraUsers(graph.client("local", { meter }), now);
const patch = () => users().updateUser(objectId, { department: "Legal" });

describe("a meter", () => {
  it("counts a write before its answer is there, and a read as none", async () => {
    await patch();
    await users().getUser(objectId, []);
    expect(told).toEqual([1, answer({}), 0, answer({ isWrite: false, status: 200 })]);
  });

  it("hears of the percentage, and of a refusal with its wish", async () => {
    // All but a tenth of a small quota was used by what came before.
    await graph.control({ quota: { ...QUOTA, writes: 10, windowSeconds: 1000 } });
    for (let write = 0; write < 11; write += 1) await patch().catch(() => undefined);
    const answers = told.filter((one) => typeof one === "object");
    expect(answers.some(({ percentage }) => (percentage ?? 0) > 0.8)).toBe(true);
    expect(answers.at(-1)).toMatchObject({ isWrite: true, status: 429 });
    expect(answers.at(-1)?.retryAfterMs).toBeGreaterThan(0);
  });

  it("counts a write whose answer never came: it may have been made", async () => {
    await graph.control({ faults: [{ method: "PATCH", kind: "dropAfterCommit", times: 1 }] });
    await patch().catch(() => undefined);
    expect(told).toEqual([1]);
  });

  it("counts the items of a batch one by one, and the batch itself as nothing", async () => {
    const headers = { "Content-Type": "application/json" };
    const update = { method: "PATCH", url: `/users/${objectId}`, headers, body: { city: "Delft" } };
    const requests = [
      { id: "1", ...update },
      { id: "2", method: "GET", url: `/users/${objectId}` },
      { id: "3", ...update },
      { id: "4", method: "GET", url: `/users/${objectId}/photo/$value` },
    ];
    const client = graph.client("local", { meter });
    const body: unknown = await client.call(client.api("/$batch").post({ requests }));
    expect(body).toMatchObject({ responses: expect.any(Array) });
    expect(told[0]).toBe(2);
    const read = answer({ isWrite: false, status: 200 });
    expect(told.slice(1)).toHaveLength(3);
    expect(told).toEqual(expect.arrayContaining([2, answer({}), read]));
  });

  it("leaves pictures out: their quota is each mailbox's own", async () => {
    const client = graph.client("local", { meter });
    await client.call(client.api(`/users/${objectId}/photo/$value`).get()).catch(() => undefined);
    expect(told).toEqual([]);
  });
});

it("says that its requests come last, where nobody waits for them", async () => {
  const priorities: unknown[] = [];
  const server = createServer((request, response) => {
    priorities.push(request.headers["x-ms-throttle-priority"]);
    response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const options = {
    baseUrl: new URL(`http://127.0.0.1:${port}`),
    token: async () => "local",
    timeoutMs: 2000,
    now,
  };
  await createGraphClient(options).api("/users").get();
  await createGraphClient({ ...options, priority: "low" })
    .api("/users")
    .get();
  server.closeAllConnections();
  server.close();
  expect(priorities).toEqual([undefined, "low"]);
});
