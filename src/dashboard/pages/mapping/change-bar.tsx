// What is not saved yet, and what can be done about it: throw it away, look at its impact, save it.
import { useState } from "preact/hooks";
import { Refusal } from "../../ask/ask.ts";
import { confirmed } from "../../parts/confirm.tsx";
import { OrderButton } from "../../parts/order-button.tsx";
import { say } from "../../parts/toast.tsx";
import { changedParts } from "./draft-changes.ts";
import { focusView } from "./focus-view.ts";
import { ImpactNote, isSeen } from "./impact-note.tsx";
import type { JsonObject } from "./json.ts";
import type { Fault } from "./mapping-context.ts";
import { saveDraft } from "./save-draft.ts";
import type { Draft } from "./use-draft.ts";
import { faultsOf, useImpact } from "./use-impact.ts";

const BEHIND =
  "Someone else has saved the configuration since you began. Your draft is kept; see above what they changed.";

function saidOf(draft: Draft, before: JsonObject, after: JsonObject): string {
  if (draft.document === null) return "the JSON cannot be read yet";
  const parts = changedParts(before, after);
  return parts.length === 0 ? "other words for the same" : parts.join(", ");
}

/** The bar; nothing while there is nothing to save. `before` and `after` are complete with their defaults. */
export function ChangeBar({
  draft,
  before,
  after,
  hasFaults,
  refresh,
  tellFaults,
}: {
  readonly draft: Draft;
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly hasFaults: boolean;
  readonly refresh: () => Promise<void>;
  readonly tellFaults: (faults: readonly Fault[]) => void;
}) {
  const { preview, look, forget } = useImpact(draft.base);
  const [isNoteShown, showNote] = useState(true);
  const { document, text, isDirty, isBehind, base } = draft;
  if (!isDirty) return null;
  const isOff = document === null || isBehind || hasFaults;
  const tellBehind = async () => {
    forget();
    await refresh();
    say(BEHIND, { isBad: true });
  };
  const lookNow = async () => {
    showNote(true);
    if (document === null) return null;
    const refusal = await look(text, document);
    tellFaults(faultsOf(refusal));
    if (refusal?.status === 412) await tellBehind();
    return null;
  };
  const save = async () => {
    if (document === null) return null;
    try {
      const isSaved = await saveDraft(
        document,
        base,
        isSeen(preview, text) ? preview.impact : null,
      );
      if (!isSaved) return null;
    } catch (error) {
      const refusal = error instanceof Refusal ? error : null;
      tellFaults(faultsOf(refusal));
      if (refusal?.status !== 412) throw error;
      await tellBehind();
      return null;
    }
    await refresh();
    forget();
    draft.throwAway();
    focusView();
    return "Saved. From now on users are decided by it.";
  };
  const throwAway = async () => {
    const isSure = await confirmed({
      title: "Throw the draft away?",
      text: `Not saved yet: ${saidOf(draft, before, after)}.`,
      does: "Throw it away",
      isDanger: true,
    });
    if (!isSure) return;
    forget();
    draft.throwAway();
    focusView();
  };
  const isTold = preview.isBusy || preview.impact !== null || preview.refusal !== null;
  return (
    <section class="change-bar" aria-label="Unsaved changes">
      {isTold && isNoteShown ? (
        <div class="change-impact">
          <ImpactNote preview={preview} text={text} retry={lookNow} />
          <button type="button" class="plain-button" onClick={() => showNote(false)}>
            Hide
          </button>
        </div>
      ) : null}
      <div class="change-line">
        <p>
          <b>Unsaved changes:</b> {saidOf(draft, before, after)}
        </p>
        <div class="actions">
          <button type="button" onClick={() => void throwAway()}>
            Throw away
          </button>
          <OrderButton order={lookNow} isOff={isOff}>
            Preview impact
          </OrderButton>
          <OrderButton order={save} tone="primary" isOff={isOff}>
            Save
          </OrderButton>
        </div>
      </div>
    </section>
  );
}
