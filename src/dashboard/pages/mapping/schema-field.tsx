// One place of the configuration as a form's control: which control, and its hint, follow from the schema.
import { useId } from "preact/hooks";
import { choiceWord } from "./choice-words.ts";
import type { Json, Path } from "./json.ts";
import { LinesInput } from "./lines-input.tsx";
import { type Place, useField } from "./mapping-context.ts";
import { choicesOf, type Schema, variantsOf, wordsOf } from "./schema.ts";

type Kind = "switch" | "choice" | "number" | "lines" | "text";

const typesOf = (schema: Schema | undefined): readonly (Json | undefined)[] =>
  schema === undefined ? [] : variantsOf(schema).map(({ type }) => type);

function kindOf(schema: Schema | undefined): Kind {
  if (schema !== undefined && choicesOf(schema).length > 0) return "choice";
  const types = typesOf(schema);
  if (types.includes("boolean")) return "switch";
  if (types.includes("array")) return "lines";
  return types.includes("integer") || types.includes("number") ? "number" : "text";
}

function entered(text: string, place: Place, kind: Kind): Json {
  const isNullable = typesOf(place.schema).includes("null");
  if (isNullable && text.trim() === "") return null;
  if (kind === "choice")
    return choicesOf(place.schema ?? {}).find((choice) => String(choice) === text) ?? text;
  // What is no number stays text: the app says so at this place.
  return kind === "number" && text.trim() !== "" && !Number.isNaN(Number(text))
    ? Number(text)
    : text;
}

interface ControlProps {
  readonly id: string;
  readonly place: Place;
  readonly kind: Kind;
  readonly words: string;
  readonly isMono: boolean;
  readonly attributes: Readonly<Record<string, string | boolean | undefined>>;
}

function Control({ id, place, kind, words, isMono, attributes }: ControlProps) {
  const { schema, value, set } = place;
  const enter = (event: { readonly currentTarget: { readonly value: string } }) =>
    set(entered(event.currentTarget.value, place, kind));
  const shared = { id, ...attributes };
  if (kind === "choice")
    return (
      <select {...shared} value={String(value)} onChange={enter}>
        {choicesOf(schema ?? {}).map((choice) => (
          <option key={choice} value={choice}>
            {choiceWord(words, choice)}
          </option>
        ))}
      </select>
    );
  if (kind === "lines") return <LinesInput value={value} set={set} attributes={shared} />;
  const text = value === null || value === undefined ? "" : String(value);
  return (
    <input
      {...shared}
      class={isMono ? "mono" : undefined}
      inputMode={kind === "number" ? "decimal" : undefined}
      autocomplete="off"
      spellcheck={false}
      value={text}
      onInput={enter}
    />
  );
}

/** The control of a place, with its label, hint and faults. `unseen`: a table's headings label it already. */
export function SchemaField({
  path,
  label,
  hint,
  words = path.join("."),
  isMono = false,
  isLabelUnseen = false,
}: {
  readonly path: Path;
  readonly label: string;
  readonly hint?: string | null;
  readonly words?: string;
  readonly isMono?: boolean;
  readonly isLabelUnseen?: boolean;
}) {
  const id = useId();
  const place = useField(path);
  const kind = kindOf(place.schema);
  const said = hint === undefined ? wordsOf(place.schema) : hint;
  const attributes = {
    "aria-invalid": place.faults.length > 0,
    "aria-describedby": `${id}-more`,
  };
  const more = (
    <span id={`${id}-more`} class="field-more">
      {said === null || said === undefined ? null : (
        <small>
          {said}
          {kind === "lines" ? " One on each line." : ""}
        </small>
      )}
      {place.faults.map((fault) => (
        <span key={fault} class="field-fault">
          {fault}
        </span>
      ))}
    </span>
  );
  const changed = place.isChanged ? "edited" : "";
  if (kind === "switch")
    return (
      <div class={`switch ${changed}`}>
        <input
          id={id}
          type="checkbox"
          {...attributes}
          checked={place.value === true}
          onChange={(event) => place.set(event.currentTarget.checked)}
        />
        <div>
          <label for={id}>{label}</label>
          {more}
        </div>
      </div>
    );
  return (
    <div class={`field ${changed}`}>
      <label for={id} class={isLabelUnseen ? "unseen" : "field-label"}>
        {label}
      </label>
      <Control
        id={id}
        place={place}
        kind={kind}
        words={words}
        isMono={isMono}
        attributes={attributes}
      />
      {more}
    </div>
  );
}
