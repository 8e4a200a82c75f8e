// All filters of the audit log. What is chosen goes to the address bar, and from there to the app.
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Icon } from "../../parts/icon.tsx";
import { causeName, directionName, systemName } from "../../parts/words.ts";
import { hrefOf, setQuery } from "../../route.ts";
import {
  AUDIT_FILTERS,
  type AuditFilter,
  type AuditQuery,
  isId,
  isoOf,
  localOf,
} from "./audit-query.ts";
import { OPERATIONS, RESOURCES } from "./entry-words.ts";

type Options = readonly (readonly [value: string, text: string])[];

const CHOICES: readonly {
  readonly name: AuditFilter;
  readonly label: string;
  readonly options: Options;
}[] = [
  { name: "operation", label: "Operation", options: Object.entries(OPERATIONS) },
  { name: "resourceType", label: "Of what", options: Object.entries(RESOURCES) },
  {
    name: "status",
    label: "Status",
    options: ["success", "failure", "warning", "skipped"].map((one) => [one, one]),
  },
  {
    name: "system",
    label: "Written system",
    options: (["drupal", "entra"] as const).map((one) => [one, systemName(one)]),
  },
  {
    name: "direction",
    label: "Direction",
    options: (["drupalToEntra", "entraToDrupal"] as const).map((one) => [one, directionName(one)]),
  },
  {
    name: "cause",
    label: "Cause",
    options: ["webhook", "notification", "cycle", "onDemand", "replay", "approval"].map((one) => [
      one,
      causeName(one),
    ]),
  },
];

function Choice({
  name,
  label,
  options,
  value,
}: (typeof CHOICES)[number] & { readonly value: string }) {
  return (
    <label class="field">
      <span>{label}</span>
      <select
        value={value}
        onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value })}
      >
        <option value="">Any</option>
        {options.map(([one, text]) => (
          <option key={one} value={one} selected={one === value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function IdField({
  name,
  label,
  value,
  hint,
}: {
  readonly name: AuditFilter;
  readonly label: string;
  readonly value: string;
  readonly hint: string;
}) {
  const [draft, setDraft] = useState<string | null>(null);
  const hintId = useId();
  const text = draft ?? value;
  const isWrong = text !== "" && !isId(text);
  const take = (typed: string) => {
    const isWhole = typed === "" || isId(typed);
    setDraft(isWhole ? null : typed);
    if (isWhole) setQuery({ [name]: typed });
  };
  return (
    <div class="field wide">
      <label for={`filter-${name}`}>{label}</label>
      <input
        id={`filter-${name}`}
        type="search"
        class="mono"
        autocomplete="off"
        spellcheck={false}
        placeholder="00000000-0000-0000-0000-000000000000"
        value={text}
        aria-invalid={isWrong}
        aria-describedby={hintId}
        onInput={({ currentTarget }) => take(currentTarget.value.trim())}
      />
      <small id={hintId} class={isWrong ? "field-fault" : undefined}>
        {name === "user" ? (
          <>
            {hint} <a href={hrefOf("/users")}>Find by name</a>
          </>
        ) : (
          hint
        )}
      </small>
    </div>
  );
}

function MomentField({
  name,
  label,
  value,
}: {
  readonly name: AuditFilter;
  readonly label: string;
  readonly value: string | undefined;
}) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="datetime-local"
        value={localOf(value)}
        onChange={({ currentTarget }) => {
          const { value: typed } = currentTarget;
          const iso = isoOf(typed);
          if (typed === "" || iso !== null) setQuery({ [name]: iso });
        }}
      />
    </label>
  );
}

/** Takes all filters away. */
export const clearFilters = (): void =>
  setQuery(Object.fromEntries(AUDIT_FILTERS.map((name) => [name, null])));

/** The filters behind a button that tells how many are set: open where there is room for them. */
export function Filters({
  filter,
  children,
}: {
  readonly filter: AuditQuery;
  /** Stands in the bar, before the button. */
  readonly children: ComponentChildren;
}) {
  const [isOpen, setOpen] = useState(() => matchMedia("(min-width: 60rem)").matches);
  const set = Object.keys(filter).length;
  return (
    <div class="audit-filters">
      <div class="filter-bar">
        {children}
        <div class="filter-buttons">
          <button
            type="button"
            aria-expanded={isOpen}
            aria-controls="audit-filters"
            onClick={() => setOpen(!isOpen)}
          >
            Filters{set === 0 ? "" : ` (${set})`}
            <span class={isOpen ? "turn turned" : "turn"}>
              <Icon name="down" />
            </span>
          </button>
          {set === 0 ? null : (
            <button type="button" class="plain-button" onClick={clearFilters}>
              Clear
            </button>
          )}
        </div>
      </div>
      <div id="audit-filters" hidden={!isOpen}>
        <div class="filters">
          {CHOICES.map((choice) => (
            <Choice key={choice.name} {...choice} value={filter[choice.name] ?? ""} />
          ))}
        </div>
        <div class="filters keys">
          <MomentField name="from" label="From" value={filter.from} />
          <MomentField name="to" label="To" value={filter.to} />
          <IdField
            name="user"
            label="User"
            value={filter.user ?? ""}
            hint="Drupal UUID or Entra object id."
          />
          <IdField
            name="cycle"
            label="Cycle"
            value={filter.cycle ?? ""}
            hint="The id of a cycle."
          />
        </div>
      </div>
    </div>
  );
}
