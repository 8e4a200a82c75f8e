// A list as a text with one entry on each line: the line that is being begun is the person's, and not yet the list's.
import { useEffect, useState } from "preact/hooks";
import { isList, isSame, type Json } from "./json.ts";

const listOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

const textOf = (value: Json | undefined): string => (isList(value) ? value.join("\n") : "");

/** The text; `attributes` go to the control as they are. */
export function LinesInput({
  value,
  set,
  attributes,
}: {
  readonly value: Json | undefined;
  readonly set: (list: readonly string[]) => void;
  readonly attributes: Readonly<Record<string, string | boolean | undefined>>;
}) {
  const [text, setText] = useState(() => textOf(value));
  // Another view, or a removed neighbour, may have changed the list meanwhile.
  useEffect(() => {
    if (!isSame(listOf(text), value ?? [])) setText(textOf(value));
  }, [value]);
  return (
    <textarea
      {...attributes}
      rows={Math.min(8, Math.max(2, text.split("\n").length))}
      spellcheck={false}
      value={text}
      onInput={({ currentTarget: { value: typed } }) => {
        setText(typed);
        set(listOf(typed));
      }}
    />
  );
}
