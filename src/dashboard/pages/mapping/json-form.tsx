// The whole document as JSON, with line numbers: the same draft as the forms show, whatever its text.
import { useMemo, useRef } from "preact/hooks";
import { useMayOperate } from "../../ask/session.tsx";
import { isSame, pretty } from "./json.ts";
import { useMapping } from "./mapping-context.ts";
import { linesOf } from "./parse-fault.ts";
import type { Draft } from "./use-draft.ts";

function goToLine(area: HTMLTextAreaElement | null, line: number): void {
  if (area === null) return;
  const lines = area.value.split("\n");
  const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  area.focus();
  area.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
}

/** The document. */
export function JsonForm({ draft }: { readonly draft: Draft }) {
  const area = useRef<HTMLTextAreaElement>(null);
  const { faults, draft: effective } = useMapping();
  // Also while the text is no JSON, when no form can edit: here is where it is mended.
  const mayEdit = useMayOperate();
  const { text, fault, document } = draft;
  const count = text.split("\n").length;
  const numbers = useMemo(
    () => Array.from({ length: count }, (_, index) => index + 1).join("\n"),
    [count],
  );
  const places = useMemo(
    () => (faults.length > 0 && document !== null ? linesOf(text) : new Map<string, number>()),
    [faults, document, text],
  );
  const told =
    fault !== null
      ? [{ path: "", message: `This is not JSON: ${fault.message}`, line: fault.line }]
      : faults.map((one) => ({ ...one, line: places.get(one.path) ?? null }));
  return (
    <section class="json-form" aria-label="The configuration as JSON">
      <div class="json-tools">
        <p id="json-hint" class="soft">
          Defaults need not be written. The schema is at <code>configuration/schema</code>.
        </p>
        <div class="actions">
          <button
            type="button"
            disabled={document === null || !mayEdit || isSame(document, effective)}
            onClick={() => draft.setText(pretty(effective))}
          >
            Write the defaults out
          </button>
          <button
            type="button"
            disabled={document === null || !mayEdit || text === pretty(document)}
            onClick={() => document !== null && draft.setText(pretty(document))}
          >
            Format
          </button>
        </div>
      </div>
      <div class="json-edit">
        <pre aria-hidden="true">{numbers}</pre>
        <textarea
          ref={area}
          aria-label="Configuration"
          aria-describedby="json-hint json-faults"
          aria-invalid={told.length > 0}
          spellcheck={false}
          wrap="off"
          rows={Math.max(count, 16)}
          readOnly={!mayEdit}
          value={text}
          onInput={(event) => draft.setText(event.currentTarget.value)}
        />
      </div>
      <ul id="json-faults" class="json-faults" aria-live="polite">
        {told.map(({ path, message, line }) => (
          <li key={`${path} ${message}`} class="field-fault">
            {line === null ? null : (
              <button
                type="button"
                class="plain-button"
                onClick={() => goToLine(area.current, line)}
              >
                Line {line}
              </button>
            )}{" "}
            {path === "" ? null : <code>{path}</code>} {message}
          </li>
        ))}
      </ul>
    </section>
  );
}
