// How much the users of a cycle cost of late. A cycle that writes nothing to a target is not slowed down for its sake, and does
// not slow down the one beside it that does.
import type { WritesPerUser } from "../rules/budget.ts";
import type { CycleStep, CycleUser } from "../rules/cycle.ts";
import type { Operation } from "../rules/plan.ts";
import type { System } from "../rules/users.ts";

/** Learns from each user that was served what the next one is likely to cost. */
export interface ExpectedWrites {
  readonly perUser: WritesPerUser;
  learn(user: CycleUser): void;
}

// What is not expected is met by the reserve of the bucket (rules/budget): when a cycle that wrote nothing begins to write,
// those under way and a dozen more go too fast.
const WEIGHT = 1 / 16;
// Joining two accounts, or taking them apart, changes neither.
const IN_OUR_BOOKS: readonly Operation[] = ["link", "unlink"];
const SYSTEMS = ["drupal", "entra"] as const;

/** Expects one write for each user, until it has learned better. */
export function createExpectedWrites(): ExpectedWrites {
  const perUser: Record<System, number> = { drupal: 1, entra: 1 };
  return {
    perUser,
    learn: ({ outcome, steps }) => {
      // Who was not served tells nothing; what is planned or held was not written.
      if (outcome === "deferred") return;
      const isWritten = outcome === "written" || outcome === "failed";
      for (const system of SYSTEMS) {
        const costs = ({ operation, system: at }: CycleStep) =>
          at === system && !IN_OUR_BOOKS.includes(operation);
        const writes = isWritten ? steps.filter(costs).length : 0;
        perUser[system] += (writes - perUser[system]) * WEIGHT;
      }
    },
  };
}
