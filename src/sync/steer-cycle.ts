// What an operator says to a cycle: carry the plan out, go on, or stop.
import { type Cycle, hasEnded, shownStatus } from "../rules/cycle.ts";
import type { ApproveCycle, Steered } from "../rules/cycle-orders.ts";
import { whyExpired } from "../rules/cycle-term.ts";
import { ConcurrencyError } from "../rules/errors.ts";
import type { CyclePorts, StoredCycle } from "./cycle-ports.ts";

type SteerPorts = Pick<CyclePorts, "cycles" | "queue" | "now">;

async function saved(
  stored: StoredCycle,
  changes: Partial<Cycle>,
  ports: SteerPorts,
): Promise<Steered> {
  const cycle = { ...stored.cycle, ...changes };
  try {
    await ports.cycles.save(cycle, stored.version);
  } catch (error) {
    if (!(error instanceof ConcurrencyError)) throw error;
    return { kind: "notWaiting", status: "running" };
  }
  return { kind: "done", cycle };
}

const planned = ({ tally: { outcomes } }: Cycle): number =>
  (outcomes.planned ?? 0) + (outcomes.held ?? 0);

// What a preview shows is done by saving its configuration: then cycles come, with their thresholds. Pictures are looked at again
// by the next cycle of them.
const isDryRunWithPlan = (cycle: Cycle): boolean =>
  cycle.kind !== "preview" &&
  cycle.kind !== "photos" &&
  cycle.isDryRun &&
  cycle.status === "complete" &&
  cycle.approval === null &&
  planned(cycle) > 0;

/** Approves what a cycle waits for. Asking twice is harmless: the second time there is nothing to approve. */
export async function approveCycle(order: ApproveCycle, ports: SteerPorts): Promise<Steered> {
  const stored = await ports.cycles.get(order.cycleId);
  if (stored === null) return { kind: "notFound" };
  const { cycle } = stored;
  const tooLate = whyExpired(cycle, ports.now());
  if (tooLate !== null) return { kind: "expired", reason: tooLate };
  const written = cycle.tally.outcomes.written ?? 0;
  const done = written + (cycle.current.outcomes.written ?? 0);
  const canary = order.canary == null ? null : done + order.canary;
  const isCanary = cycle.status === "waiting" && cycle.waitsFor?.kind === "canary";
  const isPlan = cycle.status === "waiting" && cycle.waitsFor?.kind === "approval";
  let changes: Partial<Cycle> | null = null;
  if (isCanary) changes = { status: "queued", waitsFor: null, canary };
  else if (isPlan || isDryRunWithPlan(cycle)) {
    if (order.plan !== cycle.plan) return { kind: "otherPlan", plan: cycle.plan };
    changes = {
      status: "queued",
      waitsFor: null,
      reason: null,
      endedAt: null,
      canary,
      phase: "collecting",
      collecting: { page: 0, end: cycle.nominated.pages },
      approval: { plan: cycle.plan, actor: order.actor, at: ports.now().toISOString() },
    };
  }
  if (changes === null) return { kind: "notWaiting", status: shownStatus(cycle, ports.now()) };
  // An order to stop that a dry run did not see any more is not about what is approved now.
  if (hasEnded(cycle)) await ports.cycles.dropCancel(cycle.id);
  const result = await saved(stored, changes, ports);
  if (result.kind === "done") await ports.queue.send(cycle.id);
  return result;
}

/** Cancels a cycle: one that runs stops before its next user. What was written stays written. */
export async function cancelCycle(
  { cycleId, actor }: { readonly cycleId: string; readonly actor: string },
  ports: SteerPorts,
): Promise<Steered> {
  const stored = await ports.cycles.get(cycleId);
  if (stored === null) return { kind: "notFound" };
  const { cycle } = stored;
  if (hasEnded(cycle)) return { kind: "notWaiting", status: cycle.status };
  await ports.cycles.askCancel(cycleId, actor);
  // One that nobody works on is taken up just to be ended.
  if (cycle.status === "running") return { kind: "done", cycle };
  const result = await saved(stored, { status: "queued", waitsFor: null }, ports);
  await ports.queue.send(cycleId);
  return result.kind === "done" ? result : { kind: "done", cycle };
}
