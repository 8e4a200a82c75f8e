// Lets the workers of cycles go on one after another, as fast as the targets can be written.

import type { Taken } from "../rules/budget.ts";
import type { System } from "../rules/users.ts";
import type { Pace } from "./cycle-ports.ts";
import type { Surroundings } from "./ports.ts";

/** A target whose pace is kept. */
export interface PacedTarget {
  /** How long the next user is to wait, after the one who was taken last. */
  waitMs(last: Taken): number;
}

// Somebody may have used the target, or paused it, while a worker slept.
const LOOK_AGAIN_MS = 1000;

// Less than one write for each twenty users. The first that is written makes it more (sync/expected-writes).
const NOTHING = 0.05;
const SYSTEMS = ["drupal", "entra"] as const;

/** The pace of one process: the slowest of its targets sets it. */
export function createPace(
  targets: Readonly<Record<System, PacedTarget>>,
  { now, sleep }: Pick<Surroundings, "now" | "sleep">,
): Pace {
  const lastAt: Record<System, number> = { drupal: 0, entra: 0 };
  const lastCost: Record<System, number> = { drupal: 1, entra: 1 };
  return {
    ready: async (atMostMs, expected) => {
      const deadline = now().getTime() + atMostMs;
      for (;;) {
        // Asking and taking is one step: of several that wake together one goes on, and the others wait for their turn.
        const time = now().getTime();
        // Whose users cost a target nothing of late waits for no turn, only for a pause.
        const waits = SYSTEMS.map((system) =>
          targets[system].waitMs(
            expected[system] < NOTHING
              ? { at: 0, writes: 0 }
              : { at: lastAt[system], writes: lastCost[system] },
          ),
        );
        const waitMs = Math.max(0, ...waits);
        if (waitMs === 0) {
          for (const system of SYSTEMS)
            if (expected[system] >= NOTHING) {
              lastAt[system] = time;
              lastCost[system] = expected[system];
            }
          return true;
        }
        if (time >= deadline) return false;
        await sleep(Math.ceil(Math.min(waitMs, LOOK_AGAIN_MS, deadline - time)));
      }
    },
  };
}
