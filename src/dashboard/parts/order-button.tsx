// A button that orders something of the app: closed for readers, busy while it runs, and honest about how it went.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Refusal } from "../ask/ask.ts";
import { useMayOperate } from "../ask/session.tsx";
import { say } from "./toast.tsx";

/** A refusal with all of its faults, in one line. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Refusal)) return "That did not work.";
  const faults = error.faults.map(({ path, message }) =>
    path === "" ? message : `${path}: ${message}`,
  );
  return [error.message, ...faults].join(" ");
}

/** A button for an operator. `order` answers what to say, or null to say nothing; what it throws is said as it is. */
export function OrderButton({
  order,
  tone = "plain",
  isOff = false,
  children,
}: {
  readonly order: () => Promise<string | null>;
  readonly tone?: "plain" | "primary" | "danger";
  readonly isOff?: boolean;
  readonly children: ComponentChildren;
}) {
  const mayOperate = useMayOperate();
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    if (isBusy) return;
    setBusy(true);
    try {
      const told = await order();
      if (told !== null) say(told);
    } catch (error) {
      say(wordsOf(error), { isBad: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <button
      type="button"
      class={tone === "plain" ? undefined : tone}
      // Not disabled while it runs: the browser would take the focus away (HTML: focus fixup).
      disabled={!mayOperate || isOff}
      // The head of the page says in one visible sentence why (page.tsx).
      data-is-closed={!mayOperate || undefined}
      aria-disabled={isBusy || undefined}
      aria-busy={isBusy}
      title={mayOperate ? undefined : "Needs the app role Sync.Operate"}
      onClick={() => void run()}
    >
      {children}
    </button>
  );
}
