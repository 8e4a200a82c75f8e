// Webhooks of the contrib module: bodies as recorded, signed, inside the save, and lost when nobody answers.
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { phpJson } from "../../../../infra/local/drupal/normalise-user.ts";
import { startDrupalSimulator } from "../../../../infra/local/drupal/start-drupal-simulator.ts";
import { ask, basic, control, create, patch, read } from "./drupal-client.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";

const SECRET = "a shared secret";
const receiver = await startWebhookReceiver();
const simulator = await startDrupalSimulator({
  webhook: { url: receiver.url, secret: SECRET, formats: ["contrib"] },
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

const items = z.record(z.string(), z.array(z.unknown()));
const bodySchema = z.object({ event: z.string(), user: items, entity: items.optional() });
type Body = z.infer<typeof bodySchema>;
const bodies = (): Body[] => receiver.received.map(({ raw }) => bodySchema.parse(JSON.parse(raw)));
const events = (): string[] => bodies().map(({ event }) => event);

const FOLDER = new URL("../../../contract/drupal-webhooks/", import.meta.url);
const recordingSchema = z.object({ headers: z.record(z.string(), z.string()), body: bodySchema });
const RECORDED = readdirSync(FOLDER)
  .sort()
  .map((name) => recordingSchema.parse(JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"))));

test("the recorded bodies have the recorded length when they are written as PHP writes them", () => {
  for (const { headers, body } of RECORDED)
    expect(phpJson(body)).toHaveLength(Number(headers["Content-Length"]));
});

/** What the seeded site has and the recorded one had not. */
const recordedFields = new Set(
  RECORDED.flatMap(({ body }) => Object.keys({ ...body.user, ...body.entity })),
);

/** Field names in order, and for each item its keys: what a reader of the body relies on. */
const shape = (side: Body["user"] | undefined): unknown =>
  side &&
  Object.entries(side)
    .filter(([field]) => recordedFields.has(field))
    .map(([field, list]) => [
      field,
      list.map((item) => Object.keys(z.record(z.string(), z.unknown()).parse(item))),
    ]);
const shapes = (list: readonly Body[]): unknown =>
  list.map(({ event, user, entity }) => ({ event, user: shape(user), entity: shape(entity) }));

test("the recorded changes send the recorded events with the recorded fields, in order", async () => {
  const made = await create(url, {
    name: "hook.me",
    mail: "hook.me@contoso.example",
    pass: "p",
    field_first_name: "Hook",
  });
  const { id } = made;
  const roleId = simulator.simulation.site.roles.find((role) => role.id === "editor_role")?.uuid;
  await patch(url, id, { field_department: "Hooked" });
  await patch(url, id, { field_department: "Hooked" });
  await patch(url, id, { field_department: "Self" }, basic("hook.me", "p"));
  const roles = { data: [{ type: "user_role--user_role", id: roleId }] };
  await ask(url, "PATCH", `/jsonapi/user/user/${id}/relationships/roles`, roles);
  await ask(url, "DELETE", `/jsonapi/user/user/${id}`);
  await control(url, { cancelMethod: "user_cancel_delete" });
  await ask(url, "DELETE", `/jsonapi/user/user/${id}`);
  // 006 is a login at the form, which has no page here.
  const comparable = RECORDED.map(({ body }) => body).filter(
    ({ event }) => event !== "system:user_login",
  );
  expect(shapes(bodies())).toEqual(shapes(comparable));
});

test("added fields are in the body as lists of items, references with number and UUID", async () => {
  const team = simulator.simulation.site.taxonomy.byTid(2);
  await create(url, { name: "typed", field_employee_number: 7, field_newsletter: false });
  const { id } = await create(url, { name: "manager" });
  const manager = simulator.simulation.site.users.get(id);
  await ask(url, "PATCH", `/jsonapi/user/user/${id}`, {
    data: {
      type: "user--user",
      id,
      relationships: {
        field_team: { data: { type: "taxonomy_term--teams", id: team?.uuid } },
        field_manager: { data: { type: "user--user", id } },
      },
    },
  });
  const [first, , last] = bodies();
  expect(first?.entity?.field_employee_number).toEqual([{ value: 7 }]);
  expect(first?.entity?.field_newsletter).toEqual([{ value: false }]);
  expect(first?.entity?.field_team).toEqual([]);
  expect(last?.entity?.field_team).toEqual([
    {
      target_id: 2,
      target_type: "taxonomy_term",
      target_uuid: team?.uuid,
      url: "/taxonomy/term/2",
    },
  ]);
  expect(last?.entity?.field_manager).toEqual([
    {
      target_id: manager?.uid,
      target_type: "user",
      target_uuid: id,
      url: `/user/${manager?.uid}`,
    },
  ]);
});

test("the body tells the actor, and the blocked state comes after the cancelled account's old one", async () => {
  const { id } = await create(url, { name: "who" });
  await ask(url, "DELETE", `/jsonapi/user/user/${id}`);
  const [created, cancelled, updated] = bodies();
  expect(created?.user.name).toEqual([{ value: "svc-sync" }]);
  expect(created?.entity?.uuid).toEqual([{ value: id }]);
  expect(cancelled?.user.status).toEqual([{ value: true }]);
  expect(updated?.entity?.status).toEqual([{ value: false }]);
});

test("both signatures cover the raw bytes, with names beyond ASCII escaped as PHP does", async () => {
  await create(url, { name: "Zoë", field_department: "R&D" });
  const [{ headers, raw } = { headers: {}, raw: "" }] = receiver.received;
  expect(raw).toContain('"Zo\\u00eb"');
  expect(raw).toContain('"R\\u0026D"');
  expect(headers["x-hub-signature"]).toBe(
    `sha1=${createHmac("sha1", SECRET).update(raw).digest("hex")}`,
  );
  expect(headers["x-hub-signature-256"]).toBe(
    `sha256=${createHmac("sha256", SECRET).update(raw).digest("hex")}`,
  );
  expect(headers["x-drupal-event"]).toBe("entity:user:create");
  expect(headers["x-drupal-delivery"]).toMatch(/^[0-9a-f-]{36}$/);
});

test("old releases sign with sha1 alone", async () => {
  await control(url, { webhook: { contribSignatures: ["sha1"] } });
  await create(url, { name: "old" });
  expect(receiver.received[0]?.headers["x-hub-signature-256"]).toBeUndefined();
  expect(receiver.received[0]?.headers["x-hub-signature"]).toBeDefined();
});

test("a reader inside the webhook sees the old state, or nobody yet", async () => {
  const { id } = await create(url, { name: "reader", field_department: "Old" });
  let seen: unknown;
  receiver.answer = async () => {
    seen = (await read(url, id)).field_department;
    return 202;
  };
  await patch(url, id, { field_department: "New" });
  expect(seen).toBe("Old");
  expect(await read(url, id)).toMatchObject({ field_department: "New" });
  const uuid = "6f1f3a52-1111-4222-8333-abcdefabcdef";
  receiver.answer = async () => {
    seen = (await ask(url, "GET", `/jsonapi/user/user/${uuid}`)).status;
    return 202;
  };
  await ask(url, "POST", "/jsonapi/user/user", {
    data: { type: "user--user", id: uuid, attributes: { name: "new" } },
  });
  expect(seen).toBe(404);
});

test("as SQLite, a reader inside the webhook waits until the webhook gives up", async () => {
  await control(url, { webhook: { whileSending: "blocks", timeoutMs: 150 } });
  const { id } = await create(url, { name: "stuck", field_department: "Old" });
  const seen: unknown[] = [];
  receiver.answer = async () => {
    seen.push((await read(url, id)).field_department);
    return 202;
  };
  const answer = await patch(url, id, { field_department: "New" });
  expect(answer.status).toBe(200);
  await expect.poll(() => seen).toEqual(["New"]);
  expect(simulator.simulation.deliveries.at(-1)?.status).toBe(0);
});

test("a slow receiver makes the save slow, a failing one loses the event, and nothing is repeated", async () => {
  const { id } = await create(url, { name: "slow" });
  receiver.answer = async () => {
    await new Promise((resolve) => setTimeout(resolve, 120));
    return 500;
  };
  const start = performance.now();
  expect((await patch(url, id, { field_department: "x" })).status).toBe(200);
  expect(performance.now() - start).toBeGreaterThan(115);
  await control(url, { webhook: { url: "http://127.0.0.1:1/" } });
  expect((await patch(url, id, { field_department: "y" })).status).toBe(200);
  expect(events()).toHaveLength(2);
  expect(simulator.simulation.deliveries.map(({ status }) => status)).toEqual([202, 500, 0]);
});
