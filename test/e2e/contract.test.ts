// The published contract against the running app: its routes are those of the host, and answers and errors are as it says.
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Tenant } from "../../infra/local/graph/tenant.ts";
import { jpeg } from "../doubles/picture-files.ts";
import { consoleHeaders } from "./console-signing.ts";
import { type ContractCheck, contractCheck } from "./contract-check.ts";
import { type CycleClient, cycleClient } from "./cycle-client.ts";
import { eventually, type Stack, startStack, WEBHOOK_SECRET } from "./stack.ts";

const PEOPLE = 4;
const CONFIGURATION = {
  attributes: [
    {
      kind: "direct",
      drupal: "field_department",
      entra: "department",
      flow: "both",
      authority: "manual",
    },
    { kind: "direct", drupal: "mail", entra: "mail", flow: "both" },
  ],
};
const NOBODY = "00000000-0000-4000-8000-000000000000";

let stack: Stack;
let tenant: Tenant;
let operator: CycleClient;
let contract: ContractCheck;

beforeAll(async () => {
  stack = await startStack({
    people: PEOPLE,
    settings: { DRUPAL_CONSOLE: "on" },
    fillTenant: (filled) => {
      tenant = filled;
    },
  });
  operator = cycleClient(stack);
  await operator.silence();
  contract = contractCheck(await (await stack.api("/openapi.json")).json());
});
afterAll(() => stack.close());

/** Asks, and answers the body once it is as documented. */
async function send(id: string, path: string, status: number, init: RequestInit) {
  const response = await stack.api(path, init);
  if (response.status !== status)
    throw new Error(`${path} answered ${response.status}, not ${status}: ${await response.text()}`);
  return contract.check(id, response);
}

const ask = (id: string, path: string, status = 200) => send(id, path, status, {});

const order = (
  id: string,
  method: string,
  path: string,
  body: unknown,
  status: number,
  headers: Record<string, string> = {},
) =>
  send(id, path, status, {
    method,
    headers: { "Content-Type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const named = z.looseObject({ id: z.string() });
const coded = z.looseObject({ code: z.string() });
const listed = z.looseObject({ items: z.array(z.looseObject({})) });
const firstOf = (page: unknown): Record<string, unknown> => listed.parse(page).items[0] ?? {};
const cycleId = async (answer: Promise<unknown>): Promise<string> => named.parse(await answer).id;

describe("the routes of the contract", () => {
  it("are just those that the host serves, and each is named like its function", async () => {
    const ready = stack.host.events.find((event) => event.kind === "ready");
    const served = (ready?.kind === "ready" ? ready.functions : [])
      .filter(({ trigger }) => trigger === "http")
      .flatMap(({ name, source }) => {
        const [methods = "", url = ""] = source.split(" ");
        const id = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
        const path = decodeURI(new URL(url).pathname).replace(/^\/api/, "");
        return methods.split(",").map((method) => `${id}: ${method} ${path}`);
      })
      // Pages for browsers are no part of the API: only they take whatever comes behind.
      .filter((one) => !one.includes("{*"));
    const told = contract.operations.map(
      ({ id, method, path }) => `${id}: ${method.toUpperCase()} ${path}`,
    );
    expect(told.toSorted()).toEqual(served.toSorted());
  });
});

describe("answers", () => {
  it("of the configuration are as documented", async () => {
    await ask("configuration", "/configuration");
    await ask("configuration", "/configuration?effective=true");
    await ask("configurationSchema", "/configuration/schema");
    const put = (body: unknown, status: number, headers = {}, query = "") =>
      order("changeConfiguration", "PUT", `/configuration${query}`, body, status, headers);
    await put(CONFIGURATION, 200, { "If-None-Match": "*" });
    await put(CONFIGURATION, 200, {}, "?preview=true");
    await put({ ...CONFIGURATION, guests: true }, 200, {}, "?preview=true");
    expect(await put({ gests: true }, 422, { "If-Match": "*" })).toMatchObject({
      faults: [{ pointer: "/gests" }],
    });
    expect(await put({}, 412, { "If-Match": '"other"' })).toMatchObject({
      code: "preconditionFailed",
    });
    await put({}, 428);
    await put({}, 400, { "If-Match": "x" });
    const current = await stack.api("/configuration");
    const again = await stack.api("/configuration", {
      headers: { "If-None-Match": current.headers.get("etag") ?? "" },
    });
    expect(again.status).toBe(304);
    await contract.check("configuration", again);
    const version = firstOf(await ask("configurationHistory", "/configuration/history?limit=1"));
    await ask("configurationVersion", `/configuration/history/${version.id}`);
    await ask("configurationVersion", "/configuration/history/none", 404);
  });

  it("of cycles are as documented: planned, approved, undone, cancelled, and of pictures", async () => {
    const start = (body: object, status = 202) =>
      order("startCycle", "POST", "/cycles", body, status);
    const dry = await cycleId(start({ direction: "drupalToEntra", dryRun: true }));
    await start({ direction: "drupalToEntra" }, 409);
    const planned = await operator.atRest(dry);
    await ask("cycle", `/cycles/${dry}?limit=2`);
    await ask("cycle", `/cycles/${dry}?format=csv&bom=true`);
    const approve = (body: object, status: number) =>
      order("approveCycle", "POST", `/cycles/${dry}/approve`, body, status);
    expect(await approve({ plan: "another" }, 409)).toMatchObject({ code: "otherPlan" });
    await approve({ plan: planned.plan }, 202);
    const written = await operator.atRest(dry);
    expect(written).toMatchObject({ status: "complete", operations: { create: PEOPLE } });
    expect(await approve({ plan: planned.plan }, 409)).toMatchObject({ code: "notWaiting" });
    expect(await ask("cycle", `/cycles/${dry}?outcome=written&limit=1`)).toMatchObject({
      users: { items: [{ steps: [{ operation: "create" }] }] },
    });
    const undo = await cycleId(order("undoCycle", "POST", `/cycles/${dry}/undo`, undefined, 202));
    await operator.atRest(undo);
    await ask("cycle", `/cycles/${undo}`);
    const other = { direction: "entraToDrupal", kind: "initial", canary: 1 };
    const canary = await cycleId(start(other));
    await order("cancelCycle", "POST", `/cycles/${canary}/cancel`, undefined, 202);
    await operator.atRest(canary);
    await order("cancelCycle", "POST", `/cycles/${canary}/cancel`, undefined, 409);
    await operator.run({ direction: "entraToDrupal", kind: "initial" });
    const [{ id: objectId } = { id: "" }] = stack.entraUsers();
    const user = tenant.users.get(objectId);
    if (user === undefined) throw new Error("nobody was made");
    const picture = { bytes: jpeg(240, 240), contentType: "image/jpeg", width: 240, height: 240 };
    tenant.users.setPhoto(user, { ...picture, etag: '"1"' });
    const photos = await operator.atRest(await cycleId(start({ kind: "photos" })));
    expect(photos.operations).toEqual({ create: 1 });
    await ask("cycle", `/cycles/${photos.id}`);
    await ask("cycles", "/cycles");
    await ask("cycles", "/cycles?limit=1");
    const photo = await stack.api(`/links/${objectId}/photo`);
    expect(photo.status).toBe(200);
    await contract.check("linkPhoto", photo);
    const known = await stack.api(`/links/${objectId}/photo`, {
      headers: { "If-None-Match": photo.headers.get("etag") ?? "" },
    });
    expect(known.status).toBe(304);
    await contract.check("linkPhoto", known);
  });

  it("of one user are as documented: planned, written, in conflict, settled, refused, replayed, unlinked", async () => {
    const provision = (body: object, status = 200) =>
      order("provision", "POST", "/provision", body, status);
    const uuid = await stack.createDrupalUser("new.person", { field_department: "Engine" });
    await provision({ system: "drupal", id: "new.person", dryRun: true });
    await ask("link", `/links/${uuid}`);
    await provision({ system: "drupal", id: uuid });
    const person = await stack.entraUser("new.person@contoso.example");
    await ask("link", `/links/${person?.id}`);
    await stack.editDrupalUser(uuid, { field_department: "Here" });
    await stack.editEntraUser(person?.id ?? "", { department: "There" });
    expect(await provision({ system: "drupal", id: uuid })).toMatchObject({
      explanation: { processing: { conflicts: [{ code: "manual" }] } },
    });
    await ask("link", `/links/${uuid}`);
    await ask("links", "/links");
    await ask("users", "/users?search=a%25b");
    await ask("users", "/users?search=a", 400);
    await ask("users", `/users?search=${uuid}`);
    const noSearch = { method: "GET", path: "^/v1.0/users", kind: "status", status: 400 };
    await stack.control("graph", { faults: [noSearch] });
    expect(await ask("users", "/users?search=new")).toMatchObject({
      failures: [{ system: "entra" }],
    });
    await stack.control("graph", { faults: [] });
    expect(firstOf(await ask("links", "/links?conflicts=true"))).toMatchObject({
      conflicts: [{ code: "manual" }],
    });
    await ask("links", `/links?user=${person?.id}`);
    const settle = (body: object, status: number) =>
      order("settleConflict", "POST", `/links/${uuid}/conflicts`, body, status);
    await settle({ attribute: "none", take: "entra" }, 404);
    await settle({ attribute: "department", take: "other" }, 400);
    await settle({ attribute: "department", take: "entra" }, 200);

    const refused = await stack.createDrupalUser("refused.drupal");
    const fault = { method: "POST", path: "^/v1.0/users$", kind: "status", status: 400 };
    await stack.control("graph", { faults: [fault] });
    await provision({ system: "drupal", id: refused });
    await stack.control("graph", { faults: [] });
    expect(firstOf(await ask("escrow", "/escrow"))).toMatchObject({ drupalUuid: refused });
    await ask("escrow", "/escrow?format=csv");
    for (const direction of ["drupalToEntra", "entraToDrupal"] as const)
      await operator.run({ direction, kind: "initial", dryRun: true });
    expect(firstOf(await ask("drift", "/drift"))).toMatchObject({ kind: "onlyInDrupal" });
    await ask("drift", "/drift?format=csv&bom=true");
    const replay = (body: object, status: number) =>
      order("replayEscrow", "POST", "/escrow/replay", body, status);
    await replay({ drupalUuid: refused }, 202);
    await replay({ drupalUuid: NOBODY }, 404);
    await replay({}, 400);
    await order("unlink", "DELETE", `/links/${uuid}`, undefined, 204);
    await ask("link", `/links/${uuid}`);
    await order("unlink", "DELETE", `/links/${NOBODY}`, undefined, 404);
  });

  it("of the audit log are as documented, also where values are kept as fingerprints", async () => {
    await ask("audit", "/audit?limit=200");
    await ask("audit", "/audit?resourceType=configuration");
    await ask("audit", "/audit?status=failure");
    await ask("audit", "/audit?from=2026-01-01&system=entra&operation=create&limit=1");
    await stack.restartHost("close", { AUDIT_VALUES: "hash" });
    await operator.silence();
    const kept = [expect.objectContaining({ kept: "hash" })];
    const uuid = await stack.createDrupalUser("hashed.values");
    const planned = await operator.run({ direction: "drupalToEntra", dryRun: true });
    expect(await ask("cycle", `/cycles/${planned.id}?outcome=planned`)).toMatchObject({
      users: { items: [{ steps: [{ changes: expect.arrayContaining(kept) }] }] },
    });
    await order("provision", "POST", "/provision", { system: "drupal", id: uuid }, 200);
    expect(firstOf(await ask("audit", `/audit?user=${uuid}&operation=create`))).toMatchObject({
      changes: expect.arrayContaining(kept),
    });
  });

  it("to a webhook are as documented, whether it is queued, ignored, malformed or forged", async () => {
    const deliver = async (body: object, status: number, sign = WEBHOOK_SECRET) => {
      const text = JSON.stringify(body);
      const at = new Date();
      const id = crypto.randomUUID();
      await order("drupalWebhook", "POST", "/webhooks/drupal", body, status, {
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
        "webhook-signature": new Webhook(sign).sign(id, at, text),
      });
    };
    await deliver({ type: "user.updated", data: { uuid: NOBODY } }, 202);
    await deliver({ type: "node.updated" }, 202);
    await deliver({ type: "user.updated" }, 400);
    const other = `whsec_${Buffer.from("a secret that nobody here knows").toString("base64")}`;
    await deliver({ type: "user.updated", data: { uuid: NOBODY } }, 401, other);
  });

  it("to Drupal's console are as documented, whether it is on or off", async () => {
    const uuid = await stack.createDrupalUser("console.user");
    const from = (id: string, path: string, status: number, method = "GET", text = "") =>
      send(id, path, status, {
        method,
        headers: {
          "Content-Type": "application/json",
          ...consoleHeaders({ target: `/api${path}`, method, body: text }),
        },
        ...(text === "" ? {} : { body: text }),
      });
    const order = (body: object, status: number) =>
      from("consoleProvision", "/console/provision", status, "POST", JSON.stringify(body));
    await order({ drupalUuid: uuid, dryRun: true }, 200);
    await order({ drupalUuid: uuid, actor: { uid: 17 } }, 200);
    await order({ drupalUuid: uuid, joins: uuid }, 400);
    await order({ drupalUuid: uuid, actor: { name: "x".repeat(5000) } }, 413);
    await from("consoleAudit", `/console/audit?user=${uuid}&limit=1`, 200);
    await from("consoleAudit", "/console/audit?limit=51", 400);
    expect(await from("consoleAudit", "/console/audit?continuation=x", 400)).toMatchObject({
      code: "invalidContinuation",
    });
    await from("consoleUser", `/console/users/${uuid}`, 200);
    await from("consoleUser", `/console/users/${crypto.randomUUID()}`, 404);
    const routes = contract.operations.filter(({ path }) => path.startsWith("/console/"));
    expect(routes).toHaveLength(3);
    const off = await stack.startHost({ DRUPAL_CONSOLE: "off" });
    for (const [host, status] of [
      [stack.host, 401],
      [off, 404],
    ] as const)
      for (const { id, path, method } of routes) {
        const url = `${host.url}/api${path.replace(/\{.*?\}/, NOBODY)}`;
        const unsigned = await fetch(url, { method: method.toUpperCase() });
        expect([id, unsigned.status]).toEqual([id, status]);
        await contract.check(id, unsigned);
      }
    await eventually("closed", async () => (await off.close()) === 0);
  });

  it("about its health and of itself are as documented", async () => {
    expect(await ask("health", "/health")).toMatchObject({ status: "ok", checks: [{}, {}, {}] });
    await ask("openapi", "/openapi.json");
    expect(await ask("session", "/session")).toMatchObject({ auth: "development" });
    const elsewhere = { headers: { Origin: "https://elsewhere.example" } };
    expect(await send("session", "/session", 200, elsewhere)).toMatchObject({ signedIn: false });
    await ask("metrics", "/metrics");
    await ask("metrics", "/metrics?hours=0", 400);
  });
});

describe("errors", () => {
  it("of a question that cannot be asked are as documented", async () => {
    for (const { id, path, method } of contract.operations.filter(
      (one) => one.method === "get" && one.id !== "health" && one.right !== null,
    )) {
      const own = path.replace(/\{.*?\}/, NOBODY);
      const response = await stack.api(`${own}?limit=0`, { method });
      // Routes without a query do not look at it.
      expect([path, [200, 400, 404].includes(response.status)]).toEqual([path, true]);
      await contract.check(id, response);
    }
    expect(coded.parse(await ask("audit", "/audit?continuation=x", 400)).code).toBe(
      "invalidContinuation",
    );
    expect(coded.parse(await ask("links", "/links?continuation=x", 400)).code).toBe(
      "invalidContinuation",
    );
    await ask("cycle", `/cycles/${NOBODY}`, 404);
    await ask("linkPhoto", "/links/nobody/photo", 404);
    await ask("link", `/links/${crypto.randomUUID()}`, 404);
  });

  it("of a body that is none are as documented", async () => {
    const posts = contract.operations.filter(
      ({ id }) => !["drupalWebhook", "consoleProvision", "cancelCycle", "undoCycle"].includes(id),
    );
    for (const { id, path, method } of posts.filter((one) => /^(post|put)$/.test(one.method))) {
      const send = (headers: Record<string, string>, body: string) =>
        stack.api(`${path.replace(/\{.*?\}/, NOBODY)}`, {
          method: method.toUpperCase(),
          headers: { "If-Match": "*", ...headers },
          body,
        });
      const json = { "Content-Type": "application/json" };
      const answers = [
        await send({ "Content-Type": "text/plain" }, "{}"),
        await send(json, "{"),
        await send(json, JSON.stringify({ at: "x".repeat(300_000) })),
        await send(json, JSON.stringify({ at: "x" })),
      ];
      for (const answer of answers) await contract.check(id, answer);
      const faulty = id === "changeConfiguration" ? 422 : 400;
      expect([id, answers.map(({ status }) => status)]).toEqual([id, [415, 400, 413, faulty]]);
    }
    await order("provision", "POST", "/provision", { system: "drupal", id: "nobody" }, 404);
  });

  it("of a system that does not let us in are as documented", async () => {
    await stack.control("drupal", { faults: [{ path: "^/jsonapi", kind: "status", status: 503 }] });
    const response = await stack.api("/provision", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ system: "drupal", id: "somebody", dryRun: true }),
    });
    await stack.control("drupal", { faults: [] });
    expect(response.status).toBe(503);
    await contract.check("provision", response);
  });

  it("of who may not are as documented: nobody is 401 at each guarded route, a reader 403 at each order", async () => {
    const tenantId = "11111111-1111-4111-8111-111111111111";
    const host = await stack.startHost({
      ADMIN_AUTH: "easyauth",
      WEBSITE_AUTH_ENABLED: "true",
      ENTRA_TENANT_ID: tenantId,
    });
    const claims = { tid: tenantId, oid: crypto.randomUUID(), roles: "Audit.Read" };
    const principal = {
      auth_typ: "aad",
      role_typ: "roles",
      claims: Object.entries(claims).map(([typ, val]) => ({ typ, val })),
    };
    const reader = {
      "x-ms-client-principal": Buffer.from(JSON.stringify(principal)).toString("base64"),
    };
    const guarded = contract.operations.filter(({ right }) => right !== null);
    expect(guarded.length).toBeGreaterThan(15);
    for (const { id, method, path, right } of guarded) {
      const url = `${host.url}/api${path.replace(/\{.*?\}/, NOBODY)}`;
      const nobody = await fetch(url, { method: method.toUpperCase() });
      expect([id, nobody.status]).toEqual([id, 401]);
      await contract.check(id, nobody);
      const read = await fetch(url, { method: method.toUpperCase(), headers: reader });
      expect([id, read.status === 403]).toEqual([id, right === "Sync.Operate"]);
      await contract.check(id, read);
    }
    const health = await fetch(`${host.url}/api/health`);
    expect(await contract.check("health", health)).toEqual({ status: "ok" });
    await eventually("closed", async () => (await host.close()) === 0);
  });
});

describe("the contract", () => {
  it("was held against an answer of every operation that there is", () => {
    const untried = contract.operations.filter(
      ({ id }) => !contract.seen(id).some((status) => status < 300),
    );
    expect(untried.map(({ id }) => id)).toEqual([]);
  });
});
