// What may be asked of the audit log: hostile values never get as far as a question, and a continuation is one question's only.
import { describe, expect, it } from "vitest";
import { AUDIT_COLUMNS, auditRecords } from "../../src/api/audit-answer.ts";
import { auditQuestion } from "../../src/api/audit-question.ts";
import { parseAuditRequest } from "../../src/api/audit-request.ts";
import { Problem } from "../../src/api/problem.ts";
import type { AuditEntry } from "../../src/rules/audit-entry.ts";

const parse = (query: string | URLSearchParams) => parseAuditRequest(new URLSearchParams(query));
const refusal = (query: string | URLSearchParams): Problem => {
  try {
    parse(query);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error(`taken: ${query}`);
};

const USER = "6f1c2a34-0000-4000-8000-00000000000a";
const HOSTILE = [
  "' or 1 eq 1 or '",
  "x' or PartitionKey ne '",
  "x'' or true or ''",
  "%27%20or%20true",
  "') or (true",
  "x' and RowKey ge '0",
  "*",
  "null",
  "[object Object]",
  '{"$ne":null}',
  `${USER}' or user ne '`,
  `${USER}\0`,
  `${USER}\r\n`,
  "＇ or 1 eq 1",
  "a".repeat(4096),
];
const PARAMETERS = [
  ...["from", "to", "user", "operation", "resourceType", "status", "system", "direction"],
  ...["cause", "cycle", "limit", "continuation", "format"],
];

describe("a request to the audit log", () => {
  it.each(HOSTILE)("with %j anywhere is refused before anything is asked", (text) => {
    for (const name of PARAMETERS) {
      const { status, code } = refusal(new URLSearchParams({ [name]: text }));
      expect([name, status, code]).toEqual([
        name,
        400,
        name === "continuation" && text.length <= 1024 ? "invalidContinuation" : "invalidQuery",
      ]);
    }
  });

  it.each([
    "user=a&user=b",
    `user=${USER}&user=${USER}`,
    `user[]=${USER}`,
    `user[$ne]=x`,
    "$filter=true",
  ])("%s is no way to say more than one thing", (query) => {
    expect(refusal(query)).toMatchObject({ status: 400, code: "invalidQuery" });
  });

  it.each(["0", "-1", "201", "1e9", "1.5", "NaN", "Infinity", ""])(
    "of %j entries is refused",
    (limit) => {
      expect(refusal(new URLSearchParams({ limit })).faults).toMatchObject([{ path: "limit" }]);
    },
  );

  it("that ends before it begins is refused, and one of a single moment is not", () => {
    const fault = refusal("from=2026-11-25T00:00:01Z&to=2026-11-25").faults;
    expect(fault).toEqual([{ path: "from", message: "must not be after to" }]);
    const { request } = parse("from=2026-11-25&to=2026-11-25T00:00:00Z");
    expect(request.from).toEqual(request.to);
  });

  it("for a file names no page", () => {
    for (const format of ["csv", "ndjson"]) {
      expect(parse(`format=${format}`).request).toMatchObject({ format });
      expect(refusal(`format=${format}&limit=50`).faults).toMatchObject([{ path: "limit" }]);
      expect(refusal(`format=${format}&continuation=x`).faults).toMatchObject([
        { path: "continuation" },
      ]);
    }
  });
});

describe("a continuation", () => {
  const ROW = `998236300799999-${USER}`;
  const next = (query: string) => parse(query).continuationOf(ROW);
  const go = (query: string, continuation: string) => `${query}&continuation=${continuation}`;

  it("is taken with its own question, whatever the size of the page", () => {
    const query = `user=${USER}&status=failure`;
    expect(parse(go(query, next(query))).request.after).toBe(ROW);
    expect(parse(go(`status=failure&limit=7&user=${USER}`, next(query))).request.after).toBe(ROW);
  });

  it("is refused with another question", () => {
    const continuation = next("status=failure");
    for (const query of ["", "status=success", "status=failure&system=drupal", "to=2026-11-25"])
      expect(refusal(go(query, continuation)).code).toBe("invalidContinuation");
  });

  it("is refused when any character of it was changed, or its place exchanged", () => {
    const continuation = next("status=failure");
    for (let at = 0; at < continuation.length; at += 1) {
      const other = continuation[at] === "A" ? "B" : "A";
      const text = continuation.slice(0, at) + other + continuation.slice(at + 1);
      const isSame = Buffer.from(text, "base64url").equals(Buffer.from(continuation, "base64url"));
      if (!isSame) expect(refusal(go("status=failure", text)).code).toBe("invalidContinuation");
    }
    const [mark] = JSON.parse(Buffer.from(continuation, "base64url").toString());
    for (const place of [`000000000000000-${USER}`, "' or true or '", "", `${ROW}' or '`, null]) {
      const text = Buffer.from(JSON.stringify([mark, place])).toString("base64url");
      expect(refusal(go("status=failure", text)).code).toBe("invalidContinuation");
    }
  });
});

describe("the question of a request", () => {
  const of = (query: string, drupalUuid?: string) =>
    auditQuestion(parse(query).request, drupalUuid);

  it("goes to the narrowest rows, and compares what their key does not say", () => {
    const cycleId = "0b7e6a50-0000-4000-8000-00000000000c";
    const cases: readonly (readonly [string, object, object])[] = [
      ["", { kind: "all" }, {}],
      ["status=success&cause=cycle", { kind: "all" }, { status: "success", cause: "cycle" }],
      ["status=failure&system=drupal", { kind: "failures" }, { system: "drupal" }],
      [`cycle=${cycleId.toUpperCase()}`, { kind: "cycle", cycleId }, {}],
      [
        `cycle=${cycleId}&status=failure&operation=update`,
        { kind: "cycleFailures", cycleId },
        { operation: "update" },
      ],
    ];
    for (const [query, scope, where] of cases) expect(of(query)).toMatchObject({ scope, where });
    expect(cases.map(([query]) => of(query).where)).toEqual(cases.map(([, , where]) => where));
    expect(of(`user=${USER}&status=failure&cycle=${cycleId}`, USER)).toMatchObject({
      scope: { kind: "user", drupalUuid: USER },
      where: { status: "failure", cycleId },
    });
  });
});

describe("the file's rows", () => {
  it("are one for each change, and one for an entry without", async () => {
    const entry: AuditEntry = {
      id: "id",
      at: "2026-11-24T08:00:00.000Z",
      operation: "update",
      resourceType: "user",
      status: "success",
      cause: "webhook",
      changes: [
        { attribute: "roles", before: null, after: ["editor", "author"], why: "role" },
        { attribute: "status", before: true, after: false, why: "blocked" },
      ],
      reason: { code: "written", message: "done" },
      durationMs: 5,
    };
    async function* entries() {
      yield entry;
      yield { ...entry, id: "other", changes: [] };
    }
    const records: object[] = [];
    for await (const record of auditRecords(entries())) records.push(record);
    expect(records).toMatchObject([
      { id: "id", attribute: "roles", before: "", after: "editor; author", reasonCode: "written" },
      { id: "id", attribute: "status", before: "true", after: "false", reason: "done" },
      { id: "other" },
    ]);
    const columns = new Set<string>(AUDIT_COLUMNS);
    expect(
      records.flatMap((record) => Object.keys(record)).filter((key) => !columns.has(key)),
    ).toEqual([]);
  });
});
