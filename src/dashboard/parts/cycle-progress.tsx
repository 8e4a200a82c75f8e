// How far a cycle is: a bar where the end is known, numbers where it is not.
import type { CycleAnswer } from "../ask/contract.ts";
import { lengthOf } from "./time.tsx";
import { counted, number } from "./words.ts";

/** The progress of a cycle that is under way. */
export function CycleProgress({ cycle }: { readonly cycle: CycleAnswer }) {
  const { reading, nominated, done, usersPerSecond, remainingSeconds } = cycle;
  const isKnown = reading.isDone && nominated > 0;
  return (
    <div class="progress">
      <progress
        aria-label="Users done"
        {...(isKnown ? { value: Math.min(done, nominated), max: nominated } : {})}
      />
      <p class="soft number">
        {reading.isDone
          ? `${number(done)} of ${counted(nominated, "user")}`
          : `${counted(reading.users, "user")} read, ${number(done)} of ${number(nominated)} done`}
        {usersPerSecond === null ? "" : ` · ${number(usersPerSecond)} a second`}
        {remainingSeconds === null ? "" : ` · about ${lengthOf(remainingSeconds * 1000)} left`}
      </p>
    </div>
  );
}
