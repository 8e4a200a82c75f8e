// What a change of the configuration would do, in numbers and in one line: "touches 412 users, 9 lose a role".
import { type Cycle, EMPTY_TALLY, type Tally } from "./cycle.ts";
import { addTallies, doneUsers } from "./cycle-progress.ts";
import type { Harm, Reason } from "./plan.ts";

/** What a preview has found so far. */
export interface Impact {
  readonly preview: true;
  /** The cycle that plans; null where none is needed, as both configurations decide alike. */
  readonly cycleId: string | null;
  readonly status: Cycle["status"];
  readonly users: {
    /** Whom both feeds have shown, each once. */
    readonly read: number;
    /** Of these, who were planned with both configurations. */
    readonly compared: number;
    readonly touched: number;
    /** Of those touched, who only do not get what would be written to them now. */
    readonly spared: number;
    /** Who could not be planned: nothing is known of them. */
    readonly unknown: number;
  };
  /** How many writes of each kind are made because of the change. */
  readonly operations: Tally["operations"];
  /** How many users it disables, deletes, or deprives of roles. */
  readonly harm: Harm;
  readonly summary: string;
  readonly reason: Reason | null;
}

const people = (count: number): string => `${count} ${count === 1 ? "user" : "users"}`;
const does = (count: number, one: string, many: string): string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];

function summaryOf(users: Impact["users"], { operations, harm }: Tally): string {
  const { touched, spared, unknown } = users;
  const parts = [
    touched === 0 ? "touches nobody" : `touches ${people(touched)}`,
    ...does(operations.create ?? 0, "gets an account", "get an account"),
    ...does(harm.disables, "is disabled", "are disabled"),
    ...does(harm.deletes, "is deleted", "are deleted"),
    ...does(harm.roleRemovals, "loses a role", "lose a role"),
    ...does(spared, "does not get what is due", "do not get what is due"),
  ].join(", ");
  return unknown === 0 ? parts : `${parts}; ${people(unknown)} could not be planned`;
}

function impact(
  known: Pick<Impact, "cycleId" | "status" | "reason">,
  read: number,
  compared: number,
  tally: Tally,
): Impact {
  const { planned = 0, skipped = 0, failed = 0, deferred = 0 } = tally.outcomes;
  const users = {
    read,
    compared,
    touched: planned + skipped,
    spared: skipped,
    unknown: failed + deferred,
  };
  const { operations, harm } = tally;
  const summary = summaryOf(users, tally);
  return { preview: true, ...known, users, operations, harm, summary };
}

/** What a preview's cycle has found so far. */
export function impactOf(cycle: Cycle): Impact {
  const { id: cycleId, status, reason, nominated, tally, current } = cycle;
  const all = addTallies(tally, current);
  const compared = doneUsers(cycle) - (all.outcomes.failed ?? 0);
  return impact({ cycleId, status, reason }, nominated.users, compared, all);
}

/** Both configurations decide alike about everyone. */
export const NO_IMPACT: Impact = impact(
  { cycleId: null, status: "complete", reason: null },
  0,
  0,
  EMPTY_TALLY,
);
