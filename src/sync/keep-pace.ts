// Lets the workers of cycles go on one after another, as fast as the targets can be written.
import type { Pace } from "./cycle-ports.ts";
import type { Surroundings } from "./ports.ts";

/** A target whose pace is kept. */
export interface PacedTarget {
  /** How long the next user is to wait, when one was taken at `lastTakenAt` (milliseconds since the epoch). */
  waitMs(lastTakenAt: number): number;
}

// Somebody may have used the target, or paused it, while a worker slept.
const LOOK_AGAIN_MS = 1000;

/** The pace of one process: the slowest of its targets sets it. */
export function createPace(
  targets: readonly PacedTarget[],
  { now, sleep }: Pick<Surroundings, "now" | "sleep">,
): Pace {
  let lastTakenAt = 0;
  return {
    ready: async (atMostMs) => {
      const deadline = now().getTime() + atMostMs;
      for (;;) {
        // Asking and taking is one step: of several that wake together one goes on, and the others wait for their turn.
        const time = now().getTime();
        const waitMs = Math.max(0, ...targets.map((target) => target.waitMs(lastTakenAt)));
        if (waitMs === 0) {
          lastTakenAt = time;
          return true;
        }
        if (time >= deadline) return false;
        await sleep(Math.ceil(Math.min(waitMs, LOOK_AGAIN_MS, deadline - time)));
      }
    },
  };
}
