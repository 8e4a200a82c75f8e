// What is asked before a plan is carried out: how many users it is about, and what it takes away from them.
import type { CycleAnswer } from "../../ask/contract.ts";
import { counted } from "../../parts/words.ts";

const usersIn = ({ outcomes }: CycleAnswer): number =>
  (outcomes.held ?? 0) + (outcomes.planned ?? 0);

/** The question. `first`: only so many users, and then it waits again. `harm`: what the whole plan takes away, in words; "" for nothing. */
export function questionBefore(
  cycle: CycleAnswer,
  { first, harm }: { readonly first: number | undefined; readonly harm: string },
) {
  const does = first === undefined ? "Carry it out" : `Write ${first} first`;
  if (cycle.waitsFor?.kind === "canary") {
    const text =
      first === undefined
        ? "The other users are written as the first ones were."
        : `${counted(first, "more user")} at the most, and then it waits for you again.`;
    return { title: "Go on with the cycle?", text, does: first === undefined ? does : "Go on" };
  }
  const users = Math.min(first ?? Number.POSITIVE_INFINITY, usersIn(cycle));
  const whom = `${counted(users, "user")} of the plan ${users === 1 ? "is" : "are"} written`;
  const isPart = users < usersIn(cycle);
  const what = `${isPart ? ", and then it waits for you. In the whole plan " : ": "}${harm}`;
  const text = `${whom}${harm === "" ? (isPart ? ", and then it waits for you" : "") : what}. An undo can be planned afterwards.`;
  return { title: "Carry out this plan?", text, does, isDanger: harm !== "" };
}
