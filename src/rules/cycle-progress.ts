// How far a cycle is: its tallies, its pace, and how long it still takes.
import { type Cycle, type CycleUser, EMPTY_TALLY, type Tally } from "./cycle.ts";
import type { Operation } from "./plan.ts";

/** How fast a cycle goes, and how long it still takes; null where that cannot be known. */
export interface Pace {
  readonly usersPerSecond: number | null;
  readonly remainingSeconds: number | null;
}

/** The pace of the phase. `expected`: how many users the feed is known to have, for one that is being read. */
export function paceOf(cycle: Cycle, expected: number | null): Pace {
  const { phase, phaseStartedAt, phaseUsers, workedAt, nominated, reading } = cycle;
  const seconds =
    phaseStartedAt === null || workedAt === null
      ? 0
      : (Date.parse(workedAt) - Date.parse(phaseStartedAt)) / 1000;
  if (seconds < 1 || phaseUsers === 0) return { usersPerSecond: null, remainingSeconds: null };
  const usersPerSecond = phaseUsers / seconds;
  const done = doneUsers(cycle);
  const left =
    phase === "provisioning"
      ? Math.max(0, nominated.users - done)
      : expected !== null && reading.users <= expected
        ? expected - reading.users
        : null;
  const remainingSeconds = left === null ? null : Math.ceil(left / usersPerSecond);
  return { usersPerSecond, remainingSeconds };
}

/** The sum of two tallies. */
export function addTallies(one: Tally, other: Tally): Tally {
  const sum = <K extends string>(
    a: Readonly<Partial<Record<K, number>>>,
    b: Readonly<Partial<Record<K, number>>>,
  ): Partial<Record<K, number>> => {
    const total: Partial<Record<K, number>> = { ...a };
    for (const key in b) total[key] = (total[key] ?? 0) + (b[key] ?? 0);
    return total;
  };
  return {
    outcomes: sum(one.outcomes, other.outcomes),
    operations: sum(one.operations, other.operations),
    harm: {
      disables: one.harm.disables + other.harm.disables,
      deletes: one.harm.deletes + other.harm.deletes,
      roleRemovals: one.harm.roleRemovals + other.harm.roleRemovals,
    },
  };
}

/** The tally of some users; `counted`: the writes of users with which outcome are counted. */
export function tallyOf(
  users: readonly CycleUser[],
  counted: "written" | "planned" = "written",
): Tally {
  return users.reduce((sum, user) => addTallies(sum, tallyOfUser(user, counted)), EMPTY_TALLY);
}

function tallyOfUser({ outcome, steps }: CycleUser, counted: CycleUser["outcome"]): Tally {
  const has = (operation: Operation) =>
    steps.some((step) => step.operation === operation) ? 1 : 0;
  const isProposed = outcome === "planned" || outcome === "held";
  const operations: Partial<Record<Operation, number>> = {};
  for (const { operation } of outcome === counted ? steps : [])
    operations[operation] = (operations[operation] ?? 0) + 1;
  const harm = isProposed
    ? { disables: has("disable"), deletes: has("delete"), roleRemovals: has("remove") }
    : EMPTY_TALLY.harm;
  return { outcomes: { [outcome]: 1 }, operations, harm };
}

/** The users who have an outcome that stays: who was deferred, or whose plan was approved, stands on another page. */
export function doneUsers({
  tally,
  current,
  collecting,
}: Pick<Cycle, "tally" | "current" | "collecting">): number {
  const { outcomes } = addTallies(tally, current);
  const open = collecting === null ? ["deferred"] : ["deferred", "planned", "held"];
  return Object.entries(outcomes)
    .filter(([outcome]) => !open.includes(outcome))
    .reduce((sum, [, count]) => sum + count, 0);
}
