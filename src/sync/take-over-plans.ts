// A plan that waits for an approval is taken over by the next one of its direction that has to wait: nobody is to decide on two of
// them, nor to find out which of two is the newer. Cycles go on meanwhile, as what is harmless must not wait for a person.
import type { Cycle, CycleUser, Nomination } from "../rules/cycle.ts";
import type { CyclePorts, StoredCycle } from "./cycle-ports.ts";
import type { HeldCycle } from "./hold-cycle.ts";
import { nominate } from "./nominate.ts";

type Ports = Pick<CyclePorts, "cycles" | "usersPerPage" | "now">;

async function waitingPlans(
  { id, direction }: Cycle,
  { cycles }: Pick<Ports, "cycles">,
): Promise<readonly StoredCycle[]> {
  const plans: StoredCycle[] = [];
  for (const other of await cycles.open()) {
    const stored = other === id ? null : await cycles.get(other);
    if (stored?.cycle.direction === direction && stored.cycle.waitsFor?.kind === "approval")
      plans.push(stored);
  }
  return plans;
}

async function usersOf({ id, nominated }: Cycle, { cycles }: Ports): Promise<CycleUser[]> {
  const users: CycleUser[] = [];
  for (let page = 0; page < nominated.pages; page += 1)
    for (const user of (await cycles.users(id, page)) ?? []) if (user !== null) users.push(user);
  return users;
}

const keyOf = ({ drupalUuid, entraObjectId }: CycleUser): string =>
  drupalUuid ?? entraObjectId ?? "";

const nominationOf = ({ drupalUuid, entraObjectId }: CycleUser): Nomination =>
  drupalUuid === null ? { entraObjectId: entraObjectId ?? "" } : { drupalUuid };

/**
 * Nominates whom the waiting plans of the direction hold, and whom the cycle has not looked at itself; answers whether there was
 * anyone. What changed since is all that an incremental cycle sees: without this, whom the plan before it held would wait for the
 * next cycle of everyone. That one sees them anyway. Can be done again after a kill: whoever has had their turn is on a page.
 */
export async function takeOverUsers(held: HeldCycle, ports: Ports): Promise<boolean> {
  const { cycle } = held;
  if (cycle.kind !== "incremental") return false;
  const plans = await waitingPlans(cycle, ports);
  if (plans.length === 0) return false;
  const seen = new Set((await usersOf(cycle, ports)).map(keyOf));
  const users: Nomination[] = [];
  for (const { cycle: plan } of plans)
    for (const user of await usersOf(plan, ports)) {
      if (user.outcome !== "held" || seen.has(keyOf(user))) continue;
      seen.add(keyOf(user));
      users.push(nominationOf(user));
    }
  if (users.length === 0) return false;
  await held.save(await nominate(held, users, "all", ports));
  return true;
}

/** Ends the waiting plans of the direction: the cycle's own takes their place. */
export async function supersedePlans(
  cycle: Cycle,
  ports: Pick<Ports, "cycles" | "now">,
): Promise<void> {
  const message = `a newer plan takes its place: cycle ${cycle.id}`;
  for (const { cycle: plan, version } of await waitingPlans(cycle, ports)) {
    const ended = {
      status: "cancelled" as const,
      reason: { code: "superseded", message },
      endedAt: ports.now().toISOString(),
      waitsFor: null,
    };
    await ports.cycles.save({ ...plan, ...ended }, version);
  }
}
