// The five steps of one user, top to bottom: how each went, why, and what it rests on.
import type { ComponentChildren } from "preact";
import type { Explanation, Reason } from "../../ask/contract.ts";
import { Icon } from "../../parts/icon.tsx";
import { Told } from "../../parts/told.tsx";
import {
  ExportDetail,
  ImportDetail,
  MatchingDetail,
  ProcessingDetail,
  ScopingDetail,
} from "./step-details.tsx";

type Status = Explanation["import"]["status"];

const SIGNS: Readonly<Record<Status | "planned", "check" | "cross" | "cycle" | "warn" | null>> = {
  planned: "cycle",
  success: "check",
  failure: "cross",
  warning: "warn",
  skipped: null,
};

const WORDS: Readonly<Record<Status | "planned", string>> = {
  planned: "planned",
  success: "done",
  failure: "failed",
  warning: "needs a look",
  skipped: "nothing to do",
};

function Step({
  name,
  status,
  reason,
  children,
}: {
  readonly name: string;
  readonly status: Status | "planned";
  readonly reason: Reason;
  readonly children?: ComponentChildren;
}) {
  const sign = SIGNS[status];
  return (
    <li class={`step ${status}`}>
      <span class="step-sign">{sign === null ? null : <Icon name={sign} />}</span>
      <div class="step-text">
        <h3>
          {name} <span class="step-status">{WORDS[status]}</span>
        </h3>
        <p>
          <Told message={reason.message} /> <code class="code">{reason.code}</code>
        </p>
        {children}
      </div>
    </li>
  );
}

/** The stepper. `isDone`: an order was carried out; else it is what would be. */
export function Steps({
  explanation,
  isDone,
}: {
  readonly explanation: Explanation;
  readonly isDone: boolean;
}) {
  const { scoping, matching, processing } = explanation;
  // A linked user's reason carries the bare time: the detail says it in the reader's own.
  const matched =
    matching.reason.code === "linked"
      ? { code: "linked", message: "the two accounts are joined by their ids" }
      : matching.reason;
  // The contract calls a write that was not made skipped: here it is still to come.
  const { status, reason } = explanation.export;
  const exported = reason.code === "planned" ? "planned" : status;
  return (
    <ol class="steps">
      <Step name="Import" {...explanation.import}>
        <ImportDetail detail={explanation.import} />
      </Step>
      <Step name="Scoping" status={scoping.status} reason={scoping.reason}>
        <ScopingDetail detail={scoping} />
      </Step>
      <Step name="Matching" status={matching.status} reason={matched}>
        <MatchingDetail detail={matching} />
      </Step>
      <Step name="Processing" status={processing.status} reason={processing.reason}>
        <ProcessingDetail detail={processing} />
      </Step>
      <Step name="Export" status={exported} reason={explanation.export.reason}>
        <ExportDetail detail={explanation.export} isDone={isDone} />
      </Step>
    </ol>
  );
}
