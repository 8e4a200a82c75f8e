// The control route and the people page: what they let in, what they switch, and what faults look like to a client.
import { request as httpRequest } from "node:http";
import { afterAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { startDrupalSimulator } from "../../../../infra/local/drupal/start-drupal-simulator.ts";
import { ask, basic, control, create, patch, read } from "./drupal-client.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";

const receiver = await startWebhookReceiver();
const simulator = await startDrupalSimulator({
  people: 60,
  webhook: { url: receiver.url, secret: "s", formats: ["contrib"] },
});
const { url } = simulator;
afterAll(async () => {
  await simulator.close();
  await receiver.close();
});
beforeEach(async () => {
  await ask(url, "POST", "/_control/reset");
  receiver.received.length = 0;
});

const JSON_TYPE = { "Content-Type": "application/json" };
const page = async (
  method: string,
  path: string,
  body?: unknown,
  extra: Readonly<Record<string, string>> = { Origin: url },
) => await ask(url, method, path, body, "", { ...JSON_TYPE, ...extra });

test("unknown keys are refused with 400, and nothing is changed", async () => {
  expect((await control(url, { latency: 5 })).status).toBe(400);
  expect((await control(url, { latencyMs: 7, faults: [{ kind: "explode" }] })).status).toBe(400);
  expect((await ask(url, "GET", "/_control")).body).toMatchObject({
    users: 63,
    settings: { latencyMs: 0 },
  });
});

test("another web page may use neither the control route nor the people page", async () => {
  const foreign = { Origin: "https://evil.example" };
  expect((await ask(url, "POST", "/_control/reset", undefined, "", foreign)).status).toBe(403);
  expect((await page("POST", "/_page/users", { name: "x" }, foreign)).status).toBe(403);
  expect((await page("POST", "/_page/users", { name: "x" }, {})).status).toBe(403);
  expect(
    (await page("POST", "/_page/users", { name: "x" }, { "Sec-Fetch-Site": "cross-site" })).status,
  ).toBe(403);
});

test("a host name that is not this machine is refused, so a rebound name gets nothing", async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const { port } = new URL(url);
    httpRequest({ port, path: "/_page/users", headers: { Host: "evil.example" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
  expect(status).toBe(403);
});

test("more people come silently or with events", async () => {
  await ask(url, "POST", "/_control/users", { count: 3 }, "", JSON_TYPE);
  expect(receiver.received).toHaveLength(0);
  const answer = await ask(
    url,
    "POST",
    "/_control/users",
    { count: 2, events: true },
    "",
    JSON_TYPE,
  );
  expect(answer.body).toEqual({ users: 68 });
  expect(receiver.received).toHaveLength(2);
});

test("requests are counted by route, deliveries are listed", async () => {
  const { id } = await create(url, { name: "counted" });
  await read(url, id);
  const { body } = await ask(url, "GET", "/_control/requests");
  expect(body).toMatchObject({
    counts: { "POST /jsonapi/user/user": 1, "GET /jsonapi/user/user/{uuid}": 1 },
  });
  const deliveries = (await ask(url, "GET", "/_control/deliveries")).body;
  expect(deliveries).toMatchObject({
    deliveries: [{ event: "entity:user:create", uuid: id, status: 202 }],
  });
});

const fault = async (rule: Readonly<Record<string, unknown>>) => {
  expect((await control(url, { faults: [{ rate: 1, times: 1, ...rule }] })).status).toBe(200);
};

test("a status fault comes instead of the work, with Retry-After, as often as it was told", async () => {
  const { id } = await create(url, { name: "faulty" });
  await fault({
    kind: "status",
    method: "PATCH",
    path: "/jsonapi/user",
    status: 503,
    retryAfterSeconds: 2,
  });
  const answer = await patch(url, id, { field_department: "x" });
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("2");
  expect(await read(url, id)).toMatchObject({ field_department: null });
  expect((await patch(url, id, { field_department: "x" })).status).toBe(200);
});

test("a connection dropped before the commit leaves nothing, one dropped after it leaves the change", async () => {
  const { id } = await create(url, { name: "dropped" });
  await fault({ kind: "dropBeforeCommit", method: "PATCH" });
  await expect(patch(url, id, { field_department: "before" })).rejects.toThrow();
  expect(await read(url, id)).toMatchObject({ field_department: null });
  await fault({ kind: "dropAfterCommit", method: "PATCH" });
  await expect(patch(url, id, { field_department: "after" })).rejects.toThrow();
  expect(await read(url, id)).toMatchObject({ field_department: "after" });
  await fault({ kind: "statusAfterCommit", method: "PATCH", status: 502 });
  expect((await patch(url, id, { field_department: "502" })).status).toBe(502);
  expect(await read(url, id)).toMatchObject({ field_department: "502" });
});

test("a hanging request is answered never", async () => {
  await fault({ kind: "hang", method: "GET" });
  await expect(fetch(`${url}/jsonapi`, { signal: AbortSignal.timeout(100) })).rejects.toThrow();
});

test("the same seed strikes the same requests", async () => {
  const strikes = async (): Promise<number[]> => {
    await control(url, { seed: 7, faults: [{ kind: "status", status: 503, rate: 0.5 }] });
    const statuses: number[] = [];
    for (let each = 0; each < 12; each += 1)
      statuses.push((await ask(url, "GET", "/jsonapi")).status);
    return statuses;
  };
  const first = await strikes();
  expect(new Set(first)).toEqual(new Set([200, 503]));
  expect(await strikes()).toEqual(first);
});

test("a site in maintenance answers 503 to everybody but administrators, and to the control route", async () => {
  await control(url, { down: true });
  const refused = await ask(url, "GET", "/jsonapi");
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(5);
  expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(10);
  expect((await ask(url, "GET", "/jsonapi", undefined, basic("admin", "admin"))).status).toBe(200);
  expect((await ask(url, "GET", "/nope")).status).toBe(503);
  expect((await ask(url, "POST", "/oauth/token")).status).toBe(503);
  expect((await ask(url, "GET", "/_control")).status).toBe(200);
});

const listing = z.object({
  version: z.string(),
  total: z.number(),
  users: z.array(z.object({ uuid: z.string(), name: z.string(), status: z.boolean() })),
});

test("the page lists the latest changes first, searches, and tells when nothing is new", async () => {
  const html = await ask(url, "GET", "/");
  expect(html.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(html.body).toContain("<h1>People</h1>");
  for (const asset of ["people-page.css", "people-table.css", "people-page.js", "people-send.js"])
    expect((await ask(url, "GET", `/_page/${asset}`)).status).toBe(200);
  await create(url, { name: "newest", field_department: "Æther" });
  const all = listing.parse((await page("GET", "/_page/users")).body);
  expect(all.total).toBe(63);
  expect(all.users[0]?.name).toBe("newest");
  expect(all.users).toHaveLength(50);
  expect(listing.parse((await page("GET", "/_page/users?q=%C3%A6ther")).body).total).toBe(1);
  const again = await page("GET", `/_page/users?version=${all.version}`);
  expect(again.body).toEqual({ version: all.version, unchanged: true });
});

test("the page adds, changes and cancels as the administrator, with validation and webhooks", async () => {
  const refused = await page("POST", "/_page/users", { name: "admin", mail: "nonsense" });
  expect(refused.status).toBe(422);
  expect(refused.body).toMatchObject({
    errors: [{ pointer: "/data/attributes/name" }, { pointer: "/data/attributes/mail/value" }],
  });
  const made = await page("POST", "/_page/users", { name: "by.page", status: true });
  expect(made.status).toBe(201);
  const { uuid } = z.object({ uuid: z.string() }).parse(made.body);
  expect((await page("PATCH", `/_page/users/${uuid}`, { field_last_name: "Page" })).status).toBe(
    200,
  );
  expect((await page("DELETE", `/_page/users/${uuid}`)).body).toEqual({
    cancelMethod: "user_cancel_block",
  });
  expect(await read(url, uuid)).toMatchObject({ field_last_name: "Page", status: false });
  const [first] = receiver.received;
  expect(JSON.parse(first?.raw ?? "{}")).toMatchObject({
    event: "entity:user:create",
    user: { name: [{ value: "admin" }] },
  });
  expect(receiver.received).toHaveLength(4);
});
