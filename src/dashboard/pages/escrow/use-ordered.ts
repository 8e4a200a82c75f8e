// Which rows a replay was ordered for on this page: until a row goes or moves on, its order is under way.
import { useState } from "preact/hooks";
import type { EscrowEntry } from "../../ask/contract.ts";

// What is not served by then waits for a system, or for others before it: the row is to be ordered again, if need be.
const FORGOTTEN_AFTER_MS = 60_000;

/** Remembers orders by the row's own time: a row that was refused again carries another. */
export function useOrdered() {
  const [ordered, setOrdered] = useState<ReadonlyMap<string, { at: string; until: number }>>(
    new Map(),
  );
  const remember = (entries: readonly EscrowEntry[]) => {
    const until = Date.now() + FORGOTTEN_AFTER_MS;
    setOrdered(
      (last) =>
        new Map([
          ...last,
          ...entries.map((one) => [one.drupalUuid, { at: one.at, until }] as const),
        ]),
    );
  };
  const isOrdered = ({ drupalUuid, at }: EscrowEntry): boolean => {
    const order = ordered.get(drupalUuid);
    return order !== undefined && order.at === at && order.until > Date.now();
  };
  return { remember, isOrdered };
}
