// What an operator may order for this user: preview, sync now, and joining them with their other account.
import { useState } from "preact/hooks";
import type { UserAnswer } from "../../ask/contract.ts";
import { confirmed } from "../../parts/confirm.tsx";
import { OrderButton } from "../../parts/order-button.tsx";
import { JoinDialog } from "./join-dialog.tsx";
import { type Ordered, provision } from "./provision.ts";
import { questionBefore } from "./question-before.ts";
import { candidateOf, isLinked, subjectOf } from "./subject.ts";

/** The buttons. `told` gets what came of an order; `isWritten`: both sides may look different now. */
export function Actions({
  answer,
  id,
  name,
  told,
}: {
  readonly answer: UserAnswer;
  readonly id: string;
  readonly name: string;
  readonly told: (ordered: Ordered, isWritten: boolean) => Promise<void>;
}) {
  const [isJoining, setJoining] = useState(false);
  const subject = subjectOf(answer, id);
  const candidate = candidateOf(answer);
  const order = (dryRun: boolean) => async () => {
    const question = dryRun ? null : questionBefore(answer.explanation);
    if (question !== null && !(await confirmed(question))) return null;
    await told(await provision(subject, { dryRun }), !dryRun);
    return null;
  };
  const openJoin = async () => {
    setJoining(true);
    return null;
  };
  const joined = async (ordered: Ordered) => {
    setJoining(false);
    await told(ordered, true);
  };
  return (
    <>
      {isLinked(answer) ? null : (
        <OrderButton order={openJoin}>
          {candidate === null ? "Join with …" : "Join the two …"}
        </OrderButton>
      )}
      <OrderButton order={order(true)}>Preview</OrderButton>
      <OrderButton order={order(false)} tone="primary">
        Sync now
      </OrderButton>
      {isJoining ? (
        <JoinDialog
          subject={subject}
          name={name}
          candidate={candidate}
          joined={joined}
          close={() => setJoining(false)}
        />
      ) : null}
    </>
  );
}
