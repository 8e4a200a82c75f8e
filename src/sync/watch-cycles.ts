// Cycles that nobody works on any more: the watch queues them again, ends those whose approval did not come, and what the host gave
// up on ends as failed.
import { type Cycle, hasEnded, shownStatus } from "../rules/cycle.ts";
import { endEntry } from "../rules/cycle-end.ts";
import { whyExpired } from "../rules/cycle-term.ts";
import { ConcurrencyError } from "../rules/errors.ts";
import type { CyclePorts, StoredCycle } from "./cycle-ports.ts";

const STALLED_AFTER_MS = 60_000;

type WatchPorts = Pick<CyclePorts, "cycles" | "queue" | "audit" | "now">;

/** What a look at all open cycles did. */
export interface Watched {
  /** Cycles that were queued again. */
  readonly resumed: number;
  /** Cycles whose approval did not come in time, and that have ended. */
  readonly expired: number;
}

// A minute late: an approval that was asked for at the last moment is saved by then, and none is taken any more.
async function expire({ cycle, version }: StoredCycle, ports: WatchPorts): Promise<boolean> {
  const now = ports.now();
  const reason = whyExpired(cycle, new Date(now.getTime() - STALLED_AFTER_MS));
  if (reason === null) return false;
  await ports.audit.append(endEntry(cycle, "cancelled", reason, now));
  const ended = {
    status: "cancelled",
    reason,
    endedAt: now.toISOString(),
    waitsFor: null,
  } as const;
  try {
    await ports.cycles.save({ ...cycle, ...ended }, version);
    return true;
  } catch (error) {
    // Cancelled at this moment, or ended by the watch of another host.
    if (!(error instanceof ConcurrencyError)) throw error;
    return false;
  }
}

function isStalled(cycle: Cycle, now: Date): boolean {
  const { waitsFor, workedAt, createdAt } = cycle;
  const since = waitsFor?.kind === "time" ? waitsFor.until : (workedAt ?? createdAt);
  const status = shownStatus(cycle, now);
  const wants =
    status === "queued" ||
    status === "interrupted" ||
    (status === "waiting" && waitsFor?.kind === "time");
  return wants && now.getTime() - Date.parse(since) >= STALLED_AFTER_MS;
}

/** Queues cycles that want to go on and that nobody works on, as their message was lost, or their host is gone; and ends those that
 * have waited too long for someone's word. */
export async function watchCycles(ports: WatchPorts): Promise<Watched> {
  let resumed = 0;
  let expired = 0;
  for (const id of await ports.cycles.open()) {
    const stored = await ports.cycles.get(id);
    if (stored === null) continue;
    if (await expire(stored, ports)) expired += 1;
    if (!isStalled(stored.cycle, ports.now())) continue;
    await ports.queue.send(id);
    resumed += 1;
  }
  return { resumed, expired };
}

/** Ends a cycle that the host gave up on. What it nominated is not lost: its watermark was not moved. */
export async function failCycle(
  cycleId: string,
  { cycles, now }: Pick<CyclePorts, "cycles" | "now">,
): Promise<void> {
  const stored = await cycles.get(cycleId);
  if (stored === null || hasEnded(stored.cycle)) return;
  const message = "the cycle failed five times in an unexpected way; the log has the details";
  const reason = { code: "unexpectedFailure", message };
  const endedAt = now().toISOString();
  const cycle = { ...stored.cycle, status: "failed" as const, reason, endedAt, runner: null };
  try {
    await cycles.save(cycle, stored.version);
  } catch (error) {
    // Someone works on it after all.
    if (!(error instanceof ConcurrencyError)) throw error;
  }
}
