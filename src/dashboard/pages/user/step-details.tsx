// What each of the five steps rests on: who was read, which clause of the scope, since when linked, how the rows went, the writes.
import type { Explanation } from "../../ask/contract.ts";
import { Badge } from "../../parts/badge.tsx";
import { Ago, Time } from "../../parts/time.tsx";
import { Told } from "../../parts/told.tsx";
import { Changed } from "../../parts/value.tsx";
import { counted, directionName, sentenceOf } from "../../parts/words.ts";
import { type Write, writeText } from "./write-text.ts";

type Part<Name extends keyof Explanation> = { readonly detail: Explanation[Name] };

/** Who was read. */
export function ImportDetail({ detail }: Part<"import">) {
  const { drupal, entra } = detail;
  return (
    <ul class="facts">
      <li>
        <b>Drupal</b>{" "}
        {drupal === null ? (
          "no account"
        ) : (
          <>
            {drupal.name}, changed <Ago at={drupal.changedAt} />
          </>
        )}
      </li>
      <li>
        <b>Entra</b> {entra === null ? "no account" : entra.userPrincipalName}
      </li>
    </ul>
  );
}

/** Each direction, and the clause that decided. */
export function ScopingDetail({ detail }: Part<"scoping">) {
  const directions = ["drupalToEntra", "entraToDrupal"] as const;
  return (
    <ul class="facts">
      {directions.map((direction) => {
        const { isOn, inScope, message } = detail.directions[direction];
        const word = !isOn
          ? "switched off"
          : inScope === null
            ? "not asked"
            : inScope
              ? "in scope"
              : "out of scope";
        return (
          <li key={direction}>
            <b>{directionName(direction)}</b> {word}
            {isOn && message !== undefined ? `: ${message}` : ""}
          </li>
        );
      })}
    </ul>
  );
}

/** Since when, and whose accounts they are. */
export function MatchingDetail({ detail }: Part<"matching">) {
  const { linkedAt, madeByUs, blocks } = detail;
  const made = [madeByUs.drupal ? "Drupal" : null, madeByUs.entra ? "Entra" : null].filter(
    (name) => name !== null,
  );
  const blocked = [
    blocks.drupal === "ours" ? "Drupal" : null,
    blocks.entra === "ours" ? "Entra" : null,
  ].filter((name) => name !== null);
  return (
    <ul class="facts">
      {linkedAt === null ? null : (
        <li>
          Linked since <Time at={linkedAt} />
        </li>
      )}
      {made.length === 0 ? null : <li>The sync made the account in {made.join(" and in ")}</li>}
      {blocked.length === 0 ? null : <li>The sync holds a block in {blocked.join(" and in ")}</li>}
    </ul>
  );
}

const WORDS: Readonly<Record<string, string>> = {
  equal: "equal",
  toEntra: "to Entra",
  toDrupal: "to Drupal",
  kept: "kept",
  conflict: "in conflict",
  failed: "cannot be written",
  unreadable: "not readable",
  off: "left alone",
};

/** How many rows came to what, and whose values cannot be written. */
export function ProcessingDetail({ detail }: Part<"processing">) {
  const counts = Map.groupBy(detail.attributes, ({ verdict }) => verdict);
  return (
    <ul class="facts">
      {counts.size === 0 ? null : (
        <li>
          {counted(detail.attributes.length, "row")}:{" "}
          {[...counts].map(([verdict, rows]) => `${rows.length} ${WORDS[verdict]}`).join(", ")}
        </li>
      )}
      {detail.failures.map(({ attribute, code, message }) => (
        <li key={`${attribute} ${code}`}>
          <span class="mono">{attribute}</span> <Told message={message} />
        </li>
      ))}
    </ul>
  );
}

/** One write with the values that it changes. */
function WriteDetail({ write, isDone }: { readonly write: Write; readonly isDone: boolean }) {
  const isPlanned = write.status === "planned";
  const isMissing = write.status === "failure" || write.status === "skipped";
  const how = isPlanned || !isDone ? "planned" : isMissing ? "failed" : "done";
  return (
    <li class="write">
      <p>
        {isPlanned ? null : <Badge word={write.status} />} {writeText(write, how)}
        {isPlanned || write.status === "success" ? "" : `: ${sentenceOf(write.reason.message)}`}
      </p>
      {write.changes.length === 0 ? null : (
        <ul class="changes">
          {write.changes.map(({ attribute, before, after }) => (
            <li key={attribute}>
              <span class="mono">{attribute}</span> <Changed before={before} after={after} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** The writes, planned or made. */
export function ExportDetail({ detail, isDone }: Part<"export"> & { readonly isDone: boolean }) {
  if (detail.steps.length === 0) return null;
  return (
    <ol class="writes">
      {detail.steps.map((write, index) => (
        <WriteDetail key={index} write={write} isDone={isDone} />
      ))}
    </ol>
  );
}
