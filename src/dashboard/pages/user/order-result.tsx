// What came of Preview or Sync now: the five steps as they would go, or went.
import { useEffect, useRef } from "preact/hooks";
import { Badge } from "../../parts/badge.tsx";
import { focusHeadingIfLost } from "../../parts/focus-heading.ts";
import { Icon } from "../../parts/icon.tsx";
import { Time } from "../../parts/time.tsx";
import { Told } from "../../parts/told.tsx";
import type { Ordered } from "./provision.ts";
import { Steps } from "./steps.tsx";

const TITLES: Readonly<Record<Ordered["kind"], string>> = {
  preview: "Preview: nothing was written",
  sync: "Sync now",
  join: "Join two accounts",
};

/** The card. It takes the focus when it comes, so that nobody has to look for it. */
export function OrderResult({
  ordered,
  close,
}: {
  readonly ordered: Ordered;
  readonly close: () => void;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [ordered]);
  useEffect(() => () => void setTimeout(focusHeadingIfLost), []);
  const { answer, at, againAt } = ordered;
  const { outcome, explanation } = answer;
  return (
    <section class="card order-result" aria-label="Result of the order">
      <div class="card-head">
        <h2 ref={heading} tabIndex={-1}>
          {TITLES[ordered.kind]}
        </h2>
        <div class="soft order-result-aside">
          {answer.dryRun ? null : <Badge word={outcome.status} />} <Time at={at} />
          <button type="button" class="plain-button" onClick={close} aria-label="Close the result">
            <Icon name="close" />
          </button>
        </div>
      </div>
      <p class="order-result-reason">
        <Told message={outcome.reason.message} /> <code class="code">{outcome.reason.code}</code>
        {againAt === null ? null : (
          <>
            {" "}
            The app tries again at <Time at={againAt} /> by itself: what comes of it is told in the
            history below.
          </>
        )}
      </p>
      {explanation === null ? null : <Steps explanation={explanation} isDone={!answer.dryRun} />}
    </section>
  );
}
