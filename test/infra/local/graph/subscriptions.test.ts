import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { type Answer, errorOf, type Graph, startGraph, textAt, valuesOf } from "./graph-client.ts";

const notification = z.object({
  value: z.array(
    z.object({
      subscriptionId: z.string(),
      clientState: z.string().nullable(),
      changeType: z.string(),
      resource: z.string(),
      tenantId: z.string(),
      resourceData: z.object({
        "@odata.type": z.string(),
        "@odata.id": z.string(),
        id: z.string(),
      }),
    }),
  ),
});
type Notification = z.infer<typeof notification>["value"][number];

let graph: Graph;
let receiver: Server;
let url: string;
let received: Notification[] = [];
let statuses: number[] = [];
let validate = true;
beforeAll(async () => {
  graph = await startGraph();
  receiver = createServer((request, response) => {
    const token = new URL(request.url ?? "/", "http://x").searchParams.get("validationToken");
    if (token !== null) {
      response.writeHead(200, { "Content-Type": "text/plain" }).end(validate ? token : "no");
      return;
    }
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      const status = statuses.shift() ?? 202;
      if (status === 202) received.push(...notification.parse(JSON.parse(body)).value);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", () => resolve()));
  const address = receiver.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/hook`;
});
afterAll(async () => {
  await graph.simulator.close();
  receiver.close();
});
beforeEach(async () => {
  received = [];
  statuses = [];
  validate = true;
  await graph.send("POST", "/_control/reset");
});

const inMinutes = (minutes: number): string =>
  new Date(Date.now() + minutes * 60_000).toISOString();
const subscribe = (more: Record<string, unknown> = {}): Promise<Answer> =>
  graph.send("POST", "/subscriptions", {
    json: {
      changeType: "updated,deleted",
      notificationUrl: url,
      resource: "users",
      expirationDateTime: inMinutes(60),
      clientState: "secret",
      ...more,
    },
  });

describe("subscribing", () => {
  test("answers 201 after the handshake; the subscription can be read, renewed and ended", async () => {
    const created = await subscribe();
    expect(created.status, created.text).toBe(201);
    const path = `/subscriptions/${textAt(created, "id")}`;
    expect((await graph.send("GET", path)).body).toMatchObject({
      resource: "users",
      changeType: "updated,deleted",
      clientState: "secret",
    });
    expect(valuesOf(await graph.send("GET", "/subscriptions"))).toHaveLength(1);
    const renewed = await graph.send("PATCH", path, {
      json: { expirationDateTime: inMinutes(1000) },
    });
    const expires = textAt(renewed, "expirationDateTime");
    expect([renewed.status, Date.parse(expires) > Date.now() + 900 * 60_000]).toEqual([200, true]);
    expect((await graph.send("DELETE", path)).status).toBe(204);
    expect((await graph.send("GET", path)).status).toBe(404);
  });

  test.each([
    ["changeType created", { changeType: "created" }, "InvalidRequest"],
    ["more than 41,760 minutes", { expirationDateTime: inMinutes(41_800) }, "ValidationError"],
    ["a moment that has passed", { expirationDateTime: inMinutes(-1) }, "ValidationError"],
    ["a client state over 128", { clientState: "x".repeat(129) }, "InvalidRequest"],
    ["plain http beyond loopback", { notificationUrl: "http://a.example/" }, "InvalidRequest"],
    ["an unknown property", { color: "red" }, "InvalidRequest"],
  ])("refuses %s", async (_what, more, code) => {
    const answer = await subscribe(more);
    expect([answer.status, errorOf(answer).code]).toEqual([400, code]);
  });

  test("refuses a receiver that does not return the token", async () => {
    validate = false;
    expect(errorOf(await subscribe()).code).toBe("ValidationError");
  });

  test("lifts a short life to 45 minutes, and ends the subscription after it", async () => {
    const created = await subscribe({ expirationDateTime: inMinutes(5) });
    const minutes = (Date.parse(textAt(created, "expirationDateTime")) - Date.now()) / 60_000;
    expect(Math.round(minutes)).toBe(45);
    await graph.control({ clock: { offsetMs: 46 * 60_000 } });
    expect(valuesOf(await graph.send("GET", "/subscriptions"))).toEqual([]);
  });
});

describe("notifications", () => {
  const until = (count: number) =>
    vi.waitFor(() => expect(received).toHaveLength(count), { timeout: 4000, interval: 10 });

  test("say updated for create, change and soft delete, and deleted for good", async () => {
    const created = await subscribe();
    const id = await graph.create("ada");
    await until(1);
    await graph.send("PATCH", `/users/${id}`, { json: { city: "Delft" } });
    await until(2);
    await graph.send("DELETE", `/users/${id}`);
    await until(3);
    await graph.send("DELETE", `/directory/deletedItems/${id}`);
    await until(4);
    expect(received.map(({ changeType }) => changeType)).toEqual([
      "updated",
      "updated",
      "updated",
      "deleted",
    ]);
    expect(received[0]).toMatchObject({
      subscriptionId: textAt(created, "id"),
      clientState: "secret",
      resource: `Users/${id}`,
      resourceData: { "@odata.type": "#Microsoft.Graph.User", id },
    });
    expect(JSON.stringify(received)).not.toContain("Delft");
  });

  test("come for the subscribed change types only", async () => {
    await subscribe({ changeType: "deleted" });
    const id = await graph.create("ada");
    await graph.send("DELETE", `/users/${id}`);
    await graph.send("DELETE", `/directory/deletedItems/${id}`);
    await until(1);
    expect(received[0]?.changeType).toBe("deleted");
  });

  test("are sent again when the receiver fails", async () => {
    await subscribe();
    statuses = [503];
    await graph.create("ada");
    await until(1);
  });
});
