// Lets the workers of cycles go on one after another, as fast as the targets can be written.

import type { Taken, WritesPerUser } from "../rules/budget.ts";
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

const SYSTEMS = ["drupal", "entra"] as const;

/** The pace of one process: the slowest of its targets sets it. */
export function createPace(
  targets: Readonly<Record<System, PacedTarget>>,
  { now, sleep }: Pick<Surroundings, "now" | "sleep">,
): Pace {
  let lastAt = 0;
  let lastCost: WritesPerUser = { drupal: 1, entra: 1 };
  return {
    ready: async (atMostMs, expected) => {
      const deadline = now().getTime() + atMostMs;
      for (;;) {
        // Asking and taking is one step: of several that wake together one goes on, and the others wait for their turn.
        const time = now().getTime();
        const waits = SYSTEMS.map((system) =>
          targets[system].waitMs({ at: lastAt, writes: lastCost[system] }),
        );
        const waitMs = Math.max(0, ...waits);
        if (waitMs === 0) {
          lastAt = time;
          lastCost = { ...expected };
          return true;
        }
        if (time >= deadline) return false;
        await sleep(Math.ceil(Math.min(waitMs, LOOK_AGAIN_MS, deadline - time)));
      }
    },
  };
}
