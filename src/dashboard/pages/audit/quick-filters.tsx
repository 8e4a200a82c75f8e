// The questions that are asked most of the audit log, each at one press.
import { Icon } from "../../parts/icon.tsx";
import { setQuery } from "../../route.ts";
import { AUDIT_FILTERS, type AuditFilter, type AuditQuery, startOfDay } from "./audit-query.ts";

interface Question {
  readonly name: string;
  readonly asks: AuditQuery;
}

const questions = (now: Date): readonly Question[] => [
  { name: "Failures", asks: { status: "failure" } },
  { name: "Warnings", asks: { status: "warning" } },
  { name: "Skipped", asks: { status: "skipped" } },
  { name: "Today", asks: { from: startOfDay(now) } },
  { name: "Disables", asks: { operation: "disable" } },
  { name: "Deletes", asks: { operation: "delete" } },
  { name: "Roles", asks: { resourceType: "role" } },
  { name: "By operators", asks: { cause: "onDemand" } },
  { name: "Configuration", asks: { resourceType: "configuration" } },
];

const namesOf = (asks: AuditQuery): AuditFilter[] => AUDIT_FILTERS.filter((name) => name in asks);

/** The row of questions. */
export function QuickFilters({ filter }: { readonly filter: AuditQuery }) {
  return (
    <ul class="chips" aria-label="Quick filters">
      {questions(new Date()).map(({ name, asks }) => {
        const isOn = namesOf(asks).every((one) => filter[one] === asks[one]);
        const changes = isOn
          ? Object.fromEntries(namesOf(asks).map((one) => [one, null]))
          : { ...asks };
        return (
          <li key={name}>
            <button
              type="button"
              class="chip"
              aria-pressed={isOn}
              onClick={() => setQuery(changes)}
            >
              {isOn ? <Icon name="check" /> : null}
              {name}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
