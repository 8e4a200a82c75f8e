// Values of attributes as people read them, and what became of one: before, and after.
import type { AttributeValue } from "../../rules/users.ts";

/** The value in one line of text; null where there is none. */
export function textOf(value: AttributeValue | undefined): string | null {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? value.join(", ") || null : String(value);
}

/** A value; an empty one is said, not left blank. */
export function Value({ value }: { readonly value: AttributeValue | undefined }) {
  const text = textOf(value);
  return text === null ? <span class="none">empty</span> : <span class="value">{text}</span>;
}

/** What was, and what is. */
export function Changed({
  before,
  after,
}: {
  readonly before: AttributeValue;
  readonly after: AttributeValue;
}) {
  return (
    <span class="changed">
      <del>
        <Value value={before} />
      </del>{" "}
      <span aria-hidden="true">→</span>{" "}
      <ins>
        <Value value={after} />
      </ins>
    </span>
  );
}
