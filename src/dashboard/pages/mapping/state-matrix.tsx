// The state matrix: what happens to the account on the other side, by state and direction.
import { directionName } from "../../parts/words.ts";
import { useField } from "./mapping-context.ts";
import { SchemaField } from "./schema-field.tsx";

const DIRECTIONS = ["drupalToEntra", "entraToDrupal"] as const;
const STATES = [
  { name: "disabled", label: "Disabled or blocked" },
  { name: "deleted", label: "Deleted" },
  { name: "outOfScope", label: "Leaves the scope" },
] as const;

function Grace({ direction }: { readonly direction: (typeof DIRECTIONS)[number] }) {
  const { value } = useField(["states", direction]);
  const isUsed =
    typeof value === "object" && value !== null && Object.values(value).includes("delete");
  return (
    <SchemaField
      path={["states", direction, "graceDays"]}
      label={`Days of grace, ${directionName(direction)}`}
      hint={isUsed ? null : "Counts once something above deletes."}
      isLabelUnseen
    />
  );
}

/** The table. */
export function StateMatrix() {
  return (
    <table class="folds form-table">
      <thead>
        <tr>
          <th scope="col">When the user is</th>
          {DIRECTIONS.map((direction) => (
            <th key={direction} scope="col">
              {directionName(direction)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {STATES.map(({ name, label }) => (
          <tr key={name}>
            <th scope="row">{label}</th>
            {DIRECTIONS.map((direction) => (
              <td key={direction} data-is={directionName(direction)}>
                <SchemaField
                  path={["states", direction, name]}
                  label={`${label}, ${directionName(direction)}`}
                  words="states"
                  hint={null}
                  isLabelUnseen
                />
              </td>
            ))}
          </tr>
        ))}
        <tr>
          <th scope="row">
            Days of grace <small>for which who is to be deleted is only disabled</small>
          </th>
          {DIRECTIONS.map((direction) => (
            <td key={direction} data-is={directionName(direction)}>
              <Grace direction={direction} />
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}
