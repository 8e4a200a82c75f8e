// Two documents line by line: what is gone, what is new, and a little of what is around it.
import { useMemo } from "preact/hooks";
import { counted } from "../../parts/words.ts";
import { aroundChanges, diffOf } from "./line-diff.ts";

const SIGNS = { same: " ", gone: "−", new: "+" } as const;
const SPOKEN = { same: "", gone: "taken away: ", new: "added: " } as const;

/** The difference; `before` and `after` are texts. */
export function VersionDiff({
  before,
  after,
}: {
  readonly before: string;
  readonly after: string;
}) {
  const shown = useMemo(() => aroundChanges(diffOf(before, after)), [before, after]);
  if (!shown.some(({ kind }) => kind === "gone" || kind === "new"))
    return <p class="soft">Nothing differs.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard (WCAG 2.1.1)
    <section class="diff" aria-label="Differences" tabIndex={0}>
      {shown.map((line, index) =>
        line.kind === "skipped" ? (
          <div key={index} class="diff-skipped">
            {counted(line.lines, "line")} alike
          </div>
        ) : (
          <div key={index} class={`diff-line ${line.kind}`}>
            <span aria-hidden="true">{SIGNS[line.kind]}</span>
            <span>
              {SPOKEN[line.kind] === "" ? null : <span class="unseen">{SPOKEN[line.kind]}</span>}
              {line.text}
            </span>
          </div>
        ),
      )}
    </section>
  );
}
