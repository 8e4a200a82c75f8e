// Whoever a cycle could not serve: they stand on a new page, to be tried again; and who never can be is given up, so that one
// user does not keep everyone else's feed from moving on.
import type { Cycle, CycleUser, Nomination } from "../rules/cycle.ts";
import type { CyclePorts } from "./cycle-ports.ts";
import { backoffMs } from "./react-to-failure.ts";
import { sourceOf } from "./read-feed.ts";
import { requestFor } from "./serve-nominee.ts";

const MOST_TRIES = 6;
const LEAST_WAIT_MS = 5000;
// So few, or this share of the nominated, are a matter of those users; more are a matter of a system.
const FEW = 3;
const FEW_SHARE = 0.05;

/** A page of users to be tried again. */
export interface Retry {
  readonly users: readonly Nomination[];
  readonly delayMs: number;
}

const triesOf = ({ attempt = 0 }: Nomination): number => attempt + 1;

/** Those of a page who were deferred and may still be tried again; null where there are none. */
export function retryOf(
  nominations: readonly Nomination[],
  users: readonly CycleUser[],
  random: number,
): Retry | null {
  const again = nominations.flatMap((nomination, at) => {
    const attempt = triesOf(nomination);
    return users[at]?.outcome === "deferred" && attempt < MOST_TRIES
      ? [{ ...nomination, attempt }]
      : [];
  });
  if (again.length === 0) return null;
  const attempt = Math.max(...again.map((one) => one.attempt));
  return { users: again, delayMs: Math.max(LEAST_WAIT_MS, backoffMs(attempt + 2, null, random)) };
}

// Nobody at all could be looked at: that is a system that is away, and the next cycle takes everyone up. Not the one whose feed
// was read a moment ago.
function isOutage({ tally, direction }: Cycle, code: string): boolean {
  if (code.startsWith(sourceOf(direction))) return false;
  return Object.entries(tally.outcomes).every(
    ([outcome, count]) => outcome === "deferred" || count === 0,
  );
}

function areFew(exhausted: number, { nominated }: Cycle): boolean {
  return exhausted <= Math.max(FEW, nominated.users * FEW_SHARE);
}

/**
 * Gives those up who were tried often enough: they go to escrow, told as failed, and what a cycle would have held is held when
 * they come back. Not when they are many, nor when nobody was served: then the cycle is incomplete. Nor of pictures, which the next
 * cycle looks at again. Of an approved plan everyone is given up so, as no feed shows them again. Answers the page's users; can be done again after a kill.
 */
export async function giveUp(
  cycle: Cycle,
  nominations: readonly Nomination[],
  users: readonly CycleUser[],
  ports: CyclePorts,
): Promise<readonly CycleUser[]> {
  const isExhausted = (at: number): boolean => {
    const nomination = nominations[at];
    return (
      users[at]?.outcome === "deferred" &&
      nomination !== undefined &&
      triesOf(nomination) >= MOST_TRIES
    );
  };
  const [first, ...others] = users.filter((_, at) => isExhausted(at));
  const isPlan = nominations.some(({ expects }) => expects !== undefined);
  const isOfUsers = !cycle.isDryRun && cycle.kind !== "photos";
  const mayGiveUp = isPlan ? cycle.undoes === null : isOfUsers;
  if (first === undefined || !mayGiveUp) return users;
  if (!isPlan && (!areFew(others.length + 1, cycle) || isOutage(cycle, first.reason.code)))
    return users;
  const told: CycleUser[] = [];
  for (const [at, user] of users.entries()) {
    const nomination = nominations[at];
    if (nomination === undefined || !isExhausted(at)) told.push(user);
    else {
      const { reason } = user;
      const system = reason.code.startsWith("drupal") ? "drupal" : "entra";
      const request = requestFor(cycle, nomination, ports.now());
      await ports.putInEscrow({ request, system, reason });
      told.push({ ...user, outcome: "failed" });
    }
  }
  return told;
}
