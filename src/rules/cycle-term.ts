// How long a cycle waits for someone's word. A plan that nobody approved is a picture of long ago, and a canary keeps its feed: so
// neither waits for ever.
import { type Cycle, type WaitsFor, waitsForSomeone } from "./cycle.ts";
import type { Reason } from "./plan.ts";

const DAY_MS = 86_400_000;

/** What a person is waited for with. */
type Word = Exclude<WaitsFor["kind"], "time">;

/** A plan: as long as someone may be away. A canary: a day, as everyone behind it waits too. */
const TERM_MS: Readonly<Record<Word, number>> = { approval: 7 * DAY_MS, canary: DAY_MS };

const WHY: Readonly<Record<Word, string>> = {
  approval:
    "nobody approved the plan within 7 days: nothing of it was written, and the next cycle of everyone plans anew",
  canary:
    "nobody looked at the first users within a day: the rest was not written, and the next cycle takes it up",
};

// The first pass is over, and the watermark has moved: only who looks at everyone sees the rest again.
const REST_OF_PLAN =
  "nobody looked at the first users within a day: the rest of the approved plan was not written, and the next cycle of everyone plans anew";
const REST_OF_UNDO =
  "nobody looked at the first users within a day: the rest was not undone; ask for the undo again";

function whyOf(word: Word, { kind, approval }: Pick<Cycle, "kind" | "approval">): string {
  if (word === "approval") return WHY.approval;
  if (kind === "undo") return REST_OF_UNDO;
  return approval === null ? WHY.canary : REST_OF_PLAN;
}

type Waiting = Pick<Cycle, "workedAt" | "createdAt">;

// Who waits for someone does nothing else: when it last did something, it began to wait.
/** ISO 8601: from when on an approval of a cycle that waits so comes too late. */
export const expiresAt = (kind: Word, { workedAt, createdAt }: Waiting): string =>
  new Date(Date.parse(workedAt ?? createdAt) + TERM_MS[kind]).toISOString();

/** Why the cycle ends without the word that it waited for; null while it may still come, or where nobody is waited for. */
export function whyExpired(
  cycle: Waiting & Pick<Cycle, "kind" | "approval" | "status" | "waitsFor">,
  now: Date,
): Reason | null {
  const { waitsFor } = cycle;
  if (!waitsForSomeone(cycle) || waitsFor === null || waitsFor.kind === "time") return null;
  if (now.toISOString() < expiresAt(waitsFor.kind, cycle)) return null;
  return { code: "approvalExpired", message: whyOf(waitsFor.kind, cycle) };
}
