// The settings of a row that are seldom touched: its kind, and what holds when both sides changed, for whom, and when empty.
import { useId } from "preact/hooks";
import { type Json, type JsonObject, textAt } from "./json.ts";
import { flowOf, kindOf, withKind, withSetting } from "./row-edits.ts";

/** One setting: the words of each choice, and when it matters. The first choice is what holds when nothing is said. */
interface Setting {
  readonly name: string;
  readonly label: string;
  readonly choices: Readonly<Record<string, { readonly short: string; readonly long: string }>>;
  matters(row: JsonObject): boolean;
}

const isComputed = (row: JsonObject): boolean => kindOf(row) !== "direct";

const SETTINGS: readonly Setting[] = [
  {
    name: "authority",
    label: "When both sides changed",
    choices: {
      drupal: { short: "Drupal's value wins", long: "Drupal's value counts" },
      entra: { short: "Entra's value wins", long: "Entra's value counts" },
      newest: { short: "the newest value wins", long: "The newest value counts" },
      manual: { short: "an operator decides", long: "An operator decides" },
    },
    // A one-way row knows whose value counts.
    matters: (row) => flowOf(row) === "both",
  },
  {
    name: "apply",
    label: "Applies",
    choices: {
      always: { short: "always", long: "Always" },
      create: { short: "on create only", long: "Only when an account is created" },
      ownAccounts: { short: "own accounts only", long: "Only to accounts that the sync made" },
    },
    matters: (row) => flowOf(row) !== "both",
  },
  {
    name: "whenEmpty",
    label: "When the source is empty",
    choices: {
      keep: { short: "empty keeps", long: "Keep the target's value" },
      clear: { short: "empty clears", long: "Clear the target's value" },
    },
    matters: (row) => kindOf(row) !== "constant",
  },
];

const KINDS = { direct: "Direct", constant: "Constant", expression: "Expression" } as const;

/** The settings in one line. */
export function summaryOf(row: JsonObject): string {
  const said = SETTINGS.filter(({ matters }) => matters(row)).flatMap(({ name, choices }) => {
    const first = Object.keys(choices)[0] ?? "";
    return choices[textAt(row, name) || first]?.short ?? [];
  });
  const usual = textAt(row, "default");
  return [KINDS[kindOf(row)], ...said, ...(usual === "" ? [] : [`default “${usual}”`])].join(" · ");
}

/** The settings, to be changed. */
export function RowSettings({
  row,
  faultsOf,
  change,
}: {
  readonly row: JsonObject;
  readonly faultsOf: (name: string) => readonly string[];
  readonly change: (row: JsonObject) => void;
}) {
  const id = useId();
  const set = (name: string, value: Json | undefined) => change(withSetting(row, name, value));
  const faults = (name: string) =>
    faultsOf(name).map((fault) => (
      <span key={fault} class="field-fault">
        {fault}
      </span>
    ));
  return (
    <div class="row-settings">
      <label class="field">
        <span>Kind</span>
        <select
          value={kindOf(row)}
          onChange={({ currentTarget: { value } }) => {
            const kind = value === "constant" || value === "expression" ? value : "direct";
            change(withKind(row, kind));
          }}
        >
          <option value="direct">Direct: the value itself</option>
          <option value="constant">Constant: always the same</option>
          <option value="expression">Expression: computed (CEL)</option>
        </select>
        {faults("kind")}
      </label>
      {SETTINGS.filter(({ matters }) => matters(row)).map(({ name, label, choices }) => (
        <label class="field" key={name}>
          <span>{label}</span>
          <select
            value={textAt(row, name) || Object.keys(choices)[0]}
            aria-invalid={faultsOf(name).length > 0}
            onChange={(event) => set(name, event.currentTarget.value)}
          >
            {Object.entries(choices).map(([value, { long }]) => (
              <option key={value} value={value}>
                {long}
              </option>
            ))}
          </select>
          {faults(name)}
        </label>
      ))}
      {flowOf(row) === "both" || isComputed(row) ? null : (
        <label class="field">
          <span>Default, when the source is empty</span>
          <input
            value={textAt(row, "default")}
            aria-invalid={faultsOf("default").length > 0}
            aria-describedby={`${id}-default`}
            onInput={({ currentTarget: { value } }) =>
              set("default", value === "" ? undefined : value)
            }
          />
          <small id={`${id}-default`}>Nothing: no default.</small>
          {faults("default")}
        </label>
      )}
    </div>
  );
}
