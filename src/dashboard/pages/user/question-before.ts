// What is asked before an operator's order takes something away from a user: no threshold stands between it and the account.
import type { Explanation } from "../../ask/contract.ts";
import { systemName } from "../../parts/words.ts";
import { type Write, writeText } from "./write-text.ts";

const VERBS: Readonly<Partial<Record<Write["operation"], string>>> = {
  delete: "Delete the account",
  disable: "Disable the account",
  remove: "Take a role away",
};

/** The question; null: nothing is taken away. */
export function questionBefore(explanation: Explanation | null) {
  if (explanation === null) return null;
  const { steps, harm } = explanation.export;
  if (harm.disables + harm.deletes + harm.roleRemovals === 0) return null;
  const harmful = steps.filter(({ operation }) => VERBS[operation] !== undefined);
  const worst = ["delete", "disable", "remove"].flatMap((operation) =>
    harmful.filter((step) => step.operation === operation),
  )[0];
  const title =
    worst === undefined
      ? "Take something away from this user now?"
      : `${VERBS[worst.operation]} in ${systemName(worst.system)} now?`;
  const told = harmful.map((step) => `${writeText(step, "planned")}.`).join(" ");
  return {
    title,
    text: `${told} This order does it at once: it waits for no approval.`.trim(),
    does: "Sync now",
    isDanger: true,
  };
}
