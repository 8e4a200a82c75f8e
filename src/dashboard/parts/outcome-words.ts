// What the outcomes of a cycle's users mean, for whoever meets the word for the first time.
import type { CycleUser } from "../ask/contract.ts";

/** A sentence for each outcome. */
export const OUTCOME_MEANS: Readonly<Record<CycleUser["outcome"], string>> = {
  written: "Something was written on one side or on both.",
  planned: "Something would be written. This cycle only looked.",
  held: "Something would be taken away: an account disabled or deleted, or a role. Nothing is written before the thresholds, or an approval, let it pass.",
  failed: "A side refused it. The user waits in escrow, and is tried again by itself.",
  warning:
    "Nothing was written, as a person has to decide: two accounts fit, or both sides changed.",
  moved:
    "The user changed after the plan was shown: what was approved was not what would have been written, so nothing was.",
  deferred: "A side was not to be reached, or asked for patience. The user has another turn.",
  skipped: "Left alone on purpose, by the rule that is told beside.",
  inSync: "Both sides are as agreed: nothing was to be written.",
};
