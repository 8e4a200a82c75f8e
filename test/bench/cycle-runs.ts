// What benches of cycles share: starting cycles through HTTP, waiting for their end, and what the simulators were asked.
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Direction } from "../../src/rules/users.ts";
import type { Stack } from "../e2e/stack.ts";

const cycleAnswer = z.looseObject({
  id: z.string(),
  direction: z.enum(["drupalToEntra", "entraToDrupal"]),
  kind: z.string(),
  status: z.string(),
  phase: z.string(),
  reason: z.object({ code: z.string(), message: z.string() }).nullable(),
  waitsFor: z.looseObject({ kind: z.string() }).nullable(),
  reading: z.looseObject({ pages: z.number(), users: z.number(), unchanged: z.number() }),
  nominated: z.number(),
  done: z.number(),
  outcomes: z.record(z.string(), z.number()),
  operations: z.record(z.string(), z.number()),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
});
/** A cycle as the API shows it. */
export type SeenCycle = z.infer<typeof cycleAnswer>;

const json = async (response: Response): Promise<unknown> => {
  const text = await response.text();
  if (!response.ok || text === "") throw new Error(`${response.url}: ${response.status} ${text}`);
  return JSON.parse(text);
};

/** Starts a cycle; answers its id. */
export async function startCycle(
  stack: Stack,
  direction: Direction,
  kind: "initial" | "incremental",
): Promise<string> {
  const answer = await stack.api("/cycles", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ direction, kind }),
  });
  return cycleAnswer.parse(await json(answer)).id;
}

/** How a cycle stands. */
export const seeCycle = async (stack: Stack, id: string): Promise<SeenCycle> =>
  cycleAnswer.parse(await json(await stack.api(`/cycles/${id}?limit=1`)));

const isOver = ({ status, waitsFor }: SeenCycle): boolean =>
  !["queued", "running", "interrupted"].includes(status) &&
  !(status === "waiting" && waitsFor?.kind === "time");

/** Asks how cycles stand, again and again, until all are over. `onLook` hears of each look. */
export async function untilOver(
  stack: Stack,
  ids: readonly string[],
  everyMs: number,
  onLook: (cycles: readonly SeenCycle[]) => void = () => {},
): Promise<SeenCycle[]> {
  for (;;) {
    const cycles = await Promise.all(ids.map((id) => seeCycle(stack, id)));
    onLook(cycles);
    if (cycles.every(isOver)) return cycles;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

const requests = z.object({
  counts: z.record(z.string(), z.number()),
  statuses: z.record(z.string(), z.number()).default({}),
});
type Counts = Readonly<Record<string, number>>;

/** What both simulators were asked so far. */
export interface Asked {
  readonly graph: Counts;
  readonly graphStatuses: Counts;
  readonly drupal: Counts;
}

/** Reads the simulators' counters. */
export async function readAsked({ graph, drupal }: Stack): Promise<Asked> {
  const read = async (url: string) =>
    requests.parse(await json(await fetch(`${url}/_control/requests`)));
  const [ofGraph, ofDrupal] = await Promise.all([read(graph.url), read(drupal.url)]);
  return { graph: ofGraph.counts, graphStatuses: ofGraph.statuses, drupal: ofDrupal.counts };
}

const minus = (after: Counts, before: Counts): Counts =>
  Object.fromEntries(
    Object.entries(after)
      .map(([key, count]) => [key, count - (before[key] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );

/** What was asked between two readings. */
export const askedBetween = (before: Asked, after: Asked): Asked => ({
  graph: minus(after.graph, before.graph),
  graphStatuses: minus(after.graphStatuses, before.graphStatuses),
  drupal: minus(after.drupal, before.drupal),
});

const sum = (counts: Counts, counts_: (key: string) => boolean): number =>
  Object.entries(counts).reduce((total, [key, count]) => total + (counts_(key) ? count : 0), 0);
const isWrite = (key: string): boolean => /^(POST|PATCH|PUT|DELETE) /.test(key);
const isToken = (key: string): boolean => key.includes("/oauth/token");
const isBatch = (key: string): boolean => key === "POST /$batch";

/** How many requests, and how many of them change something. Items of a batch count one by one, as they do for Graph. */
export const callsOf = (counts: Counts) => ({
  calls: sum(counts, (key) => !isBatch(key)),
  writes: sum(counts, (key) => isWrite(key) && !isBatch(key) && !isToken(key)),
});

/** NODE_OPTIONS of the host: V8 sizes its heap by the machine, and is idle about garbage where there is plenty of memory. What
 * lives in the heap while everyone is read is about 45 MiB. */
export const SMALL_HEAP = "--max-semi-space-size=8 --max-old-space-size=192";

/** The most memory that a process ever held, in MiB; null where the system does not tell. */
export function peakMemoryMib(pid: number | undefined): number | null {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kib === undefined ? null : Math.round(Number(kib) / 1024);
  } catch {
    return null;
  }
}

/** CPU seconds that a process has used; null where the system does not tell. */
export function cpuSeconds(pid: number | undefined): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    // utime and stime, in ticks of 10 ms (proc_pid_stat 5).
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return null;
  }
}

/** How long a cycle took by the host's clock, in seconds. */
export const secondsOf = ({ startedAt, endedAt }: SeenCycle): number =>
  startedAt === null || endedAt === null ? 0 : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
