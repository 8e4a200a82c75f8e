// Someone else has saved since the draft was begun: what they changed, and the three ways on.

import { confirmed } from "../../parts/confirm.tsx";
import { Icon } from "../../parts/icon.tsx";
import { say } from "../../parts/toast.tsx";
import { focusView } from "./focus-view.ts";
import { isObject, type JsonObject, pretty } from "./json.ts";
import { useMapping } from "./mapping-context.ts";
import { onTopOf } from "./on-top-of.ts";
import { parsedText } from "./parse-fault.ts";
import type { Draft } from "./use-draft.ts";
import { VersionDiff } from "./version-diff.tsx";

/** The note; nothing while the draft is a change of what is saved. */
export function BehindNote({
  saved,
  draft,
}: {
  readonly saved: JsonObject;
  readonly draft: Draft;
}) {
  const { schema } = useMapping();
  if (!draft.isBehind) return null;
  const { document, baseText } = draft;
  const { value: base } = parsedText(baseText);
  const joined =
    document !== null && isObject(base) ? onTopOf(saved, { schema, base, draft: document }) : null;
  const throwAway = async () => {
    const isSure = await confirmed({
      title: "Throw your draft away?",
      text: "What they saved stays. What you changed is gone.",
      does: "Throw it away",
      isDanger: true,
    });
    if (!isSure) return;
    draft.throwAway();
    focusView();
  };
  return (
    <div class="note warn behind" role="alert">
      <Icon name="warn" />
      <div>
        <p>
          <b>Someone else has saved the configuration since you began.</b> Your draft is kept, and
          cannot be saved as it is.
        </p>
        <details>
          <summary>What they changed</summary>
          <VersionDiff before={baseText} after={pretty(saved)} />
        </details>
        {joined === null || joined.both.length === 0 ? null : (
          <p>
            Both of you changed: {joined.both.join(", ")}. There your draft would take the place of
            theirs; everything else of theirs stays.
          </p>
        )}
        <p class="behind-tools">
          <button
            type="button"
            disabled={joined === null}
            onClick={() => {
              if (joined === null) return;
              draft.goOnWith(joined.document);
              focusView();
              say("Your changes stand on their version now. Look at the impact again.");
            }}
          >
            Put my changes on theirs
          </button>
          <button type="button" class="danger" onClick={() => void throwAway()}>
            Throw mine away
          </button>
        </p>
      </div>
    </div>
  );
}
