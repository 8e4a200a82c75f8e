// Carries out a plan that was looked at: all of it, or a few users first.
import { useState } from "preact/hooks";
import { Refusal, send } from "../../ask/ask.ts";
import type { CycleAnswer } from "../../ask/contract.ts";
import { confirmed } from "../../parts/confirm.tsx";
import { focusHeadingIfLost } from "../../parts/focus-heading.ts";
import { OrderButton } from "../../parts/order-button.tsx";
import { say } from "../../parts/toast.tsx";
import { harmText } from "../../parts/waits-for.tsx";
import { questionBefore } from "./question-before.ts";

/** The buttons. `cycle.plan` is the print of what is on the screen: another plan is refused by the app. */
export function ApproveButtons({
  cycle,
  refresh,
}: {
  readonly cycle: CycleAnswer;
  readonly refresh: () => Promise<void>;
}) {
  const [first, setFirst] = useState(5);
  const isCanary = cycle.waitsFor?.kind === "canary";
  const plan = isCanary ? {} : { plan: cycle.plan };
  const approve = async (more: { readonly canary?: number }) => {
    const isYes = await confirmed(
      questionBefore(cycle, { first: more.canary, harm: harmText(cycle) }),
    );
    if (!isYes) return null;
    try {
      await send("POST", `cycles/${cycle.id}/approve`, { ...plan, ...more });
      return "Approved: it is being carried out.";
    } catch (error) {
      if (!(error instanceof Refusal && error.code === "otherPlan")) throw error;
      say("The plan has moved since you looked: this is the new one.", { isBad: true });
      return null;
    } finally {
      await refresh();
      // The buttons go with what they were for.
      setTimeout(focusHeadingIfLost);
    }
  };
  return (
    <div class="approve">
      <OrderButton tone="primary" order={() => approve({})}>
        {isCanary ? "Go on with everyone" : "Approve the plan"}
      </OrderButton>
      <span class="approve-first">
        <OrderButton order={() => approve({ canary: first })}>
          {isCanary ? "Only the next" : "Only the first"}
        </OrderButton>
        <input
          type="number"
          min={1}
          max={100_000}
          aria-label="How many users"
          value={first}
          onInput={(event) => setFirst(Math.max(1, event.currentTarget.valueAsNumber || 1))}
        />
      </span>
    </div>
  );
}
