// A user whom Graph refuses: seen by its cause, mended, replayed by an operator, and told in the audit log. And retention runs.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createAuditLog } from "../../src/storage/audit-log.ts";
import { eventually, type Stack, startStack } from "./stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const escrowAnswer = z.object({
  groups: z.array(
    z.object({
      system: z.string(),
      code: z.string(),
      message: z.string(),
      users: z.number(),
      oldest: z.iso.datetime(),
      nextAt: z.iso.datetime().nullable(),
    }),
  ),
  items: z.array(
    z.strictObject({
      drupalUuid: z.string(),
      entraObjectId: z.string().nullable(),
      system: z.string(),
      reason: z.object({ code: z.string(), message: z.string() }),
      attempts: z.number(),
      since: z.iso.datetime(),
      at: z.iso.datetime(),
      nextAt: z.iso.datetime().nullable(),
    }),
  ),
  continuation: z.string().nullable(),
});
const problem = z.looseObject({
  code: z.string(),
  faults: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
});

const ask = async (query = "") =>
  escrowAnswer.parse(await (await stack.api(`/escrow${query}`)).json());
const replay = (body: object) =>
  stack.api("/escrow/replay", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

describe("a user whom Graph refuses", () => {
  it("is seen by its cause, and is served by a replay once that is mended", async () => {
    const fault = { method: "POST", path: "^/v1.0/users$", kind: "status", status: 400 };
    await stack.control("graph", { faults: [fault] });
    const uuid = await stack.createDrupalUser("ada.lovelace", { field_last_name: "Lovelace" });
    const { groups, items } = await eventually("in escrow", async () => {
      const answer = await ask();
      return answer.items.length > 0 && answer;
    });
    expect(items).toMatchObject([{ drupalUuid: uuid, entraObjectId: null, attempts: 1 }]);
    const { code } = groups[0] ?? { code: "" };
    expect(groups).toMatchObject([{ system: "entra", code, users: 1, nextAt: items[0]?.nextAt }]);
    const waitMs = Date.parse(items[0]?.nextAt ?? "") - Date.parse(items[0]?.at ?? "");
    expect(waitMs / 3_600_000).toBeCloseTo(1, 0);
    expect((await ask(`?code=${code}&system=entra`)).items).toHaveLength(1);
    expect(await ask("?system=drupal")).toMatchObject({ groups, items: [], continuation: null });

    const csv = await stack.api(`/escrow?format=csv&bom=true&code=${code}`);
    expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(csv.headers.get("content-disposition")).toBe('attachment; filename="escrow.csv"');
    const [header, row] = Buffer.from(await csv.arrayBuffer())
      .toString()
      .split("\r\n");
    expect(header).toBe(
      "\ufeffdrupalUuid,entraObjectId,system,code,message,attempts,since,at,nextAt",
    );
    expect(row?.startsWith(`${uuid},,entra,${code},`)).toBe(true);

    // Refused again: the same chain goes on.
    const again = await replay({ code });
    expect([again.status, await again.json()]).toEqual([202, { replayed: 1 }]);
    await eventually("refused again", async () => (await ask()).items[0]?.attempts === 2);

    await stack.control("graph", { faults: [] });
    expect(await (await replay({ drupalUuid: uuid })).json()).toEqual({ replayed: 1 });
    await eventually("served", () => stack.entraUser("ada.lovelace@contoso.example"));
    await eventually("out of escrow", async () => (await ask()).items.length === 0);
    expect((await ask()).groups).toEqual([]);
    const [created] = await stack.audit(`&user=${uuid}&operation=create`);
    expect(created).toMatchObject({ status: "success", cause: "replay", actor: "developer" });
  });
});

describe("a replay", () => {
  it("of nobody is told so, and every fault of an order too", async () => {
    const unknown = await replay({ drupalUuid: crypto.randomUUID() });
    expect([unknown.status, problem.parse(await unknown.json()).code]).toEqual([
      404,
      "notInEscrow",
    ]);
    expect(await (await replay({ all: true })).json()).toEqual({ replayed: 0 });
    for (const body of [
      {},
      { all: false },
      { all: true, code: "x" },
      { all: true, system: "entra" },
    ]) {
      const refused = await replay(body);
      expect([refused.status, problem.parse(await refused.json()).code]).toEqual([
        400,
        "invalidRequest",
      ]);
    }
    const query = await stack.api("/escrow?code=x'&system=other&bom=1");
    expect(
      problem
        .parse(await query.json())
        .faults.map(({ path }) => path)
        .toSorted(),
    ).toEqual(["bom", "code", "system"]);
  });
});

describe("retention", () => {
  it("runs as a timer, deletes what is older than the days that were set, and says how much", async () => {
    const { connectionString } = stack.azurite;
    const audit = createAuditLog({ kind: "connectionString", connectionString });
    const drupalUuid = crypto.randomUUID();
    await audit.append({
      id: crypto.randomUUID(),
      at: "2020-01-01T00:00:00.000Z",
      operation: "update",
      resourceType: "user",
      status: "failure",
      cause: "webhook",
      drupalUuid,
      changes: [],
      durationMs: 1,
    });
    const newer = (await stack.audit()).filter((row) => row.drupalUuid !== drupalUuid);
    expect(await stack.audit(`&user=${drupalUuid}`)).toHaveLength(1);
    const run = await fetch(`${stack.host.url}/admin/functions/retention-timer`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ input: "" }),
    });
    expect(run.status).toBe(202);
    const told = await eventually("told", async () => stack.told("retention.done").at(0));
    expect(told).toMatchObject({ auditEntries: 1, cycles: 0, metrics: 0, isComplete: true });
    expect(await stack.audit(`&user=${drupalUuid}`)).toEqual([]);
    expect(await stack.audit()).toEqual(newer);
  });
});
