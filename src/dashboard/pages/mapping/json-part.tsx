// A part of the configuration that is edited as JSON: taken over whenever it can be read, and told what is wrong when not.
import { useEffect, useId, useState } from "preact/hooks";
import { isSame, type Path, pretty } from "./json.ts";
import { faultsAt, useField, useMapping } from "./mapping-context.ts";
import { parsedText } from "./parse-fault.ts";
import { filled, wordsOf } from "./schema.ts";

/** The part at a path. */
export function JsonPart({ path, label }: { readonly path: Path; readonly label: string }) {
  const id = useId();
  const { faults } = useMapping();
  const { value, schema, isChanged, set } = useField(path);
  const [text, setText] = useState(() => pretty(value ?? {}));
  const { value: read, fault } = parsedText(text);
  // Another view may have changed the part meanwhile; a text that says the same is left as it was typed.
  useEffect(() => {
    const said = schema === undefined ? read : filled(schema, read);
    if (fault === null && !isSame(said, value ?? {})) setText(pretty(value ?? {}));
  }, [value]);
  const said = faultsAt(faults, path, { below: true });
  return (
    <div class={isChanged ? "field edited" : "field"}>
      <label for={id} class="field-label">
        {label}
      </label>
      <textarea
        id={id}
        spellcheck={false}
        rows={Math.min(14, Math.max(3, text.split("\n").length))}
        aria-invalid={fault !== null || said.length > 0}
        aria-describedby={`${id}-more`}
        value={text}
        onInput={({ currentTarget: { value: typed } }) => {
          setText(typed);
          const parsed = parsedText(typed);
          if (parsed.fault === null) set(parsed.value);
        }}
      />
      <span id={`${id}-more`} class="field-more">
        <small>{wordsOf(schema)}</small>
        {fault === null ? null : (
          <span class="field-fault">
            Not JSON yet{fault.line === null ? "" : `, line ${fault.line}`}: {fault.message}
          </span>
        )}
        {said.map((one) => (
          <span key={one} class="field-fault">
            {one}
          </span>
        ))}
      </span>
    </div>
  );
}
