// The two ends of a row, side by side as the systems are, with the way between them. A computed row shows its text at its source.
import { useId } from "preact/hooks";
import { type JsonObject, textAt } from "./json.ts";
import { endsOf, flowOf, kindOf, withFlow, withSetting } from "./row-edits.ts";

interface Edited {
  readonly row: JsonObject;
  readonly faultsOf: (name: string) => readonly string[];
  readonly change: (row: JsonObject) => void;
}

const SYSTEMS = {
  drupal: { label: "Drupal field", list: "drupal-names" },
  entra: { label: "Entra property", list: "entra-names" },
} as const;

const COMPUTED = {
  expression: { name: "expression", label: "Expression (CEL)" },
  constant: { name: "value", label: "Constant value" },
} as const;

/** One end: a name, or what is computed in its place. */
export function RowEnd({
  system,
  row,
  faultsOf,
  change,
}: Edited & { readonly system: "drupal" | "entra" }) {
  const id = useId();
  const kind = kindOf(row);
  const isText = kind !== "direct" && endsOf(row).source === system;
  const { name, label } = isText ? COMPUTED[kind] : { name: system, ...SYSTEMS[system] };
  const faults = faultsOf(name);
  const shared = {
    "aria-label": label,
    "aria-invalid": faults.length > 0,
    "aria-describedby": faults.length > 0 ? id : undefined,
    spellcheck: false,
    value: textAt(row, name),
  };
  const set = (value: string) => change(withSetting(row, name, value));
  return (
    <div class="row-end" data-is={system === "drupal" ? "Drupal" : "Entra"}>
      {isText && kind === "expression" ? (
        <textarea {...shared} rows={2} onInput={(event) => set(event.currentTarget.value)} />
      ) : (
        <input
          {...shared}
          class={isText ? undefined : "mono"}
          autocomplete="off"
          list={isText ? undefined : SYSTEMS[system].list}
          onInput={(event) => set(event.currentTarget.value)}
        />
      )}
      {faults.length === 0 ? null : (
        <p id={id} class="field-fault">
          {faults.join("; ")}
        </p>
      )}
    </div>
  );
}

/** The way of a row. */
export function RowFlow({ row, faultsOf, change }: Edited) {
  const id = useId();
  const faults = faultsOf("flow");
  const isBothOpen = kindOf(row) === "direct";
  return (
    <div class="row-flow">
      <select
        aria-label="Direction"
        aria-invalid={faults.length > 0}
        aria-describedby={faults.length > 0 ? id : undefined}
        value={flowOf(row)}
        onChange={({ currentTarget: { value } }) => {
          const flow = value === "both" || value === "entraToDrupal" ? value : "drupalToEntra";
          change(withFlow(row, flow));
        }}
      >
        <option value="drupalToEntra">→ to Entra</option>
        <option value="entraToDrupal">← to Drupal</option>
        {isBothOpen || flowOf(row) === "both" ? <option value="both">⇄ both ways</option> : null}
      </select>
      {faults.length === 0 ? null : (
        <p id={id} class="field-fault">
          {faults.join("; ")}
        </p>
      )}
    </div>
  );
}
