// Pages are written by whoever has the cycle, and by nobody else: a runner that was stopped for a while, and has lost it, must
// not write over what its successor wrote.
import { ConcurrencyError } from "../rules/errors.ts";
import type { PagePut } from "./cycle-ports.ts";
import type { HeldCycle } from "./hold-cycle.ts";

/**
 * Writes a page over the version that we know, none at first; answers the new version. Where another version is there, the save
 * of the cycle tells whose: left by a runner that is gone, it is written over; written by a successor, the save fails with
 * ConcurrencyError.
 */
export async function putPage(
  held: HeldCycle,
  put: (replaces: string | null) => Promise<PagePut>,
  replaces: string | null = null,
): Promise<string> {
  const first = await put(replaces);
  if (first.isWritten) return first.version;
  await held.save({});
  const second = await put(first.version);
  if (second.isWritten) return second.version;
  throw new ConcurrencyError("someone else writes the cycle's pages", {
    system: "storage",
    code: "pageChanged",
  });
}
