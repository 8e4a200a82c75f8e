// The thresholds: by count and by share, whichever is smaller; or none.
import { useId } from "preact/hooks";
import { useField } from "./mapping-context.ts";
import { SchemaField } from "./schema-field.tsx";

const LIMITS = [
  { name: "disables", label: "Disabled" },
  { name: "deletes", label: "Deleted" },
  { name: "roleRemovals", label: "Lose a role" },
] as const;

function Limit({ name, label }: (typeof LIMITS)[number]) {
  const id = useId();
  const { value, isChanged, set } = useField(["thresholds", name]);
  const isNone = value === null;
  return (
    <tr class={isChanged ? "edited" : undefined}>
      <th scope="row">{label}</th>
      {(["users", "percent"] as const).map((unit) => (
        <td key={unit} data-is={unit === "users" ? "Users" : "% of the linked"}>
          {isNone ? (
            <span class="soft">no limit</span>
          ) : (
            <SchemaField
              path={["thresholds", name, unit]}
              label={`${label}: ${unit === "users" ? "users" : "percent of the linked users"}`}
              hint={null}
              isLabelUnseen
            />
          )}
        </td>
      ))}
      <td data-is="Limit">
        <span class="switch">
          <input
            id={id}
            type="checkbox"
            checked={isNone}
            onChange={(event) => set(event.currentTarget.checked ? null : {})}
          />
          <label for={id}>
            No limit<span class="unseen">: {label}</span>
          </label>
        </span>
      </td>
    </tr>
  );
}

/** The table. */
export function ThresholdTable() {
  return (
    <table class="folds form-table">
      <thead>
        <tr>
          <th scope="col">In one cycle</th>
          <th scope="col">At most, users</th>
          <th scope="col">At most, % of the linked</th>
          <th scope="col">
            <span class="unseen">No limit</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {LIMITS.map((limit) => (
          <Limit key={limit.name} {...limit} />
        ))}
      </tbody>
    </table>
  );
}
