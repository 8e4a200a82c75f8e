// What stands where data will stand: on its way, not there, or refused, each with what to do about it.
import type { ComponentChildren } from "preact";
import type { Refusal } from "../ask/ask.ts";
import { useContact } from "../ask/contact.ts";
import { Icon } from "./icon.tsx";

/** Lines that hold the place of what is being read. */
export function Loading({ lines = 4 }: { readonly lines?: number }) {
  return (
    <div class="loading" role="status">
      <span class="unseen">Reading …</span>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} class="bone" />
      ))}
    </div>
  );
}

/** There is nothing, and that is all right; `children` says what it means, or what comes next. */
export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children === undefined ? null : <p>{children}</p>}
    </div>
  );
}

/** Why something was refused, in words, with its code and every fault. */
export function RefusalNote({
  refusal,
  retry,
  isBeside = false,
}: {
  readonly refusal: Refusal;
  /** What was known before is still shown: that the app is away is said once then, at the head of the page. */
  readonly isBeside?: boolean;
  readonly retry?: (() => unknown) | undefined;
}) {
  const { isLost } = useContact();
  if (isBeside && isLost && refusal.code === "noAnswer") return null;
  return (
    <div class="note bad" role="alert">
      <Icon name="warn" />
      <div>
        <p>
          {refusal.message} <code class="code">{refusal.code}</code>
        </p>
        {refusal.faults.length === 0 ? null : (
          <ul>
            {refusal.faults.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                {path === "" ? null : <code>{path}</code>} {message}
              </li>
            ))}
          </ul>
        )}
        {retry === undefined ? null : (
          <p>
            <button type="button" onClick={() => void retry()}>
              Try again
            </button>
          </p>
        )}
      </div>
    </div>
  );
}
