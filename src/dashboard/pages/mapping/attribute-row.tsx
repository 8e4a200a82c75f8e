// One row of the attribute mapping: its ends, its way, what it does to the user at hand, and its settings when asked for.
import { useId } from "preact/hooks";
import { Badge } from "../../parts/badge.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ItemTools } from "./item-tools.tsx";
import { at, isList, type Json, type JsonObject } from "./json.ts";
import { faultsAt, useMapping } from "./mapping-context.ts";
import { keyOfRow, nameOfRow, savedRowOf } from "./row-edits.ts";
import { RowEnd, RowFlow } from "./row-ends.tsx";
import { decisionAbout, RowPreview } from "./row-preview.tsx";
import { RowSettings, summaryOf } from "./row-settings.tsx";
import type { DryRun } from "./use-dry-run.ts";

const IN_SETTINGS = ["kind", "authority", "apply", "whenEmpty", "default"];

function Preview({
  row,
  rows,
  dryRun,
}: {
  readonly row: JsonObject;
  readonly rows: readonly Json[];
  readonly dryRun: DryRun;
}) {
  const before = at(useMapping().saved, ["attributes"]);
  const { draft, saved } = dryRun;
  if (
    draft === null ||
    draft.explanation === null ||
    draft.explanation.processing.attributes.length === 0
  )
    return <div class="row-preview" />;
  const key = keyOfRow(row);
  const decision = decisionAbout(draft.explanation, key);
  // The row is newer than the answer.
  if (decision === undefined) return <div class="row-preview soft">…</div>;
  // A row that goes another way has another key: what it did is told under the one that it had.
  const was = savedRowOf(row, { saved: isList(before) ? before : [], draft: rows });
  const known = was === undefined ? undefined : decisionAbout(saved?.explanation, keyOfRow(was));
  return <RowPreview draft={decision} saved={known} />;
}

/** The row. */
export function AttributeRow({
  row,
  index,
  rows,
  isOpen,
  news,
  dryRun,
  toggle,
  change,
  put,
}: {
  readonly row: JsonObject;
  readonly index: number;
  readonly rows: readonly Json[];
  readonly isOpen: boolean;
  readonly news: "new" | "changed" | null;
  readonly dryRun: DryRun;
  readonly toggle: () => void;
  readonly change: (row: JsonObject) => void;
  readonly put: (rows: readonly Json[]) => void;
}) {
  const id = useId();
  const { faults, mayEdit } = useMapping();
  const path = ["attributes", index];
  const faultsOf = (name: string) => faultsAt(faults, [...path, name]);
  const hidden = IN_SETTINGS.flatMap((name) => faultsOf(name));
  // What no control of the row can show: a fault of the row itself, or of a name that it should not have.
  const shown = ["flow", "drupal", "entra", "expression", "value", ...IN_SETTINGS].flatMap(
    faultsOf,
  );
  const others = faultsAt(faults, path, { below: true }).filter((fault) => !shown.includes(fault));
  const edited = { row, faultsOf, change };
  return (
    <li
      class={news === null ? "map-row" : `map-row ${news}`}
      aria-label={`Row ${index + 1}: ${nameOfRow(row)}`}
    >
      <fieldset class="bare map-line" disabled={!mayEdit}>
        <legend class="unseen">{nameOfRow(row)}</legend>
        <RowEnd system="drupal" {...edited} />
        <RowFlow {...edited} />
        <RowEnd system="entra" {...edited} />
        <Preview row={row} rows={rows} dryRun={dryRun} />
        <ItemTools list={rows} index={index} what={`row ${index + 1}`} isOrdered put={put} />
      </fieldset>
      <p class="map-more">
        <button
          type="button"
          class="plain-button"
          aria-expanded={isOpen}
          aria-controls={id}
          aria-label={`Settings of row ${index + 1}: ${summaryOf(row)}`}
          onClick={toggle}
        >
          {summaryOf(row)}
          <Icon name="down" />
        </button>
        {news === null ? null : <Badge word={news} tone={news === "new" ? "good" : "warn"} />}
        {!isOpen && hidden.length > 0 ? <span class="field-fault">{hidden.join("; ")}</span> : null}
        {others.length > 0 ? <span class="field-fault">{others.join("; ")}</span> : null}
      </p>
      <div id={id} hidden={!isOpen}>
        {isOpen ? (
          <fieldset class="bare" disabled={!mayEdit}>
            <legend class="unseen">Settings of {nameOfRow(row)}</legend>
            <RowSettings {...edited} />
          </fieldset>
        ) : null}
      </div>
    </li>
  );
}
