// The attribute mapping, row by row: edited in place, with what each row does to the user that the draft is tried on.
import { useRef, useState } from "preact/hooks";
import { Icon } from "../../parts/icon.tsx";
import { Empty } from "../../parts/states.tsx";
import { counted } from "../../parts/words.ts";
import { AttributeRow } from "./attribute-row.tsx";
import { at, isList, isObject, type Json } from "./json.ts";
import { faultsAt, useMapping } from "./mapping-context.ts";
import { droppedRows, nameOfRow, newsOf } from "./row-edits.ts";
import type { DryRun } from "./use-dry-run.ts";

const ATTRIBUTES = ["attributes"];
const NEW_ROW = { kind: "direct", drupal: "", entra: "", flow: "drupalToEntra" } as const;

const rowsOf = (document: Json): readonly Json[] => {
  const rows = at(document, ATTRIBUTES);
  return isList(rows) ? rows : [];
};

function Dropped({
  rows,
  restore,
}: {
  readonly rows: readonly Json[];
  readonly restore: (row: Json) => void;
}) {
  const { mayEdit } = useMapping();
  if (rows.length === 0) return null;
  return (
    <div class="dropped">
      <h2>Not mapped any more</h2>
      <ul class="rows">
        {rows.filter(isObject).map((row) => (
          <li key={nameOfRow(row)}>
            <del class="mono">{nameOfRow(row)}</del>{" "}
            <button
              type="button"
              class="plain-button"
              disabled={!mayEdit}
              onClick={() => restore(row)}
            >
              Put it back
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The rows. */
export function AttributeRows({ dryRun }: { readonly dryRun: DryRun }) {
  const { draft, saved, faults, mayEdit, change } = useMapping();
  const [open, setOpen] = useState<number | null>(null);
  const place = useRef<HTMLElement>(null);
  const rows = rowsOf(draft);
  const before = rowsOf(saved);
  const put = (list: readonly Json[]) => {
    setOpen(null);
    change(ATTRIBUTES, list);
  };
  const add = (row: Json) => {
    put([...rows, row]);
    requestAnimationFrame(() => {
      place.current
        ?.querySelector<HTMLElement>(".map-row:last-child .row-end :first-child")
        ?.focus();
    });
  };
  const general = faultsAt(faults, ATTRIBUTES);
  return (
    <section ref={place} aria-label="Rows of the mapping">
      {general.length === 0 ? null : <p class="field-fault">{general.join("; ")}</p>}
      {rows.length === 0 ? (
        <Empty title="No attribute is mapped">
          Accounts are still created, disabled and linked, but their values are left alone.
        </Empty>
      ) : (
        <div class="map-rows">
          <div class="map-head soft" aria-hidden="true">
            <span>Drupal</span>
            <span>Direction</span>
            <span>Entra</span>
            <span>{dryRun.draft === null ? "" : "For this user"}</span>
            <span />
          </div>
          <ol data-items>
            {rows.map((row, index) =>
              isObject(row) ? (
                <AttributeRow
                  key={index}
                  row={row}
                  rows={rows}
                  index={index}
                  isOpen={open === index}
                  news={newsOf(row, before)}
                  dryRun={dryRun}
                  toggle={() => setOpen(open === index ? null : index)}
                  change={(changed) => change([...ATTRIBUTES, index], changed)}
                  put={put}
                />
              ) : null,
            )}
          </ol>
        </div>
      )}
      <p class="map-foot">
        <button type="button" class="item-add" disabled={!mayEdit} onClick={() => add(NEW_ROW)}>
          <Icon name="plus" /> Add a row
        </button>
        <span class="soft">{counted(rows.length, "row")}</span>
      </p>
      <Dropped rows={droppedRows(before, rows)} restore={add} />
    </section>
  );
}
