// The audit log as a file, through the host: whole, streamed, safe to open, and never mistaken for a whole one.
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { AUDIT_COLUMNS } from "../../src/api/audit-answer.ts";
import { type AuditEntry, auditEntrySchema } from "../../src/rules/audit-entry.ts";
import { eachAtOnce } from "../../src/storage/at-once.ts";
import { auditRowsOf } from "../../src/storage/audit-log.ts";
import { openAuditTables } from "../../src/storage/audit-tables.ts";
import type { StorageAccount } from "../../src/storage/tables.ts";
import { recordAccount } from "../storage/recording-proxy.ts";
import { recordsOf } from "./csv-records.ts";
import { eventually, type Stack, startStack } from "./stack.ts";

const ENTRIES = 5000;
const DAY = "2026-10-05";
const cycleId = crypto.randomUUID();
const user = crypto.randomUUID();

let stack: Stack;
let account: StorageAccount;

const entryOf = (number: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  id: crypto.randomUUID(),
  at: new Date(Date.parse(`${DAY}T00:00:00.000Z`) + number * 1000).toISOString(),
  operation: "update",
  resourceType: "user",
  status: number % 50 === 0 ? "failure" : "success",
  system: "entra",
  direction: "drupalToEntra",
  cause: "cycle",
  changes: [
    { attribute: "department", before: null, after: `no. ${number}`, why: "changedInDrupal" },
  ],
  durationMs: 5,
  ...more,
});
const entries = Array.from({ length: ENTRIES }, (_, number) => entryOf(number, { cycleId }));

// As spreadsheets take formulas (OWASP, CSV Injection), each with what is in the file.
const CELLS: readonly (readonly [string, string])[] = [
  ["=1+1", "'=1+1"],
  ["+1", "'+1"],
  ["-1+2", "'-1+2"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t=1"],
  ["\r=1", "'\r'=1"],
  [" =1", "' =1"],
  ["\u00a0=1", "'\u00a0=1"],
  ["\u200b=1", "'\u200b=1"],
  ["a\n=1", "a\n'=1"],
  ["＝1", "'＝1"],
  ["|calc", "'|calc"],
  ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
  ['=HYPERLINK("http://x","y")', `'=HYPERLINK("http://x","y")`],
  ['","=1', '","=1'],
];
const hostile = CELLS.map(([text], number) =>
  entryOf(number, {
    at: `2026-10-07T00:00:${String(number).padStart(2, "0")}.000Z`,
    status: "success",
    drupalUuid: user,
    displayName: text,
    actor: text,
    changes: [{ attribute: text, before: [text, text], after: text, why: "changedInDrupal" }],
    reason: { code: "written", message: text },
  }),
);

async function appendAll(all: readonly AuditEntry[]): Promise<void> {
  const tables = openAuditTables(account);
  const rows = all.flatMap(auditRowsOf);
  const places = Map.groupBy(rows, ({ table, row }) => `${table} ${row.partitionKey}`);
  await eachAtOnce(places.values(), 4, async (group) => {
    for (let from = 0; from < group.length; from += 100)
      await tables
        .open(group[0]?.table ?? "")
        .saveTogether(group.slice(from, from + 100).map(({ row }) => ["create", row]));
  });
}

beforeAll(async () => {
  stack = await startStack();
  const { connectionString } = stack.azurite;
  account = { kind: "connectionString", connectionString };
  await appendAll([...entries, ...hostile]);
}, 120_000);
afterAll(() => stack.close());

const span = `from=${DAY}&to=2026-10-06`;

describe("the audit log as a file", () => {
  it("of JSON lines holds every entry, newest first, as the pages do", async () => {
    const response = await stack.api(`/audit?format=ndjson&${span}`);
    expect(response.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="audit.ndjson"');
    const lines = (await response.text()).trimEnd().split("\n");
    const read = lines.map((line) => auditEntrySchema.parse(JSON.parse(line)));
    expect(read).toEqual(entries.toReversed());
  });

  it("of CSV holds every change, by the same filters", async () => {
    const response = await stack.api(`/audit?format=csv&${span}&status=failure`);
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="audit.csv"');
    const records = recordsOf(await response.text());
    const failed = entries.filter(({ status }) => status === "failure").toReversed();
    expect(records.map(({ id }) => id)).toEqual(failed.map(({ id }) => id));
    expect(Object.keys(records[0] ?? {})).toEqual([...AUDIT_COLUMNS]);
    expect(records[0]).toMatchObject({
      at: failed[0]?.at,
      cycleId,
      attribute: "department",
      before: "",
      why: "changedInDrupal",
      durationMs: "5",
    });
    const ofCycle = await stack.api(`/audit?format=csv&bom=true&cycle=${cycleId}`);
    const bytes = Buffer.from(await ofCycle.arrayBuffer());
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from("\ufeff"));
    expect(recordsOf(bytes.toString().slice(1))).toHaveLength(ENTRIES);
  });

  it("of CSV has nothing in it that a spreadsheet would run", async () => {
    const response = await stack.api(`/audit?format=csv&user=${user}`);
    const records = recordsOf(await response.text()).toReversed();
    const safe = CELLS.map(([, text]) => text);
    for (const column of ["displayName", "actor", "attribute", "after", "reason"])
      expect(records.map((record) => record[column])).toEqual(safe);
    for (const { before = "" } of records)
      expect(before).not.toMatch(/(^|[\r\n;])[\s\u200b]*[=+\-@|＝]/u);
  });

  it("is refused with a page's parameters", async () => {
    for (const query of ["format=csv&limit=10", "format=ndjson&continuation=x", "format=xml"]) {
      const response = await stack.api(`/audit?${query}`);
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { code: "invalidQuery" },
      ]);
    }
  });

  it("breaks off when the log cannot be read on", async () => {
    const [own] = auditRowsOf(entryOf(0));
    if (own === undefined) throw new Error("no row");
    const table = openAuditTables(account).open(own.table);
    const { partitionKey } = own.row;
    const last = { partitionKey, rowKey: "999999999999999-last", entry: "not JSON" };
    await table.run((client) => client.upsertEntity(last));
    try {
      for (const format of ["csv", "ndjson"]) {
        const response = await stack.api(`/audit?format=${format}&to=2026-10-06`);
        expect(response.status).toBe(200);
        await expect(response.text()).rejects.toThrow();
      }
    } finally {
      await table.remove(partitionKey, last.rowKey);
    }
  });

  it("of someone who went away is read no further", async () => {
    const { connectionString } = stack.azurite;
    const held = Promise.withResolvers<void>();
    const isFile = (query: string) => /^auditmonth/.test(query);
    let files = 0;
    const recorded = await recordAccount(connectionString, async (query) => {
      if (isFile(query)) files += 1;
      if (isFile(query) && files === 2) await held.promise;
    });
    const through = z.object({ connectionString: z.string() }).parse(recorded.account);
    const host = await stack.startHost({ AzureWebJobsStorage: through.connectionString });
    const { port, hostname } = new URL(host.url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET /api/audit?format=ndjson&${span} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
    await eventually("a second query", async () => files === 2);
    socket.destroy();
    await once(socket, "close");
    held.resolve();
    // As many round trips as the rest of the file would take.
    for (let turn = 0; turn < 8; turn += 1) {
      const answer = await fetch(`${host.url}/api/audit?user=${user}&limit=1`);
      expect(answer.status).toBe(200);
      await answer.text();
    }
    expect(files).toBe(2);
    await host.close();
    await recorded.close();
  });
});

describe("a hostile question", () => {
  it.each([
    "user=' or 1 eq 1 or '",
    "user=a&user=b",
    "operation=x' or operation ne '",
    "cycle=%00",
    "from=%27",
    `status=${"a".repeat(4096)}`,
    "continuation=WyInIG9yIHRydWUgb3IgJyJd",
    "limit=1000000000",
    "from=2026-11-25&to=2026-11-24",
  ])("%s is 400 and tells nothing", async (query) => {
    const response = await stack.api(`/audit?${query}`);
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(text).not.toContain('"items"');
  });
});
