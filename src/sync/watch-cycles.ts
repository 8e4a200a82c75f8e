// Cycles that nobody works on any more: the watch queues them again, and what the host gave up on ends as failed.
import { hasEnded, shownStatus } from "../rules/cycle.ts";
import { ConcurrencyError } from "../rules/errors.ts";
import type { CyclePorts } from "./cycle-ports.ts";

const STALLED_AFTER_MS = 60_000;

/** Queues cycles that want to go on and that nobody works on: their message was lost, or their host is gone. */
export async function watchCycles(
  ports: Pick<CyclePorts, "cycles" | "queue" | "now">,
): Promise<number> {
  const now = ports.now();
  let queued = 0;
  for (const id of await ports.cycles.open()) {
    const cycle = (await ports.cycles.get(id))?.cycle;
    if (cycle === undefined) continue;
    const { waitsFor, workedAt, createdAt } = cycle;
    const since = waitsFor?.kind === "time" ? waitsFor.until : (workedAt ?? createdAt);
    const status = shownStatus(cycle, now);
    const wants =
      status === "queued" ||
      status === "interrupted" ||
      (status === "waiting" && waitsFor?.kind === "time");
    if (!wants || now.getTime() - Date.parse(since) < STALLED_AFTER_MS) continue;
    await ports.queue.send(id);
    queued += 1;
  }
  return queued;
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
