// Follows a cycle that has slid behind the newest ones, until it ends: the news of the listing tell of it no more.
import { useEffect } from "preact/hooks";
import type { CycleAnswer, CycleWithUsers } from "../../ask/contract.ts";
import { useAnswer } from "../../ask/use-answer.ts";
import { isMoving } from "../../parts/cycle-state.ts";

/** Shows nothing; `told` must stay the same function. */
export function Follow({
  cycle,
  told,
}: {
  readonly cycle: CycleAnswer;
  readonly told: (cycle: CycleAnswer) => void;
}) {
  const everyMs = isMoving(cycle) ? 3000 : 15_000;
  const { body } = useAnswer<CycleWithUsers>(`cycles/${cycle.id}?limit=1`, { everyMs });
  useEffect(() => {
    if (body !== null) told(body);
  }, [body, told]);
  return null;
}
