// What a row would do to the user that the draft is tried on; and what it does now, where that is something else.
import type { Explanation } from "../../ask/contract.ts";
import { Value } from "../../parts/value.tsx";
import { systemName } from "../../parts/words.ts";
import { isSame } from "./json.ts";

/** One decision of an explanation. */
export type Decision = Explanation["processing"]["attributes"][number];

/** The decision about the row with this key. */
export const decisionAbout = (
  explanation: Explanation | null | undefined,
  key: string,
): Decision | undefined => explanation?.processing.attributes.find((one) => one.key === key);

/** Whether two decisions write the same. */
export function areAlike(a: Decision | undefined, b: Decision | undefined): boolean {
  return (
    a?.verdict === b?.verdict &&
    isSame(a?.change?.after, b?.change?.after) &&
    isSame(a?.change?.before, b?.change?.before)
  );
}

/** A decision in one line. */
export function Verdict({ decision }: { readonly decision: Decision | undefined }) {
  if (decision === undefined) return <span class="soft">no row</span>;
  const { verdict, change, reason, drupalValue } = decision;
  if (change !== undefined && (verdict === "toEntra" || verdict === "toDrupal"))
    return (
      <span class="changed" title={reason.message}>
        {systemName(verdict === "toEntra" ? "entra" : "drupal")}:{" "}
        <del>
          <Value value={change.before} />
        </del>{" "}
        <span aria-hidden="true">→</span>{" "}
        <ins>
          <Value value={change.after} />
        </ins>
      </span>
    );
  if (verdict === "equal")
    return (
      <span title={reason.message}>
        <span class="soft">same:</span> <Value value={decision.entraValue ?? drupalValue} />
      </span>
    );
  return (
    <span class={verdict === "conflict" || verdict === "failed" ? `verdict-${verdict}` : "soft"}>
      {reason.message}
    </span>
  );
}

/** The preview of a row. */
export function RowPreview({
  draft,
  saved,
}: {
  readonly draft: Decision | undefined;
  readonly saved: Decision | undefined;
}) {
  const isOther = !areAlike(draft, saved);
  return (
    <div class={isOther ? "row-preview other" : "row-preview"}>
      <p>
        {isOther ? <span class="tag">draft</span> : null}
        <Verdict decision={draft} />
      </p>
      {isOther ? (
        <p class="soft">
          <span class="tag plain">saved</span>
          <Verdict decision={saved} />
        </p>
      ) : null}
    </div>
  );
}
