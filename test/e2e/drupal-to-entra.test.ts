// From a person's edit in Drupal to the same user in Entra, through the real doors.
import { QueueClient } from "@azure/storage-queue";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { REAL_DRUPAL } from "./site-under-test.ts";
import { eventually, type Stack, startStack, WEBHOOK_SECRET } from "./stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const auditAnswer = z.object({
  items: z.array(z.looseObject({ id: z.string() })),
  continuation: z.string().nullable(),
});
const problem = z.looseObject({
  code: z.string(),
  faults: z.array(z.object({ path: z.string() })).default([]),
});
const healthAnswer = z.object({
  status: z.string(),
  checks: z.array(
    z.looseObject({ name: z.string(), status: z.string(), code: z.string().optional() }),
  ),
});
const requestCounts = z.object({ counts: z.record(z.string(), z.number()) });

const queued = async (): Promise<number> => {
  const queue = new QueueClient(stack.azurite.connectionString, "provision-requests");
  return (await queue.getProperties().catch(() => null))?.approximateMessagesCount ?? 0;
};

describe("a change in Drupal", () => {
  it("reaches Entra: create, edit, block, unblock, delete, each with an audit row that says why", async () => {
    const uuid = await stack.createDrupalUser("grace.hopper", {
      field_first_name: "Grace",
      field_last_name: "Hopper",
    });
    const upn = "grace.hopper@contoso.example";
    const created = await eventually("created", () => stack.entraUser(upn));
    expect(created).toMatchObject({ displayName: "Grace Hopper", accountEnabled: true, mail: upn });
    expect(created.onPremisesExtensionAttributes?.extensionAttribute15).toBe(uuid);

    await stack.editDrupalUser(uuid, { field_department: "Legal" });
    await eventually("edited", async () => (await stack.entraUser(upn))?.department === "Legal");
    await stack.editDrupalUser(uuid, { status: false });
    await eventually("blocked", async () => (await stack.entraUser(upn))?.accountEnabled === false);
    await stack.editDrupalUser(uuid, { status: true });
    await eventually(
      "unblocked",
      async () => (await stack.entraUser(upn))?.accountEnabled === true,
    );
    await stack.control("drupal", { cancelMethod: "user_cancel_delete" });
    await stack.deleteDrupalUser(uuid);
    await eventually("deleted", async () => (await stack.entraUser(upn))?.accountEnabled === false);

    const rows = await eventually("audited", async () => {
      const found = (await stack.audit(`&user=${uuid}`)).filter((row) => row.operation !== "none");
      return found.length === 5 && found;
    });
    expect(rows.map((row) => row.operation)).toEqual([
      "disable",
      "enable",
      "disable",
      "update",
      "create",
    ]);
    expect(rows[3]).toMatchObject({
      status: "success",
      cause: "webhook",
      direction: "drupalToEntra",
      entraId: created.id,
      changes: [{ attribute: "department", before: null, after: "Legal" }],
    });
    expect(rows[0]?.reason?.code).toBe("deletedInDrupal");
    expect(await stack.audit(`&user=${created.id}`)).toHaveLength(
      (await stack.audit(`&user=${uuid}`)).length,
    );
  });

  // A real site has our own module, which sends one format.
  it.skipIf(REAL_DRUPAL !== "")(
    "of the contrib webhooks module, sent from inside the save, reaches Entra too",
    async () => {
      await stack.hook(stack.host, { formats: ["contrib"] });
      try {
        const uuid = await stack.createDrupalUser("barbara.liskov", { field_last_name: "Liskov" });
        const upn = "barbara.liskov@contoso.example";
        await eventually("created", () => stack.entraUser(upn));
        // Two saves within one second of `changed`: the first look may see either.
        await stack.editDrupalUser(uuid, { field_department: "Sales" });
        await stack.editDrupalUser(uuid, { field_department: "Finance" });
        await eventually(
          "edited",
          async () => (await stack.entraUser(upn))?.department === "Finance",
        );
        // The second look that such a sender needs is over, too.
        await eventually("at rest", async () => (await queued()) === 0);
      } finally {
        await stack.hook(stack.host, { formats: ["standard"] });
      }
    },
  );
});

describe("the door", () => {
  // Looks that follow the last writes are over.
  beforeAll(() => eventually("at rest", async () => (await queued()) === 0, 30_000));

  const body = JSON.stringify({ type: "user.updated", data: { uuid: crypto.randomUUID() } });
  const post = (text: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    stack.api("/webhooks/drupal", {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: text,
    });
  const signed = (text: string, at = Date.now()) => ({
    "webhook-id": "msg_1",
    "webhook-timestamp": String(Math.floor(at / 1000)),
    "webhook-signature": new Webhook(WEBHOOK_SECRET).sign("msg_1", new Date(at), text),
  });

  const table: readonly [string, () => Promise<Response>, number, string][] = [
    ["no signature", () => post(body), 401, "signatureInvalid"],
    ["a wrong signature", () => post(`${body} `, signed(body)), 401, "signatureInvalid"],
    [
      "an old timestamp",
      () => post(body, signed(body, Date.now() - 301_000)),
      401,
      "signatureInvalid",
    ],
    [
      "a body of 10 MB",
      () => post(Buffer.alloc(10_000_000, 32), signed(body)),
      413,
      "bodyTooLarge",
    ],
    ["malformed JSON", () => post("{", signed("{")), 400, "malformedEvent"],
    [
      "another media type",
      () => post(body, { ...signed(body), "Content-Type": "text/plain" }),
      415,
      "unsupportedMediaType",
    ],
  ];
  for (const [what, ask, status, code] of table) {
    it(`answers ${status} to ${what}, and queues nothing`, async () => {
      const before = stack.lines.length;
      const response = await ask();
      expect(response.status).toBe(status);
      expect(response.headers.get("content-type")).toContain("application/problem+json");
      expect(await response.json()).toMatchObject({ status, code });
      expect(await queued()).toBe(0);
      const refusal = {
        event: "request.refused",
        reason: code,
        function: "drupal-webhook",
        status,
      };
      expect(stack.lines.slice(before)).toEqual([JSON.stringify(refusal)]);
    });
  }

  it("ignores an unknown type with 202, and queues nothing", async () => {
    const text = JSON.stringify({ type: "node.created", data: {} });
    const response = await post(text, signed(text));
    expect([response.status, await response.json()]).toMatchObject([202, { status: "ignored" }]);
    expect(await queued()).toBe(0);
  });

  it("reads a chunked body, which has no length", async () => {
    const text = JSON.stringify({ type: "node.created", data: {} });
    const chunked = new Blob([text]).stream();
    const response = await stack.api("/webhooks/drupal", {
      method: "POST",
      headers: { "Content-Type": "application/json", ...signed(text) },
      body: chunked,
      duplex: "half",
    } as RequestInit);
    expect(response.status).toBe(202);
  });
});

describe("the admin's questions", () => {
  it("are answered page by page, and only with the continuation of the same question", async () => {
    const first = auditAnswer.parse(await (await stack.api("/audit?limit=2")).json());
    expect(first.items).toHaveLength(2);
    const second = auditAnswer.parse(
      await (await stack.api(`/audit?limit=2&continuation=${first.continuation}`)).json(),
    );
    expect(second.items[0]?.id).not.toBe(first.items[1]?.id);
    const other = await stack.api(
      `/audit?status=success&limit=2&continuation=${first.continuation}`,
    );
    expect([other.status, problem.parse(await other.json()).code]).toEqual([
      400,
      "invalidContinuation",
    ]);
  });

  it("have every fault of a query told at once", async () => {
    const response = await stack.api("/audit?limit=0&user=ada&from=yesterday&colour=red");
    const { faults } = problem.parse(await response.json());
    expect(faults.map((fault) => fault.path).toSorted()).toEqual(["", "from", "limit", "user"]);
  });

  it("about health name what is wrong", async () => {
    expect(await (await stack.api("/health")).json()).toMatchObject({
      status: "ok",
      checks: [{ name: "storage" }, { name: "drupal" }, { name: "entra" }],
    });
  });

  it("are refused from another site's page", async () => {
    const response = await stack.api("/audit", { headers: { "Sec-Fetch-Site": "cross-site" } });
    expect(response.status).toBe(403);
  });
});

describe("when a system is away", () => {
  it("nothing is lost: everything catches up by itself when Drupal and Graph are back, and no account is locked", async () => {
    await stack.control("drupal", { down: true });
    await stack.control("graph", { faults: [{ rate: 1, kind: "status", status: 503 }] });
    // Drupal itself is down for our reads; events that were accepted before wait in the queue.
    const uuids = Array.from({ length: 5 }, () => crypto.randomUUID());
    for (const uuid of uuids) {
      const text = JSON.stringify({ type: "user.updated", data: { uuid } });
      const at = new Date();
      const response = await stack.api("/webhooks/drupal", {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "webhook-id": uuid,
          "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
          "webhook-signature": new Webhook(WEBHOOK_SECRET).sign(uuid, at, text),
        },
        body: text,
      });
      expect(response.status).toBe(202);
    }
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await stack.control("drupal", { down: false });
    const uuid = await stack.createDrupalUser("katherine.johnson");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await stack.control("graph", { faults: [] });
    await eventually(
      "caught up",
      () => stack.entraUser("katherine.johnson@contoso.example"),
      30_000,
    );
    await eventually(
      "every event has an outcome",
      async () => {
        const rows = await stack.audit();
        return uuids.every((one) =>
          rows.some((row) => row.drupalUuid === one && row.status === "skipped"),
        );
      },
      40_000,
    );
    expect(await stack.audit(`&user=${uuid}&operation=create`)).toHaveLength(1);
  }, 90_000);

  it("a wrong password is tried once, not until the account is locked", async () => {
    await stack.restartHost("close");
    const wrong = await stack.startHost({ DRUPAL_PASSWORD: "wrong" });
    await stack.restartHost("close");
    // The host with the wrong password takes part in the same queue; stop the right one.
    await stack.host.close();
    const requests = async () => {
      const answer = await fetch(`${stack.drupal.url}/_control/requests`);
      const { counts } = requestCounts.parse(await answer.json());
      return Object.values(counts).reduce((sum, one) => sum + one, 0);
    };
    const before = await requests();
    const text = (uuid: string) => JSON.stringify({ type: "user.updated", data: { uuid } });
    for (let i = 0; i < 10; i += 1) {
      const at = new Date();
      const payload = text(crypto.randomUUID());
      await fetch(`${wrong.url}/api/webhooks/drupal`, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "webhook-id": `w${i}`,
          "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
          "webhook-signature": new Webhook(WEBHOOK_SECRET).sign(`w${i}`, at, payload),
        },
        body: payload,
      });
    }
    const health = await eventually("quarantined", async () => {
      const body = healthAnswer.parse(await (await fetch(`${wrong.url}/api/health`)).json());
      const drupal = body.checks.find((check) => check.name === "drupal");
      return drupal?.status === "failed" && drupal;
    });
    expect(health.code).toBe("drupalCredentialsRefused");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await requests()) - before).toBeLessThanOrEqual(1);
    const admin = await fetch(`${stack.drupal.url}/jsonapi`, {
      headers: { Authorization: stack.drupal.service },
    });
    expect(await admin.json()).toMatchObject({ meta: { links: { me: expect.anything() } } });
  }, 60_000);
});
