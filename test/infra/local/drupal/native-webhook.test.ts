// Standard Webhooks from the outbox: after the commit, repeated under one id, one pending row per user.

import { Webhook } from "standardwebhooks";
import { afterAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { startDrupalSimulator } from "../../../../infra/local/drupal/start-drupal-simulator.ts";
import { ask, basic, control, create, patch, read } from "./drupal-client.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";

const SECRET = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
const ADMIN = basic("admin", "admin");
const receiver = await startWebhookReceiver();
const simulator = await startDrupalSimulator({
  webhook: { url: receiver.url, secret: SECRET, formats: ["standard"] },
});
const { url } = simulator;
afterAll(async () => {
  await simulator.close();
  await receiver.close();
});
beforeEach(async () => {
  await ask(url, "POST", "/_control/reset");
  receiver.received.length = 0;
  receiver.answer = () => 202;
});

const schema = z.strictObject({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.strictObject({ uuid: z.string(), sequence: z.number(), actor: z.string().optional() }),
});
const messages = () => receiver.received.map(({ raw }) => schema.parse(JSON.parse(raw)));
const ids = () => receiver.received.map(({ headers }) => headers["webhook-id"]);
const settled = async () => {
  await expect.poll(() => simulator.simulation.outbox.pending).toBe(0);
};

test("the signature verifies with the standardwebhooks package", async () => {
  await create(url, { name: "signed" });
  await receiver.waitFor(1);
  const [{ headers, raw } = { headers: {}, raw: "" }] = receiver.received;
  const given = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, String(value)]),
  );
  expect(new Webhook(SECRET).verify(raw, given)).toMatchObject({ type: "user.created" });
  expect(() => new Webhook(SECRET).verify(`${raw} `, given)).toThrow();
});

test("created, updated and deleted are told with rising sequences; a DELETE that blocks is an update", async () => {
  const { id } = await create(url, { name: "life" });
  await settled();
  await patch(url, id, { field_department: "x" });
  await settled();
  await ask(url, "DELETE", `/jsonapi/user/user/${id}`);
  await settled();
  await control(url, { cancelMethod: "user_cancel_delete" });
  await ask(url, "DELETE", `/jsonapi/user/user/${id}`);
  await settled();
  expect(messages().map(({ type }) => type)).toEqual([
    "user.created",
    "user.updated",
    "user.updated",
    "user.deleted",
  ]);
  expect(messages().map(({ data }) => data.sequence)).toEqual([1, 2, 3, 4]);
  expect(new Set(messages().map(({ data }) => data.uuid))).toEqual(new Set([id]));
});

test("the state is readable when the message arrives", async () => {
  let seen: unknown;
  receiver.answer = async ({ raw }) => {
    seen = (await read(url, schema.parse(JSON.parse(raw)).data.uuid)).name;
    return 202;
  };
  await create(url, { name: "readable" });
  await receiver.waitFor(1);
  await expect.poll(() => seen).toBe("readable");
});

test("a message is repeated under the same id until it is accepted, and the save does not wait", async () => {
  await control(url, { webhook: { retryMs: 10 } });
  let left = 3;
  receiver.answer = () => {
    left -= 1;
    return left >= 0 ? 503 : 202;
  };
  await create(url, { name: "again" });
  await receiver.waitFor(4);
  await settled();
  expect(new Set(ids()).size).toBe(1);
  expect(simulator.simulation.deliveries.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, 503],
    [2, 503],
    [3, 503],
    [4, 202],
  ]);
});

test("changes while nobody accepts become one row, and one message tells the latest", async () => {
  await control(url, { webhook: { retryMs: 60 } });
  receiver.answer = () => 503;
  const { id } = await create(url, { name: "many" });
  await receiver.waitFor(1);
  for (const field_department of ["a", "b", "c"]) await patch(url, id, { field_department });
  expect(simulator.simulation.outbox.pending).toBe(1);
  receiver.answer = () => 202;
  await settled();
  const last = messages().at(-1);
  expect(last).toMatchObject({ type: "user.created", data: { uuid: id, sequence: 4 } });
});

test("changes by the service account carry its id, those of people do not, and a mixture does not", async () => {
  const service = simulator.simulation.site.users.byName("svc-sync")?.uuid;
  const { id } = await create(url, { name: "actors" });
  await settled();
  expect(messages().at(-1)?.data.actor).toBe(service);
  await patch(url, id, { field_department: "human" }, ADMIN);
  await settled();
  expect(messages().at(-1)?.data.actor).toBeUndefined();
  await control(url, { webhook: { retryMs: 200 } });
  receiver.answer = () => 503;
  await patch(url, id, { field_department: "x" }, ADMIN);
  await patch(url, id, { field_department: "y" });
  receiver.answer = () => 202;
  await settled();
  expect(messages().at(-1)?.data.actor).toBeUndefined();
});

test("a deletion that follows an unheard creation is told as a deletion", async () => {
  await control(url, { webhook: { retryMs: 100 }, cancelMethod: "user_cancel_delete" });
  receiver.answer = () => 503;
  const { id } = await create(url, { name: "short" });
  await receiver.waitFor(1);
  await ask(url, "DELETE", `/jsonapi/user/user/${id}`);
  receiver.answer = () => 202;
  await settled();
  expect(messages().at(-1)?.type).toBe("user.deleted");
});

test("duplicates have the same id", async () => {
  await control(url, { webhook: { duplicateRate: 1 } });
  await create(url, { name: "twice" });
  await receiver.waitFor(2);
  expect(new Set(ids()).size).toBe(1);
});
