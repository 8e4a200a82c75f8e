// One runner per cycle: takes it for a slice, renews that with each save, and gives it back.
import { type Cycle, hasEnded } from "../rules/cycle.ts";
import { ConcurrencyError } from "../rules/errors.ts";
import type { CyclePorts } from "./cycle-ports.ts";

// A runner saves every few seconds, but users may take a while. Two runners at once would only cost reads: every user has a
// lease of their own, and the one who lost the cycle is stopped by its next save.
const LEASE_MS = 30_000;

/** A cycle that is ours until it is released, or until a save says that it is not. */
export interface HeldCycle {
  readonly cycle: Cycle;
  /** ConcurrencyError: someone else runs the cycle. */
  save(changes: Partial<Cycle>): Promise<void>;
  /** Saves, and leaves the cycle to whoever comes next. */
  release(changes: Partial<Cycle>): Promise<void>;
}

const isOurs = ({ runner }: Cycle, now: Date): boolean =>
  runner === null || Date.parse(runner.until) <= now.getTime();

const mayRun = ({ status, waitsFor }: Cycle): boolean =>
  status !== "waiting" || waitsFor?.kind === "time";

/** Takes a cycle; null when there is nothing to run, or someone else runs it. */
export async function holdCycle(
  cycleId: string,
  ports: Pick<CyclePorts, "cycles" | "now" | "newId">,
): Promise<HeldCycle | null> {
  const stored = await ports.cycles.get(cycleId);
  if (stored === null || hasEnded(stored.cycle) || !mayRun(stored.cycle)) return null;
  if (!isOurs(stored.cycle, ports.now())) return null;
  const owner = ports.newId();
  let { cycle, version } = stored;
  let last: Promise<void> = Promise.resolve();
  // One after another: several workers of a page save, each what it knows.
  const store = (changes: () => Partial<Cycle>): Promise<void> => {
    const saving = last.then(async () => {
      const next = { ...cycle, ...changes() };
      version = await ports.cycles.save(next, version);
      cycle = next;
    });
    last = saving.catch(() => undefined);
    return saving;
  };
  const save = (changes: Partial<Cycle>): Promise<void> =>
    store(() => {
      const at = ports.now();
      const until = new Date(at.getTime() + LEASE_MS).toISOString();
      return { ...changes, runner: { owner, until }, workedAt: at.toISOString() };
    });
  try {
    const startedAt = cycle.startedAt ?? ports.now().toISOString();
    const phaseStartedAt = cycle.phaseStartedAt ?? startedAt;
    await save({ status: "running", startedAt, phaseStartedAt, waitsFor: null });
  } catch (error) {
    if (error instanceof ConcurrencyError) return null;
    throw error;
  }
  return {
    get cycle() {
      return cycle;
    },
    save,
    release: (changes) =>
      store(() => ({ workedAt: ports.now().toISOString(), ...changes, runner: null })),
  };
}
