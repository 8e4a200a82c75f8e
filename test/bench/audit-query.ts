// What the questions to a large audit log cost: `npm run bench:audit`. Fills a year of entries, and asks for the first and the
// next page of each question, through the store and through HTTP. Prints tables; asserts nothing. Options: --entries 1000000
// --azurite-mib 16384 (heap)
import { parseArgs } from "node:util";
import { z } from "zod";
import { type AuditQuestion, createAuditLog } from "../../src/storage/audit-log.ts";
import type { StorageAccount } from "../../src/storage/tables.ts";
import { startStack } from "../e2e/stack.ts";
import { peakMemoryMib, SMALL_HEAP } from "./cycle-runs.ts";
import { type AuditFilling, auditCycle, auditUser, fillAudit } from "./fill-audit.ts";

const { values } = parseArgs({
  options: {
    entries: { type: "string", default: "1000000" },
    "azurite-mib": { type: "string", default: "16384" },
  },
});
const TIMES = 20;
const LIMIT = 50;
const DAY_MS = 86_400_000;
const filling: AuditFilling = {
  entries: Number(values.entries),
  users: 20_000,
  cycles: 300,
  days: 365,
  newestMs: Date.now(),
};

const say = (text: string): void =>
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);

// For Azurite, which takes them from this environment; the host has its own.
process.env.NODE_OPTIONS = `--max-old-space-size=${values["azurite-mib"]} --import=${new URL("./audit-azurite.ts", import.meta.url)}`;
process.env.AUDIT_FILLING = JSON.stringify(filling);
const stack = await startStack({ settings: { NODE_OPTIONS: SMALL_HEAP } });
const account: StorageAccount = {
  kind: "connectionString",
  connectionString: stack.azurite.connectionString,
};
const audit = createAuditLog(account);

say(`writing ${filling.entries} entries`);
const began = performance.now();
await fillAudit(account, filling, (written) => say(`${written} entries`));
say(`in ${Math.round((performance.now() - began) / 1000)} s`);

interface Asked {
  readonly question: AuditQuestion;
  readonly query: string;
}
const userAt = (turn: number): string => auditUser((turn * 7919) % filling.users);
const cycleAt = (turn: number): string => auditCycle((turn * 97) % filling.cycles);
const timeAt = (turn: number): string =>
  new Date(filling.newestMs - ((turn * 17) % filling.days) * DAY_MS).toISOString();
const of = (
  scope: AuditQuestion["scope"],
  query: string,
  where: AuditQuestion["where"] = {},
): Asked => ({
  question: { scope, where },
  query: [query, ...Object.entries(where).map(([name, value]) => `${name}=${value}`)].join("&"),
});

const QUESTIONS: Readonly<Record<string, (turn: number) => Asked>> = {
  newest: () => of({ kind: "all" }, ""),
  "newest, one system": () => of({ kind: "all" }, "", { system: "entra" }),
  "newest, disables (5 %)": () => of({ kind: "all" }, "", { operation: "disable" }),
  "up to a moment of the year": (turn) => {
    const to = timeAt(turn);
    return { question: { scope: { kind: "all" }, where: {}, to: new Date(to) }, query: `to=${to}` };
  },
  "one user": (turn) => of({ kind: "user", drupalUuid: userAt(turn) }, `user=${userAt(turn)}`),
  "one user, updates": (turn) =>
    of({ kind: "user", drupalUuid: userAt(turn) }, `user=${userAt(turn)}`, {
      operation: "update",
    }),
  "one user, failures": (turn) =>
    of({ kind: "user", drupalUuid: userAt(turn) }, `user=${userAt(turn)}`, { status: "failure" }),
  "one cycle": (turn) => of({ kind: "cycle", cycleId: cycleAt(turn) }, `cycle=${cycleAt(turn)}`),
  "one cycle, disables": (turn) =>
    of({ kind: "cycle", cycleId: cycleAt(turn) }, `cycle=${cycleAt(turn)}`, {
      operation: "disable",
    }),
  "one cycle, failures": (turn) =>
    of({ kind: "cycleFailures", cycleId: cycleAt(turn) }, `cycle=${cycleAt(turn)}&status=failure`),
  failures: () => of({ kind: "failures" }, "status=failure"),
  "failures, one system": () => of({ kind: "failures" }, "status=failure", { system: "drupal" }),
  "deletes (1 in 10,000): a search": () => of({ kind: "all" }, "", { operation: "delete" }),
};

const page = z.object({ items: z.array(z.unknown()), continuation: z.string().nullable() });
async function overHttp(query: string, more: string | null) {
  const continuation = more === null ? "" : `&continuation=${more}`;
  const response = await stack.api(`/audit?limit=${LIMIT}&${query}${continuation}`);
  const answer = page.parse(await response.json());
  return { entries: answer.items, next: answer.continuation };
}

const timed = async <T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> => {
  const start = performance.now();
  const result = await work();
  return { result, ms: performance.now() - start };
};
const rank = (all: readonly number[], share: number): string =>
  (all.toSorted((a, b) => a - b)[Math.ceil(all.length * share) - 1] ?? Number.NaN).toFixed(1);

type Page = { readonly entries: readonly unknown[]; readonly next: string | null };
async function measure(name: string, ask: (turn: number, after: string | null) => Promise<Page>) {
  const first: number[] = [];
  const next: number[] = [];
  let found = 0;
  for (let turn = 0; turn < TIMES; turn += 1) {
    const one = await timed(() => ask(turn, null));
    first.push(one.ms);
    found += one.result.entries.length;
    if (one.result.next === null) continue;
    next.push((await timed(() => ask(turn, one.result.next))).ms);
  }
  return {
    question: name,
    entries: Math.round(found / TIMES),
    "first, median ms": rank(first, 0.5),
    "first, p95 ms": rank(first, 0.95),
    "next, median ms": rank(next, 0.5),
    "next, p95 ms": rank(next, 0.95),
  };
}

const throughStore = [];
const throughHttp = [];
for (const [name, asked] of Object.entries(QUESTIONS)) {
  throughStore.push(
    await measure(name, (turn, after) =>
      audit.page({ ...asked(turn).question, limit: LIMIT, after: after ?? undefined }),
    ),
  );
  throughHttp.push(await measure(name, (turn, more) => overHttp(asked(turn).query, more)));
}
say(`${TIMES} times each, through the store`);
console.table(throughStore);
say("through HTTP");
console.table(throughHttp);

const before = peakMemoryMib(stack.host.process.pid);
const from = new Date(filling.newestMs - 60 * DAY_MS).toISOString();
for (const format of ["ndjson", "csv"]) {
  let bytes = 0;
  let lines = 0;
  const { ms } = await timed(async () => {
    const { body } = await stack.api(`/audit?format=${format}&from=${from}`);
    for await (const piece of body ?? []) {
      bytes += piece.byteLength;
      for (const byte of piece) if (byte === 10) lines += 1;
    }
  });
  const mib = Math.round(bytes / 1024 / 1024);
  say(`60 days as ${format}: ${lines} lines, ${mib} MiB in ${(ms / 1000).toFixed(1)} s`);
}
say(
  `peak memory of the host: ${before} MiB before, ${peakMemoryMib(stack.host.process.pid)} after`,
);
await stack.close();
process.exit(0);
