// When someone in escrow is tried again by itself.
import { Ago } from "../../parts/time.tsx";

/** `at`: ISO 8601; null: never by itself. */
export function NextTry({ at }: { readonly at: string | null }) {
  if (at === null)
    return (
      <span
        class="nowrap"
        title="After four weeks only an event, a cycle or an operator tries again"
      >
        not by itself
      </span>
    );
  return Date.parse(at) <= Date.now() ? (
    <span class="nowrap" title={at}>
      due now
    </span>
  ) : (
    <Ago at={at} />
  );
}
