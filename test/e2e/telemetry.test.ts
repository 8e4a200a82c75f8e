// What the app tells of itself: lines without people and secrets, counts for the charts, and when its jobs run next.
import { QueueClient } from "@azure/storage-queue";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type MetricsAnswer, metricsAnswerSchema } from "../../src/api/metrics-answer.ts";
import { pseudonym } from "../../src/rules/pseudonym.ts";
import { openTable } from "../../src/storage/tables.ts";
import { cycleClient } from "./cycle-client.ts";
import { eventually, type Stack, startStack, WEBHOOK_SECRET } from "./stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const metrics = async (): Promise<MetricsAnswer> =>
  metricsAnswerSchema.parse(await (await stack.api("/metrics?hours=1")).json());
const sum = (counts: readonly number[]): number => counts.reduce((all, n) => all + n, 0);
const outcomesIn = ({ buckets }: MetricsAnswer): number =>
  sum(buckets.flatMap(({ outcomes }) => Object.values(outcomes)));

/** Puts a text on a queue as the host reads it. */
async function put(queue: string, text: string): Promise<void> {
  const client = new QueueClient(stack.azurite.connectionString, queue);
  await client.createIfNotExists();
  await client.sendMessage(Buffer.from(text).toString("base64"));
}

function signedWebhook(body: string, headers: Record<string, string> = {}) {
  const id = crypto.randomUUID();
  const at = new Date();
  const signature = new Webhook(WEBHOOK_SECRET).sign(id, at, body);
  return stack.api("/webhooks/drupal", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": signature,
      ...headers,
    },
    body,
  });
}

const failedIn =
  (name: string, event = "function.failed") =>
  () =>
    Promise.resolve(stack.told(event).find(({ function: where }) => where === name));

// Everything that could be seen through is called canary: names, mails, tokens, and what errors quote.
const MAIL = "canary.jane@contoso.example";

describe("the log", () => {
  let uuid = "";
  let objectId = "";

  it("follows a user through webhook, throttling, provision, cycle and refusals", async () => {
    uuid = await stack.createDrupalUser("canary.jane", {
      field_first_name: "Canaryfirst",
      field_last_name: "Canarylast",
      field_department: "Canary Department",
    });
    objectId = (await eventually("created", () => stack.entraUser(MAIL))).id;
    await eventually("told", async () =>
      stack
        .told("provision.done")
        .find(({ user, outcome }) => user === pseudonym(uuid) && outcome === "success"),
    );

    const throttle = {
      method: "PATCH",
      kind: "status",
      status: 429,
      retryAfterSeconds: 1,
      times: 1,
    };
    await stack.control("graph", { faults: [throttle] });
    await stack.editDrupalUser(uuid, { field_department: "Canary Legal" });
    await eventually("written after the pause", async () => {
      return (await stack.entraUser(MAIL))?.department === "Canary Legal";
    });
    expect(stack.told("target.throttled")).toMatchObject([{ system: "entra" }]);

    // Refused, with an error of Graph's that names values; and a match that is not proven.
    const refusal = {
      method: "POST",
      path: "^/v1.0/users$",
      kind: "status",
      status: 400,
      times: 1,
    };
    await stack.control("graph", { faults: [{ ...refusal, code: `Canary_${MAIL}` }] });
    const refused = await stack.createDrupalUser("canary.refused", { field_last_name: "Canary" });
    await eventually("refused", async () =>
      stack
        .told("provision.done")
        .find(({ user, outcome }) => user === pseudonym(refused) && outcome === "failure"),
    );
    await stack.createEntraUser("canary.holder");
    await stack.createDrupalUser("canary.holder", { field_last_name: "Canary" });
    const answer = await stack.provision({ system: "entra", id: MAIL });
    expect(answer.outcome?.status).toBe("skipped");
    await stack.provision({ system: "entra", id: "canary.holder@contoso.example" });

    for (const direction of ["drupalToEntra", "entraToDrupal"] as const)
      await cycleClient(stack).run({ direction, kind: "initial" });
    expect(stack.told("cycle.started").map(({ outcome }) => outcome)).toEqual([
      "started",
      "started",
    ]);
    expect(stack.told("cycle.slice").length).toBeGreaterThanOrEqual(2);
  }, 60_000);

  it("tells of handlers that fail, and where", async () => {
    const data = { uuid, mail: MAIL, canary: "canary" };
    const secrets = { Authorization: "Bearer canary-token", Cookie: "session=canary" };
    const event = JSON.stringify({ type: "user.updated", timestamp: "2026-11-24T08:00:00Z", data });
    expect((await signedWebhook(event, secrets)).status).toBeLessThan(500);
    expect((await signedWebhook(`{"canary": "${MAIL}"`, secrets)).status).toBe(400);
    await stack.api("/provision?code=canary", { method: "POST", headers: secrets, body: MAIL });

    await put(
      "provision-requests",
      JSON.stringify({ request: { cause: "webhook", [MAIL]: "canary" } }),
    );
    await put("photo-requests", `{"canary ${MAIL}`);
    await put("provision-requests-poison", `{"canary": "${MAIL}"}`);
    const { connectionString } = stack.azurite;
    const broken = "cccccccc-0000-4000-8000-000000000000";
    await openTable({ kind: "connectionString", connectionString }, "links").run((table) =>
      table.upsertEntity({ partitionKey: "cc", rowKey: broken, link: `canary Jane ${MAIL}` }),
    );
    expect((await stack.api(`/links?user=${broken}`)).status).toBe(500);

    const ofHttp = await eventually("told", failedIn("links", "request.failed"));
    expect(ofHttp).toMatchObject({ error: { name: "SyntaxError" } });
    expect(JSON.stringify(ofHttp)).toContain("dist/src/storage/");
    const ofQueue = await eventually("told", failedIn("provision-request"));
    expect(ofQueue).toMatchObject({ error: { name: "ZodError" } });
    await eventually("told", failedIn("photo-request"));
    await eventually("told", async () => stack.told("provision.deadLetter").length > 0);
  }, 60_000);

  it("tells which requests were refused: route, status and code, and nothing of who or what", async () => {
    const refusals = stack.told("request.refused");
    expect(refusals).toContainEqual({
      event: "request.refused",
      function: "drupal-webhook",
      status: 400,
      reason: "malformedEvent",
    });
    expect(refusals).toContainEqual(
      expect.objectContaining({ function: "provision", status: 415 }),
    );
    const known = ["event", "reason", "function", "status"];
    expect(refusals.map(Object.keys)).toEqual(refusals.map(() => known));
  });

  it("shows nobody, and no secret, in any line or event of the host", async () => {
    // What would be seen through was there to be seen.
    expect(JSON.stringify(await stack.audit())).toContain(MAIL);
    const events = stack.host.events.filter(({ kind }) => kind !== "ready");
    const lines = [...stack.lines, ...events.map((event) => JSON.stringify(event))];
    expect(lines.length).toBeGreaterThan(30);
    const accountKey = /AccountKey=([^;]+)/.exec(stack.azurite.connectionString)?.[1] ?? "";
    const secrets = [WEBHOOK_SECRET.slice("whsec_".length), "svc-sync", accountKey, uuid, objectId];
    expect(accountKey).not.toBe("");
    for (const secret of secrets)
      expect(
        lines.filter((line) => line.includes(secret)),
        secret.slice(0, 8),
      ).toEqual([]);
    expect(lines.filter((line) => /canary|jane|contoso/i.test(line))).toEqual([]);
  });

  it("tells one user's story by pseudonyms", () => {
    const ofUser = stack.told("provision.done").filter(({ user }) => user === pseudonym(uuid));
    expect(ofUser.some(({ entraUser }) => entraUser === pseudonym(objectId))).toBe(true);
    expect(stack.told("webhook.received")).toContainEqual({
      event: "webhook.received",
      outcome: "queued",
      user: pseudonym(uuid),
    });
  });
});

describe("metrics", () => {
  it("count writes, outcomes, throttling, and how long people waited", async () => {
    const { buckets, bucketSeconds } = await metrics();
    expect(bucketSeconds).toBe(900);
    expect(sum(buckets.map(({ writes }) => writes.entra))).toBeGreaterThanOrEqual(2);
    expect(sum(buckets.map(({ throttled }) => throttled.entra))).toBe(1);
    expect(sum(buckets.map(({ throttled }) => throttled.drupal))).toBe(0);
    expect(sum(buckets.map(({ outcomes }) => outcomes.success ?? 0))).toBeGreaterThanOrEqual(2);
    expect(sum(buckets.map(({ outcomes }) => outcomes.deferred ?? 0))).toBeGreaterThanOrEqual(1);
    expect(sum(buckets.map(({ latencyMs }) => latencyMs.count))).toBeGreaterThanOrEqual(2);
    expect(sum(buckets.map(({ queueAgeMs }) => queueAgeMs.count))).toBeGreaterThanOrEqual(3);
    // The edit waited for a second that Graph asked for.
    expect(Math.max(...buckets.map(({ latencyMs }) => latencyMs.max ?? 0))).toBeGreaterThan(1000);
  });

  it("outlive a graceful end of the host, and add up with those of the next", async () => {
    await stack.provision({ system: "entra", id: MAIL });
    const before = outcomesIn(await metrics());
    await stack.restartHost("close");
    expect(outcomesIn(await metrics())).toBeGreaterThanOrEqual(before);
    await stack.provision({ system: "entra", id: MAIL });
    expect(outcomesIn(await metrics())).toBeGreaterThan(before);
  });

  it("are told for an hour to a week", async () => {
    for (const hours of ["0", "169", "x"])
      expect((await stack.api(`/metrics?hours=${hours}`)).status).toBe(400);
  });
});

it("jobs tell their schedule and when they run next", async () => {
  const jobs = z.object({
    jobs: z.array(z.looseObject({ job: z.string(), schedule: z.string(), nextAt: z.string() })),
  });
  const { jobs: told } = jobs.parse(await (await stack.api("/cycles")).json());
  expect(told.map(({ job }) => job)).toEqual(["drupalToEntra", "entraToDrupal", "photos"]);
  const newYear = `${new Date().getUTCFullYear() + 1}-01-01T00:00:00.000Z`;
  for (const { schedule, nextAt } of told)
    expect([schedule, nextAt]).toEqual(["0 0 0 1 1 *", newYear]);
});
