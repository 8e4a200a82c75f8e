// What is told before and between cycles: what a change of the configuration would do, and how both sides differ; and to whom.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type CycleClient, cycleClient } from "./cycle-client.ts";
import { eventually, type Stack, startStack } from "./stack.ts";

const PEOPLE = 12;
const EDITORS = "aaaaaaaa-0000-4000-8000-000000000001";
const FEWER = "aaaaaaaa-0000-4000-8000-000000000002";
const BOTH = ["drupalToEntra", "entraToDrupal"] as const;

let stack: Stack;
let operator: CycleClient;
beforeAll(async () => {
  stack = await startStack({ people: PEOPLE });
  operator = cycleClient(stack);
  await operator.silence();
  await operator.configure({
    roles: { map: [{ drupal: "content_editor", entraGroups: [EDITORS] }] },
  });
  const first = await operator.run({ direction: "drupalToEntra", kind: "initial" });
  expect(first).toMatchObject({ status: "complete", operations: { create: PEOPLE } });
  const ids = stack.entraUsers().map(({ id }) => id);
  await stack.control("graph", {
    groups: [
      { id: EDITORS, displayName: "Editors", members: ids.slice(0, 3) },
      { id: FEWER, displayName: "Fewer", members: ids.slice(0, 1) },
    ],
  });
  const second = await operator.run({ direction: "entraToDrupal", kind: "initial" });
  expect(second).toMatchObject({ status: "complete", operations: { assign: 3 } });
  await operator.quiet();
});
afterAll(() => stack.close());

const impact = z.looseObject({
  preview: z.literal(true),
  cycleId: z.guid(),
  operations: z.record(z.string(), z.number()),
});

describe("a preview of a configuration", () => {
  it("tells whom a change touches and who loses a role, saves nothing, and is just what then happens", async () => {
    const candidate = {
      roles: { map: [{ drupal: "content_editor", entraGroups: [FEWER] }] },
      attributes: [
        { kind: "direct", drupal: "field_department", entra: "department", flow: "both" },
        { kind: "direct", drupal: "mail", entra: "mail", flow: "both" },
        { kind: "direct", drupal: "name", entra: "employeeId" },
      ],
    };
    const before = await stack.api("/configuration");
    const etag = before.headers.get("etag");
    const entraBefore = stack.entraUsers();
    const response = await stack.api("/configuration?preview=true", {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(candidate),
    });
    expect(response.status).toBe(200);
    const preview = impact.parse(await response.json());
    expect(response.headers.get("location")).toBe(`/api/cycles/${preview.cycleId}`);
    expect(preview).toMatchObject({
      status: "complete",
      users: { read: PEOPLE + 2, touched: PEOPLE, spared: 0, unknown: 0 },
      operations: { update: PEOPLE, remove: 2 },
      harm: { disables: 0, deletes: 0, roleRemovals: 2 },
      summary: "touches 12 users, 2 lose a role",
    });
    expect((await stack.api("/configuration")).headers.get("etag")).toBe(etag);
    expect(stack.entraUsers()).toEqual(entraBefore);
    const refused = await operator.refused(`/cycles/${preview.cycleId}/approve`, { plan: "x" });
    expect(refused.status).toBe(409);

    await operator.configure(candidate);
    const cycle = await operator.run({ direction: "drupalToEntra", kind: "initial" });
    expect(cycle).toMatchObject({ status: "complete", outcomes: { written: PEOPLE } });
    expect(cycle.operations).toEqual(preview.operations);
    const other = await operator.run({ direction: "entraToDrupal", kind: "initial" });
    expect(other).toMatchObject({ status: "complete", operations: {} });
    // What is saved already would do nothing.
    const again = await stack.api("/configuration?preview=true", {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(candidate),
    });
    expect(await again.json()).toMatchObject({ cycleId: null, summary: "touches nobody" });
  });
});

const driftRow = z.strictObject({
  kind: z.string(),
  drupalUuid: z.string().nullable(),
  entraObjectId: z.string().nullable(),
  name: z.string().nullable(),
  attributes: z.array(z.string()),
  reason: z.object({ code: z.string(), message: z.string() }).nullable(),
  since: z.string().nullable(),
});
const drift = z.strictObject({
  asOf: z.strictObject({ drupal: z.iso.datetime().nullable(), entra: z.iso.datetime().nullable() }),
  counts: z.record(z.string(), z.number().nullable()),
  items: z.array(driftRow),
  continuation: z.string().nullable(),
});

describe("the drift report", () => {
  const ask = async (query = "") => drift.parse(await (await stack.api(`/drift${query}`)).json());

  it("shows each kind of difference with its reason, page by page and as CSV", async () => {
    await operator.configure({
      attributes: [
        {
          kind: "direct",
          drupal: "field_department",
          entra: "department",
          flow: "both",
          authority: "manual",
        },
        { kind: "direct", drupal: "field_last_name", entra: "surname", flow: "both" },
        { kind: "direct", drupal: "mail", entra: "mail", flow: "both" },
      ],
    });
    for (const direction of BOTH) await operator.run({ direction, kind: "initial" });
    await operator.quiet();
    const settled = await ask();
    expect(settled.counts).toEqual({
      onlyInDrupal: 2,
      onlyInEntra: 0,
      differs: 0,
      conflict: 0,
      escrowed: 0,
    });
    const service = stack.drupal.settings.DRUPAL_USERNAME;
    expect(settled.items.map(({ name }) => name).toSorted()).toEqual(["admin", service]);

    const [created] = await stack.audit("&operation=create&system=entra");
    const edited = { uuid: created?.drupalUuid ?? "" };
    // Made a moment ago, and not read since: what Entra shows next cannot be an older read.
    const both = { uuid: await stack.createDrupalUser("both.sides"), id: "" };
    await stack.provision({ system: "drupal", id: both.uuid });
    both.id = (await stack.entraUser("both.sides@contoso.example"))?.id ?? "";
    await stack.editDrupalUser(both.uuid, { field_department: "Here" });
    await stack.editEntraUser(both.id, { department: "There" });
    await stack.provision({ system: "drupal", id: both.uuid });
    await stack.editDrupalUser(edited.uuid, { field_last_name: "Edited" });
    const alone = await stack.createDrupalUser("only.drupal");
    const refused = await stack.createDrupalUser("refused.drupal");
    const onlyEntra = await stack.createEntraUser("only.entra");
    for (const direction of BOTH) {
      const dry = await operator.run({ direction, kind: "initial", dryRun: true });
      expect(dry).toMatchObject({ status: "complete", operations: {} });
    }
    const fault = { method: "POST", path: "^/v1.0/users$", kind: "status", status: 400 };
    await stack.control("graph", { faults: [fault] });
    await stack.provision({ system: "drupal", id: refused });
    await stack.control("graph", { faults: [] });

    const report = await ask();
    expect(report.counts).toEqual({
      onlyInDrupal: 4,
      onlyInEntra: 1,
      differs: 1,
      conflict: 1,
      escrowed: 1,
    });
    const of = (kind: string) => report.items.filter((row) => row.kind === kind);
    expect(of("onlyInDrupal").map(({ drupalUuid }) => drupalUuid)).toEqual(
      expect.arrayContaining([alone, refused]),
    );
    expect(of("onlyInEntra")).toMatchObject([{ drupalUuid: null, entraObjectId: onlyEntra }]);
    expect(of("differs")).toMatchObject([
      { drupalUuid: edited.uuid, attributes: ["drupal.field_last_name"] },
    ]);
    expect(of("conflict")).toMatchObject([
      { drupalUuid: both.uuid, entraObjectId: both.id, reason: { code: "manual" } },
    ]);
    expect(of("escrowed")).toMatchObject([{ drupalUuid: refused, name: "refused.drupal" }]);

    const pages: z.infer<typeof driftRow>[] = [];
    let next: string | null = "";
    while (next !== null) {
      const page: z.infer<typeof drift> = await ask(
        `?limit=3${next === "" ? "" : `&continuation=${next}`}`,
      );
      pages.push(...page.items);
      next = page.continuation;
    }
    expect(pages).toEqual(report.items);
    expect((await ask("?kind=escrowed")).items).toEqual(of("escrowed"));
    const csv = await operator.csvOf("/drift?format=csv");
    expect(csv).toMatchObject(
      report.items.map(({ kind, drupalUuid, entraObjectId, name, attributes, reason }) => ({
        kind,
        drupalUuid: drupalUuid ?? "",
        entraObjectId: entraObjectId ?? "",
        name: name ?? "",
        attributes: attributes.join(" "),
        reasonCode: reason?.code ?? "",
      })),
    );
    expect(await operator.csvOf("/drift?format=csv&kind=conflict")).toHaveLength(1);
  });
});

describe("orders to cycles", () => {
  it("are taken from operators only: nobody is 401, and a reader may look and not approve", async () => {
    const tenant = "11111111-1111-4111-8111-111111111111";
    const host = await stack.startHost({
      ADMIN_AUTH: "easyauth",
      WEBSITE_AUTH_ENABLED: "true",
      ENTRA_TENANT_ID: tenant,
    });
    const claims = { tid: tenant, oid: crypto.randomUUID(), roles: "Audit.Read" };
    const principal = {
      auth_typ: "aad",
      role_typ: "roles",
      claims: Object.entries(claims).map(([typ, val]) => ({ typ, val })),
    };
    const reader = {
      "x-ms-client-principal": Buffer.from(JSON.stringify(principal)).toString("base64"),
      // A program's: what the rights allow is asked here, not what a browser may send.
      authorization: "Bearer of.a.program",
    };
    const known = await operator.cycles();
    const post = async (path: string, headers: Record<string, string> = {}) => {
      const init = { method: "POST", headers: { "Content-Type": "application/json", ...headers } };
      const body = JSON.stringify(path === "/cycles" ? { direction: "drupalToEntra" } : {});
      return (await fetch(`${host.url}/api${path}`, { ...init, body })).status;
    };
    const one = `/cycles/${known[0]?.id}`;
    for (const path of ["/cycles", `${one}/approve`, `${one}/cancel`, `${one}/undo`]) {
      expect([path, await post(path), await post(path, reader)]).toEqual([path, 401, 403]);
    }
    expect((await fetch(`${host.url}/api${one}`)).status).toBe(401);
    expect((await fetch(`${host.url}/api${one}`, { headers: reader })).status).toBe(200);
    expect(await operator.cycles()).toEqual(known);
    await eventually("closed", async () => (await host.close()) === 0);
  });
});
