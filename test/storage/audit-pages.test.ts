// Questions to the audit log against Azurite: what is looked at to answer them, and that a long search is cut into short pages.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../src/rules/audit-entry.ts";
import { eachAtOnce } from "../../src/storage/at-once.ts";
import { type AuditQuery, type AuditReader, createAuditLog } from "../../src/storage/audit-log.ts";
import { azuriteAccount } from "./azurite-account.ts";
import { type RecordedAccount, recordAccount } from "./recording-proxy.ts";

const account = await azuriteAccount();
const uuid = () => crypto.randomUUID();
const NOW = Date.parse("2026-11-26T10:00:00Z");
const clock = () => NOW;

let recorded: RecordedAccount;
beforeAll(async () => {
  const { connectionString } =
    account.kind === "connectionString" ? account : { connectionString: "" };
  recorded = await recordAccount(connectionString);
});
afterAll(() => recorded.close());

const users = [uuid(), uuid(), uuid()];
const cycleId = uuid();

const entryAt = (at: string, changes: Partial<AuditEntry> = {}): AuditEntry => ({
  id: uuid(),
  at,
  operation: "update",
  resourceType: "user",
  status: "success",
  system: "entra",
  direction: "drupalToEntra",
  cause: "cycle",
  changes: [],
  durationMs: 5,
  ...changes,
});

// A log of some years: a busy day, and a few entries a month before it.
const busy = Array.from({ length: 60 }, (_, index) =>
  entryAt(`2026-11-26T08:00:${String(index).padStart(2, "0")}.000Z`, {
    drupalUuid: users[index % 3],
    cycleId,
    status: index % 20 === 0 ? "failure" : "success",
    operation: index === 1 ? "delete" : "update",
  }),
);
const sparse = [
  "2026-11-25",
  "2026-11-02",
  "2026-10-31",
  "2026-07-04",
  "2025-12-31",
  "2025-01-01",
].map((day, index) =>
  entryAt(`${day}T23:59:59.999Z`, {
    drupalUuid: users[0],
    status: index % 2 === 0 ? "failure" : "success",
  }),
);
const all = [...busy, ...sparse].toSorted((a, b) => (a.at < b.at ? 1 : -1));
beforeAll(async () => {
  const audit = createAuditLog(account);
  await eachAtOnce(all, 8, (entry) => audit.append(entry));
});

const idsOf = (entries: readonly AuditEntry[]) => entries.map(({ id }) => id);

async function pagesOf(audit: AuditReader, query: Omit<AuditQuery, "after">): Promise<string[][]> {
  const pages: string[][] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page = await audit.page({ ...query, after });
    pages.push(idsOf(page.entries));
    after = page.next;
    if (pages.length > 500) throw new Error("no end");
  }
  return pages;
}

type Question = Pick<AuditQuery, "scope" | "where" | "from" | "to">;
const QUESTIONS: readonly (readonly [string, Question, (entry: AuditEntry) => boolean])[] = [
  ["everything", { scope: { kind: "all" }, where: {} }, () => true],
  [
    "one operation",
    { scope: { kind: "all" }, where: { operation: "delete" } },
    ({ operation }) => operation === "delete",
  ],
  [
    "one user",
    { scope: { kind: "user", drupalUuid: users[0] ?? "" }, where: {} },
    ({ drupalUuid }) => drupalUuid === users[0],
  ],
  [
    "one user's failures",
    { scope: { kind: "user", drupalUuid: users[0] ?? "" }, where: { status: "failure" } },
    ({ drupalUuid, status }) => drupalUuid === users[0] && status === "failure",
  ],
  [
    "one cycle",
    { scope: { kind: "cycle", cycleId }, where: { system: "entra" } },
    (entry) => entry.cycleId === cycleId,
  ],
  [
    "one cycle's failures",
    { scope: { kind: "cycleFailures", cycleId }, where: {} },
    (entry) => entry.cycleId === cycleId && entry.status === "failure",
  ],
  ["failures", { scope: { kind: "failures" }, where: {} }, ({ status }) => status === "failure"],
  [
    "a time",
    {
      scope: { kind: "all" },
      where: {},
      from: new Date("2025-12-31T23:59:59.999Z"),
      to: new Date("2026-11-26T08:00:30Z"),
    },
    ({ at }) => at >= "2025-12-31T23:59:59.999Z" && at <= "2026-11-26T08:00:30.000Z",
  ],
  [
    "a time before and after all others",
    {
      scope: { kind: "failures" },
      where: {},
      from: new Date("0001-01-01T00:00:00Z"),
      to: new Date("9999-12-31T23:59:59Z"),
    },
    ({ status }) => status === "failure",
  ],
  [
    "a time of nothing",
    {
      scope: { kind: "all" },
      where: {},
      from: new Date("2026-07-05T00:00:00Z"),
      to: new Date("2026-09-30T00:00:00Z"),
    },
    () => false,
  ],
];

describe("a question to the audit log", () => {
  it.each(QUESTIONS)(
    "for %s is answered newest first, each entry once, page by page and whole",
    async (_name, question, isWanted) => {
      const audit = createAuditLog(account, { rows: 10_000, ms: 2000, now: clock });
      const wanted = idsOf(all.filter(isWanted));
      for (const limit of [1, 7, 200])
        expect((await pagesOf(audit, { ...question, limit })).flat()).toEqual(wanted);
      const each: AuditEntry[] = [];
      for await (const entry of audit.each(question)) each.push(entry);
      expect(idsOf(each)).toEqual(wanted);
    },
  );

  it.each(QUESTIONS)("for %s looks only at rows of its own keys", async (_name, question) => {
    recorded.take();
    const audit = createAuditLog(recorded.account, { rows: 10_000, ms: 2000, now: clock });
    await pagesOf(audit, { ...question, limit: 7 });
    const asked = recorded.take();
    const isSeek = (query: string) =>
      /^\w+\?PartitionKey (eq '[^']+'|ge '([a-z]+)-(\d{5})' and PartitionKey le '\2-(?!\3)\d{5}')( and RowKey [a-z]{2} '[^']+')*$/.test(
        query,
      );
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((query) => !isSeek(query))).toEqual([]);
  });

  it("for the newest page asks for one day, and for a user, a cycle or failures of today one partition", async () => {
    const audit = createAuditLog(recorded.account, { rows: 10_000, ms: 2000, now: clock });
    const countOf = async (query: AuditQuery) => {
      recorded.take();
      const { entries } = await audit.page(query);
      expect(entries).toHaveLength(query.limit);
      return recorded.take().length;
    };
    const where = {};
    expect(await countOf({ scope: { kind: "all" }, where, limit: 50 })).toBe(1);
    expect(await countOf({ scope: { kind: "failures" }, where, limit: 2 })).toBe(1);
    expect(await countOf({ scope: { kind: "cycle", cycleId }, where, limit: 50 })).toBe(1);
    const drupalUuid = users[1] ?? "";
    expect(await countOf({ scope: { kind: "user", drupalUuid }, where, limit: 20 })).toBe(1);
  });

  it("reads a sparse log to its end in few queries", async () => {
    const audit = createAuditLog(recorded.account, { rows: 10_000, ms: 2000, now: clock });
    recorded.take();
    await audit.page({ scope: { kind: "failures" }, where: {}, limit: 50 });
    // Six months with a table, and two more windows in the first of them.
    expect(recorded.take().length).toBeLessThanOrEqual(8);
  });
});

describe("a search for what is rare", () => {
  it("ends a page after so many rows, short or empty, and finds everything over its pages", async () => {
    const audit = createAuditLog(account, { rows: 10, ms: 2000, now: clock });
    const scope = { kind: "all" } as const;
    const pages = await pagesOf(audit, { scope, where: { operation: "delete" }, limit: 5 });
    const [wanted] = idsOf(all.filter(({ operation }) => operation === "delete"));
    expect(pages.flat()).toEqual([wanted]);
    expect(pages.length).toBe(Math.ceil((all.length + 1) / 10));
    expect(pages[0]).toEqual([]);
  });

  it("ends a page when its time is up, and each page gets on", async () => {
    let ms = NOW;
    const audit = createAuditLog(account, { rows: 10_000, ms: 3, now: () => ms++ });
    const scope = { kind: "user", drupalUuid: users[0] ?? "" } as const;
    const pages = await pagesOf(audit, { scope, where: { status: "failure" }, limit: 50 });
    const wanted = all.filter(
      ({ drupalUuid, status }) => drupalUuid === users[0] && status === "failure",
    );
    expect(pages.flat()).toEqual(idsOf(wanted));
    expect(pages.length).toBeGreaterThan(wanted.length);
  });

  it("has no end to its rows where nothing is searched for", async () => {
    const audit = createAuditLog(account, { rows: 10, ms: 0, now: clock });
    const page = await audit.page({ scope: { kind: "all" }, where: {}, limit: 60 });
    expect(page.entries).toHaveLength(60);
  });
});
