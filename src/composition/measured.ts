// Counts what goes on, from outside: neither rules nor use cases know of it.
import type { AuditEntry } from "../rules/audit-entry.ts";
import { isRefusal, type QuotaAnswer } from "../rules/budget.ts";
import type { LogEvent } from "../rules/log-line.ts";
import { type Counted, countedOf, writtenSystem } from "../rules/metrics.ts";
import type { Outcome } from "../rules/outcome.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { System } from "../rules/users.ts";

/** Takes what is to be counted. Must not fail. */
export type Note = (event: Counted) => void;

type Provision = (request: ProvisionRequest) => Promise<Outcome>;

/** Provisions, and counts how it ended and how long it took since the event. What throws is not counted: it comes again. */
export const measured =
  (provision: Provision, note: Note, now: () => Date): Provision =>
  async (request) => {
    const pickedUpAt = now();
    const outcome = await provision(request);
    for (const event of countedOf(request, outcome, pickedUpAt, now())) note(event);
    return outcome;
  };

/**
 * The audit log, which counts the writes that it is told of. The charts say about what the log says: an entry that is repeated
 * after a crash is one row of the log and counts twice, and a kill loses the last seconds of counting. The log has the truth.
 */
export function writesCounted<Log extends { append(entry: AuditEntry): Promise<void> }>(
  log: Log,
  note: Note,
): Log {
  const append = async (entry: AuditEntry): Promise<void> => {
    await log.append(entry);
    const system = writtenSystem(entry);
    if (system !== null) note({ kind: "written", system });
  };
  return { ...log, append };
}

/** What counts a system's wishes to be left alone: each one, and a line in the log where the system was not left alone yet. */
export function createThrottleCount(note: Note, tell: (event: LogEvent) => void, now: () => Date) {
  const pausedUntil: Record<System, number> = { drupal: 0, entra: 0 };
  const throttled = (system: System, waitMs: number | null): void => {
    note({ kind: "throttled", system });
    const time = now().getTime();
    if (time >= pausedUntil[system])
      tell({ event: "target.throttled", system, waitMs: waitMs ?? undefined });
    pausedUntil[system] = Math.max(pausedUntil[system], time + (waitMs ?? 0));
  };
  return {
    /** Entra's meter hears each answer of Graph, the items of a batch one by one. */
    ofAnswers: <Meter extends { answered(answer: QuotaAnswer): void }>(meter: Meter): Meter => ({
      ...meter,
      answered: (answer: QuotaAnswer) => {
        if (isRefusal(answer)) throttled("entra", answer.retryAfterMs);
        meter.answered(answer);
      },
    }),
    /** Drupal has no meter: what is heard of it are the pauses that its answers ask for. */
    ofPauses: <Pauses extends { pause(until: Date): void }>(pauses: Pauses): Pauses => ({
      ...pauses,
      pause: (until: Date) => {
        throttled("drupal", until.getTime() - now().getTime());
        pauses.pause(until);
      },
    }),
  };
}
