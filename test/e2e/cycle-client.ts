// Drives cycles through the public API of a stack's host, as an operator does: every answer is checked before a test believes it.
import { QueueClient } from "@azure/storage-queue";
import { z } from "zod";
import type { AuditEntry } from "../../src/rules/audit-entry.ts";
import { recordsOf } from "./csv-records.ts";
import { eventually, type Stack } from "./stack.ts";

const reason = z.object({ code: z.string(), message: z.string() });
const value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);
const step = z.looseObject({
  system: z.enum(["drupal", "entra"]),
  operation: z.string(),
  changes: z.array(
    z.looseObject({ attribute: z.string(), before: value, after: value, why: z.string() }),
  ),
});
const cycleUser = z.strictObject({
  drupalUuid: z.string().nullable(),
  entraObjectId: z.string().nullable(),
  displayName: z.string().nullable(),
  outcome: z.string(),
  reason,
  steps: z.array(step),
  plan: z.string().nullable(),
});
/** A user as a cycle tells of them. */
export type ShownCycleUser = z.infer<typeof cycleUser>;

const counts = z.record(z.string(), z.number());
const cycle = z.strictObject({
  id: z.guid(),
  direction: z.enum(["drupalToEntra", "entraToDrupal"]),
  kind: z.enum(["initial", "incremental", "undo", "preview", "photos"]),
  dryRun: z.boolean(),
  status: z.enum([
    "queued",
    "running",
    "waiting",
    "interrupted",
    "complete",
    "incomplete",
    "failed",
    "cancelled",
  ]),
  phase: z.enum(["reading", "collecting", "provisioning"]),
  reason: reason.nullable(),
  waitsFor: z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("approval"),
        plan: z.string(),
        expiresAt: z.iso.datetime(),
      }),
      z.strictObject({ kind: z.literal("canary"), expiresAt: z.iso.datetime() }),
      z.strictObject({ kind: z.literal("time"), until: z.iso.datetime() }),
    ])
    .nullable(),
  actor: z.string().nullable(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  reading: z.strictObject({
    pages: z.int(),
    users: z.int(),
    unchanged: z.int(),
    isDone: z.boolean(),
    fault: reason.nullable(),
  }),
  nominated: z.int(),
  done: z.int(),
  outcomes: counts,
  operations: counts,
  harm: z.strictObject({ disables: z.int(), deletes: z.int(), roleRemovals: z.int() }),
  plan: z.string().nullable(),
  approval: z
    .strictObject({ plan: z.string(), actor: z.string().nullable(), at: z.iso.datetime() })
    .nullable(),
  canary: z.int().nullable(),
  undoes: z.guid().nullable(),
  usersPerSecond: z.number().nullable(),
  remainingSeconds: z.int().nullable(),
});
/** A cycle as the API shows it. */
export type ShownCycle = z.infer<typeof cycle>;

const cyclePage = cycle.extend({
  users: z.strictObject({ items: z.array(cycleUser), continuation: z.string().nullable() }),
});
const cycleList = z.strictObject({
  jobs: z.array(z.looseObject({ direction: z.string() })),
  waiting: z.array(z.looseObject({ id: z.guid() })),
  items: z.array(cycle),
  continuation: z.string().nullable(),
});
const problem = z.looseObject({ code: z.string() });
const auditPage = z.object({
  items: z.array(z.custom<AuditEntry>()),
  continuation: z.string().nullable(),
});
const requestLog = z.object({
  counts,
  last: z.array(z.looseObject({ method: z.string(), path: z.string(), status: z.number() })),
});

/** What is asked of POST cycles. */
export interface CycleBody {
  readonly direction: ShownCycle["direction"];
  readonly kind?: "initial" | "incremental" | "photos";
  readonly dryRun?: boolean;
  readonly canary?: number;
}

/** An order that was refused. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly location: string | null;
}

// Looking costs the host, and some cycles stand still for half a minute.
const LOOK_EVERY_MS = 80;

const goesOnByItself = ({ status, waitsFor }: ShownCycle): boolean =>
  ["queued", "running", "interrupted"].includes(status) ||
  (status === "waiting" && waitsFor?.kind === "time");

/** An operator of the stack's current host. */
export function cycleClient(stack: Stack) {
  const post = async (path: string, body: object = {}): Promise<ShownCycle | Refusal> => {
    const response = await stack.api(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const location = response.headers.get("location");
    const answer: unknown = await response.json();
    if (response.status !== 202)
      return { ...problem.parse(answer), status: response.status, location };
    const shown = cycle.parse(answer);
    if (location !== `/api/cycles/${shown.id}`) throw new Error(`Location is ${location}`);
    return shown;
  };
  const accepted = async (path: string, body?: object): Promise<ShownCycle> => {
    const answer = await post(path, body);
    if ("id" in answer) return answer;
    throw new Error(`${path} was refused: ${JSON.stringify(answer)}`);
  };
  const refused = async (path: string, body?: object): Promise<Refusal> => {
    const answer = await post(path, body);
    if ("id" in answer) throw new Error(`${path} was not refused: ${JSON.stringify(answer)}`);
    return answer;
  };
  const pageOf = async (id: string, query = "") => {
    const response = await stack.api(`/cycles/${id}?${query}`);
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`cycle ${id}: ${response.status} ${JSON.stringify(body)}`);
    return cyclePage.parse(body);
  };
  const cycleAt = async (id: string): Promise<ShownCycle> => {
    const { users: _users, ...shown } = await pageOf(id, "limit=1");
    return shown;
  };
  /** Waits until a cycle is as `check` wants it. */
  const cycleUntil = (
    id: string,
    what: string,
    check: (cycle: ShownCycle) => boolean,
    timeoutMs = 60_000,
  ): Promise<ShownCycle> =>
    eventually(
      `cycle ${id} ${what}`,
      async () => {
        const shown = await cycleAt(id);
        return check(shown) && shown;
      },
      timeoutMs,
      LOOK_EVERY_MS,
    );
  /** Waits until a cycle has ended, or waits for someone. */
  const atRest = (id: string, timeoutMs?: number): Promise<ShownCycle> =>
    cycleUntil(id, "at rest", (shown) => !goesOnByItself(shown), timeoutMs);
  const startCycle = (body: CycleBody): Promise<ShownCycle> => accepted("/cycles", { ...body });
  const approveCycle = (id: string, body: object = {}): Promise<ShownCycle> =>
    accepted(`/cycles/${id}/approve`, body);
  const requestsOf = async (system: "drupal" | "graph") => {
    const response = await fetch(`${stack[system].url}/_control/requests`);
    return requestLog.parse(await response.json());
  };
  const totalOf = async (system: "drupal" | "graph"): Promise<number> =>
    Object.values((await requestsOf(system)).counts).reduce((sum, one) => sum + one, 0);

  return {
    post,
    refused,
    startCycle,
    approveCycle,
    cancelCycle: (id: string) => accepted(`/cycles/${id}/cancel`),
    undoCycle: (id: string) => accepted(`/cycles/${id}/undo`),
    cycleAt,
    cycleUntil,
    atRest,
    /** Starts a cycle, and waits until it has ended or waits for someone. */
    run: async (body: CycleBody, timeoutMs?: number) =>
      atRest((await startCycle(body)).id, timeoutMs),
    /** Approves, and waits again. */
    approved: async (id: string, body: object = {}) => {
      await approveCycle(id, body);
      return atRest(id);
    },
    pageOf,
    /** All users of a cycle, read `limit` at a time. */
    usersOf: async (id: string, outcome?: string, limit = 200): Promise<ShownCycleUser[]> => {
      const users: ShownCycleUser[] = [];
      const filter = outcome === undefined ? "" : `&outcome=${outcome}`;
      let continuation: string | null = "";
      while (continuation !== null) {
        const more: string = continuation === "" ? "" : `&continuation=${continuation}`;
        const page = await pageOf(id, `limit=${limit}${filter}${more}`);
        users.push(...page.users.items);
        continuation = page.users.continuation;
      }
      return users;
    },
    csvOf: async (path: string): Promise<Record<string, string>[]> => {
      const response = await stack.api(path);
      if (response.headers.get("content-type") !== "text/csv; charset=utf-8")
        throw new Error(`${path} is no CSV: ${await response.text()}`);
      return recordsOf(await response.text());
    },
    cycles: async (): Promise<ShownCycle[]> =>
      cycleList.parse(await (await stack.api("/cycles?limit=200")).json()).items,
    requestsOf,
    /** What both simulators are asked while `work` runs. */
    asked: async <T>(work: () => Promise<T>) => {
      const before = { drupal: await totalOf("drupal"), graph: await totalOf("graph") };
      const result = await work();
      const drupal = (await totalOf("drupal")) - before.drupal;
      const graph = (await totalOf("graph")) - before.graph;
      return { result, drupal, graph };
    },
    /** All entries of the audit log that fit the query. */
    auditOf: async (query: string): Promise<AuditEntry[]> => {
      const entries: AuditEntry[] = [];
      let more: string | null = "";
      while (more !== null) {
        const response: Response = await stack.api(`/audit?limit=200${query}${more}`);
        const page = auditPage.parse(await response.json());
        entries.push(...page.items);
        more = page.continuation === null ? null : `&continuation=${page.continuation}`;
      }
      return entries;
    },
    /** Drupal tells nobody of what is edited from here on. */
    silence: () => stack.control("drupal", { webhook: { formats: [] } }),
    /** Saves a configuration over whatever is there, and waits until the host believes it. */
    configure: async (document: object): Promise<void> => {
      const etag = (await stack.api("/configuration")).headers.get("etag");
      const precondition: Record<string, string> =
        etag === null ? { "If-None-Match": "*" } : { "If-Match": etag };
      const response = await stack.api("/configuration", {
        method: "PUT",
        headers: { "Content-Type": "application/json", ...precondition },
        body: JSON.stringify(document),
      });
      if (!response.ok) throw new Error(JSON.stringify(await response.json()));
    },
    /** Waits until no look is due any more: looks of the sync's own follow its writes. */
    quiet: (timeoutMs = 30_000) =>
      eventually(
        "no message of a user waits",
        async () => {
          const queue = new QueueClient(stack.azurite.connectionString, "provision-requests");
          const properties = await queue.getProperties().catch(() => null);
          return (properties?.approximateMessagesCount ?? 0) === 0;
        },
        timeoutMs,
        LOOK_EVERY_MS,
      ),
  };
}

/** An operator of a stack. */
export type CycleClient = ReturnType<typeof cycleClient>;
