// Places for requests under way, in two lanes: who is waited for goes before work that nobody waits for.

/** Whether somebody waits for the request. */
export type Lane = "interactive" | "background";

/** Runs work in one of a few places. */
export type TakePlace = <T>(lane: Lane, work: () => Promise<T>) => Promise<T>;

// Under a steady stream of people's requests the others still get one place in eleven.
const MOST_PASSED_BY = 10;

/** `count` places. One that is left is handed on, not freed, while others wait: the limit is never passed. */
export function createPlaces(count: number): TakePlace {
  const waiting: Readonly<Record<Lane, (() => void)[]>> = { interactive: [], background: [] };
  let free = count;
  let passedBy = 0;

  const next = (): (() => void) | undefined => {
    const { interactive, background } = waiting;
    if (background.length === 0) return interactive.shift();
    if (interactive.length > 0 && passedBy < MOST_PASSED_BY) {
      passedBy += 1;
      return interactive.shift();
    }
    passedBy = 0;
    return background.shift();
  };

  return async (lane, work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting[lane].push(resolve));
    try {
      return await work();
    } finally {
      const resume = next();
      if (resume) resume();
      else free += 1;
    }
  };
}
