// Saves the draft over the version that it changes; asks once more where nobody has seen what it does, or it takes something away.
import { send } from "../../ask/ask.ts";
import type { Impact } from "../../ask/contract.ts";
import { confirmed } from "../../parts/confirm.tsx";
import type { JsonObject } from "./json.ts";
import { preconditionOf } from "./use-impact.ts";

const takesAway = ({ harm }: Impact): boolean =>
  harm.disables + harm.deletes + harm.roleRemovals > 0;

/** The question before a save; null: none is needed. */
export function questionBefore(impact: Impact | null) {
  if (impact === null)
    return {
      title: "Save without having seen the impact?",
      text: "From the next event on every user is decided by this configuration, and the next cycles look at everyone again. The impact preview tells beforehand who is touched, and writes nothing.",
      does: "Save anyway",
      isDanger: true,
    };
  if (!takesAway(impact)) return null;
  return {
    title: "Save a change that takes something away?",
    text: `It ${impact.summary}. Above the thresholds a cycle waits for an approval; below them it is done without another question.`,
    does: "Save it",
    isDanger: true,
  };
}

/** False when the person would rather not. Throws the app's Refusal: 412 when someone else saved first, 422 for faults. */
export async function saveDraft(
  document: JsonObject,
  etag: string | null,
  seen: Impact | null,
): Promise<boolean> {
  const question = questionBefore(seen);
  if (question !== null && !(await confirmed(question))) return false;
  await send("PUT", "configuration", document, preconditionOf(etag));
  return true;
}
