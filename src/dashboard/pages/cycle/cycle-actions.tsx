// What an operator may do with a cycle: stop it, or plan its reverse.
import { send } from "../../ask/ask.ts";
import type { CycleAnswer } from "../../ask/contract.ts";
import { confirmed } from "../../parts/confirm.tsx";
import { isUnderWay } from "../../parts/cycle-state.ts";
import { OrderButton } from "../../parts/order-button.tsx";
import { go } from "../../route.ts";

/** The buttons that make sense now. */
export function CycleActions({
  cycle,
  refresh,
}: {
  readonly cycle: CycleAnswer;
  readonly refresh: () => Promise<void>;
}) {
  const cancel = async () => {
    const isYes = await confirmed({
      title: "Stop this cycle?",
      text: "It stops before its next user. What was written stays written.",
      does: "Stop it",
      isDanger: true,
    });
    if (!isYes) return null;
    await send("POST", `cycles/${cycle.id}/cancel`);
    await refresh();
    return "It stops before its next user.";
  };
  const undo = async () => {
    const isYes = await confirmed({
      title: "Plan the reverse of this cycle?",
      text: "From the audit log a new cycle plans to put back what this one wrote. You look at that plan first: nothing is written before you approve it, and it says what cannot be undone.",
      does: "Plan it",
    });
    if (!isYes) return null;
    const { body } = await send<CycleAnswer>("POST", `cycles/${cycle.id}/undo`);
    go(`/cycles/${body.id}`);
    return "The undo is being planned.";
  };
  const hasWritten = (cycle.outcomes.written ?? 0) > 0;
  return (
    <>
      {isUnderWay(cycle) ? (
        <OrderButton tone="danger" order={cancel}>
          {cycle.waitsFor?.kind === "approval" ? "Drop the plan" : "Stop"}
        </OrderButton>
      ) : null}
      {!isUnderWay(cycle) && hasWritten && cycle.kind !== "photos" ? (
        <OrderButton order={undo}>Undo …</OrderButton>
      ) : null}
    </>
  );
}
