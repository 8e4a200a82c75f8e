// A plan that waits for an approval is taken over by the next one of its direction that has to wait: nobody is to decide on two of
// them, nor to find out which of two is the newer. Cycles go on meanwhile, as what is harmless must not wait for a person.
import type { Cycle, CycleUser, Nomination } from "../rules/cycle.ts";
import { endEntry } from "../rules/cycle-end.ts";
import { ConcurrencyError } from "../rules/errors.ts";
import type { CyclePorts, StoredCycle } from "./cycle-ports.ts";
import type { HeldCycle } from "./hold-cycle.ts";
import { nominate } from "./nominate.ts";

type Ports = Pick<CyclePorts, "cycles" | "audit" | "usersPerPage" | "now">;

/** Whether the cycle serves whom a feed names: an undo and a preview stand for themselves, and take nobody's place. */
const isOfFeed = ({ kind }: Cycle): boolean => kind === "initial" || kind === "incremental";

async function waitingPlans(
  cycle: Cycle,
  { cycles }: Pick<Ports, "cycles">,
): Promise<readonly StoredCycle[]> {
  if (!isOfFeed(cycle)) return [];
  const plans: StoredCycle[] = [];
  for (const id of await cycles.open()) {
    const stored = id === cycle.id ? null : await cycles.get(id);
    if (stored === null || !isOfFeed(stored.cycle)) continue;
    const { direction, waitsFor } = stored.cycle;
    if (direction === cycle.direction && waitsFor?.kind === "approval") plans.push(stored);
  }
  return plans;
}

async function* usersOf({ id, nominated }: Cycle, { cycles }: Ports): AsyncGenerator<CycleUser> {
  for (let page = 0; page < nominated.pages; page += 1)
    for (const user of (await cycles.users(id, page)) ?? []) if (user !== null) yield user;
}

const keyOf = ({ drupalUuid, entraObjectId }: CycleUser): string =>
  drupalUuid ?? entraObjectId ?? "";

const nominationOf = ({ drupalUuid, entraObjectId }: CycleUser): Nomination =>
  drupalUuid === null ? { entraObjectId: entraObjectId ?? "" } : { drupalUuid };

/** Whom the waiting plans of the direction hold, as a cycle sees them. */
export interface WaitingBeside {
  /** How many of them the cycle holds, too. */
  readonly alsoHeld: number;
  /** Those whom the cycle has not looked at. */
  readonly unseen: readonly Nomination[];
}

/** Who waits for a word beside the cycle. In memory are those whom the plans hold, however many users the cycle has. */
export async function waitingBeside(cycle: Cycle, ports: Ports): Promise<WaitingBeside> {
  const waiting = new Map<string, Nomination>();
  for (const { cycle: plan } of await waitingPlans(cycle, ports))
    for await (const user of usersOf(plan, ports))
      if (user.outcome === "held") waiting.set(keyOf(user), nominationOf(user));
  if (waiting.size === 0) return { alsoHeld: 0, unseen: [] };
  let alsoHeld = 0;
  for await (const user of usersOf(cycle, ports))
    if (waiting.delete(keyOf(user)) && user.outcome === "held") alsoHeld += 1;
  return { alsoHeld, unseen: [...waiting.values()] };
}

/**
 * Nominates whom the waiting plans hold and the cycle has not looked at: an incremental cycle sees what changed since, and a
 * listing of everyone does not show who is gone. Can be done again after a kill: whoever has had their turn is on a page.
 */
export async function takeOverUsers(
  held: HeldCycle,
  unseen: readonly Nomination[],
  ports: Ports,
): Promise<void> {
  await held.save(await nominate(held, unseen, "all", ports));
}

/** Ends the waiting plans of the direction: the cycle's own takes their place. */
export async function supersedePlans(
  cycle: Cycle,
  ports: Pick<Ports, "cycles" | "audit" | "now">,
): Promise<void> {
  const message = `a newer plan takes its place: cycle ${cycle.id}`;
  const reason = { code: "superseded", message };
  for (const { cycle: plan, version } of await waitingPlans(cycle, ports)) {
    const now = ports.now();
    const ended = {
      status: "cancelled" as const,
      reason,
      endedAt: now.toISOString(),
      waitsFor: null,
    };
    try {
      await ports.cycles.save({ ...plan, ...ended }, version);
    } catch (error) {
      // Someone has approved or cancelled it at this moment: it goes its own way.
      if (!(error instanceof ConcurrencyError)) throw error;
      continue;
    }
    await ports.audit.append(endEntry(plan, "cancelled", reason, now));
  }
}
