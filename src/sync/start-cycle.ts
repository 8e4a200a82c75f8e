// Starts a cycle: one for each feed at a time, whoever asks, and however often.
import { hasEnded, isActive, newCycle } from "../rules/cycle.ts";
import type { CycleOrder, StartedCycle } from "../rules/cycle-orders.ts";
import { ConcurrencyError } from "../rules/errors.ts";
import { type Job, kindFor, whyNotNow } from "../rules/job.ts";
import { configurationPrint } from "../rules/rest.ts";
import type { CyclePorts } from "./cycle-ports.ts";

/** What starting needs. */
export type StartPorts = Pick<
  CyclePorts,
  "cycles" | "jobs" | "queue" | "configuration" | "now" | "newId"
> & {
  /** After so long the schedule reads everyone instead of what changed. */
  readonly initialEveryMs: number;
};

// The job is saved first, and names a cycle that is not there yet. Whoever dies in between keeps the feed for a minute.
const STARTING_MS = 60_000;
const isBeingStarted = ({ cycleId, startedAt }: Job, now: Date): boolean =>
  cycleId !== null && startedAt !== null && now.getTime() - Date.parse(startedAt) < STARTING_MS;

/** Starts, and answers at once. Two that ask at the same moment get one cycle. */
export async function startCycle(order: CycleOrder, ports: StartPorts): Promise<StartedCycle> {
  const { direction, actor } = order;
  const now = ports.now();
  const name = order.kind === "photos" ? "photos" : direction;
  const { job, version } = await ports.jobs.get(name);
  const running = job.cycleId === null ? null : await ports.cycles.get(job.cycleId);
  const isKept = running === null ? isBeingStarted(job, now) : isActive(running.cycle);
  if (isKept) return { kind: "active", cycleId: job.cycleId ?? "" };
  const notNow = actor === null ? whyNotNow(job, now) : null;
  if (notNow !== null) return { kind: "notNow", reason: notNow };
  const configuration = configurationPrint(await ports.configuration.current());
  const due = kindFor(job, configuration, ports.initialEveryMs, now);
  const isPossible = order.kind !== "incremental" || job.watermark !== null;
  const kind = order.kind === undefined || !isPossible ? due.kind : order.kind;
  const cycle = newCycle(
    {
      id: ports.newId(),
      direction,
      kind,
      isDryRun: order.isDryRun ?? false,
      canary: order.canary ?? null,
      actor,
      configuration,
    },
    now,
  );
  try {
    await ports.jobs.save({ ...job, cycleId: cycle.id, startedAt: now.toISOString() }, version);
  } catch (error) {
    if (!(error instanceof ConcurrencyError)) throw error;
    return { kind: "active", cycleId: (await ports.jobs.get(name)).job.cycleId ?? cycle.id };
  }
  const reason = kind === due.kind ? due.reason : null;
  await ports.cycles.save({ ...cycle, reason }, null);
  await ports.queue.send(cycle.id);
  return { kind: "started", cycle };
}

/** Plans the reverse of a cycle that has ended; null where there is none. Nothing is written before the plan is approved. */
export async function undoCycle(
  { cycleId, actor }: { readonly cycleId: string; readonly actor: string },
  ports: Pick<StartPorts, "cycles" | "queue" | "now" | "newId">,
): Promise<StartedCycle | null> {
  const undone = (await ports.cycles.get(cycleId))?.cycle;
  if (undone === undefined) return null;
  if (!hasEnded(undone)) {
    const message = "the cycle has not ended: cancel it first, or wait";
    return { kind: "notNow", reason: { code: "cycleActive", message } };
  }
  const { direction } = undone;
  const order = { direction, kind: "undo", isDryRun: true, canary: null, actor } as const;
  const cycle = newCycle({ ...order, id: ports.newId(), undoes: cycleId }, ports.now());
  await ports.cycles.save(cycle, null);
  await ports.queue.send(cycle.id);
  return { kind: "started", cycle };
}
