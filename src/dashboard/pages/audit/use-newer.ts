// How many entries came since the listing was read: a light look at the newest ones from time to time, and nothing moves.
import type { AuditEntry, AuditPageAnswer } from "../../ask/contract.ts";
import { useAnswer } from "../../ask/use-answer.ts";
import { countNewer } from "./count-newer.ts";

const LOOK_EVERY_MS = 5000;
/** A look reads so many; more than that is told as "or more". */
export const NEWEST = 20;

/** The count for the listing at `path`, of which `known` is read; 0 while it is being read, and for a filter that is over. */
export function useNewer(
  path: string,
  known: readonly AuditEntry[],
  { isOn, to }: { readonly isOn: boolean; readonly to: string | undefined },
): number {
  const isOver = to !== undefined && Date.parse(to) < Date.now();
  const joint = path.includes("?") ? "&" : "?";
  const look = useAnswer<AuditPageAnswer>(
    isOn && !isOver ? `${path}${joint}limit=${NEWEST}` : null,
    { everyMs: LOOK_EVERY_MS },
  );
  return look.body === null || !isOn ? 0 : countNewer(look.body.items, known);
}
