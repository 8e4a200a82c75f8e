// Which Entra groups and app roles give which Drupal role.
import { Icon } from "../../parts/icon.tsx";
import { ItemTools } from "./item-tools.tsx";
import { at, isList, isObject } from "./json.ts";
import { faultsAt, useField, useMapping } from "./mapping-context.ts";
import { SchemaField } from "./schema-field.tsx";

const MAP = ["roles", "map"];

function RoleRow({ index }: { readonly index: number }) {
  const { draft, faults } = useMapping();
  const path = [...MAP, index];
  const row = at(draft, path);
  const privileged = at(draft, ["roles", "privileged"]);
  const isPrivileged = isObject(row) && isList(privileged) && privileged.includes(row.drupal ?? "");
  return (
    <>
      <SchemaField path={[...path, "drupal"]} label="Drupal role" hint={null} isMono />
      <SchemaField
        path={[...path, "entraGroups"]}
        label="Entra groups"
        hint="Object ids, also of groups inside."
      />
      <SchemaField path={[...path, "appRoles"]} label="App roles" hint="Ids of app roles." />
      {isPrivileged || (isObject(row) && row.allowPrivileged === true) ? (
        <SchemaField
          path={[...path, "allowPrivileged"]}
          label="Give it although it is privileged"
          hint={null}
        />
      ) : null}
      {faultsAt(faults, path).map((fault) => (
        <p key={fault} class="field-fault">
          {fault}
        </p>
      ))}
    </>
  );
}

/** The rows. */
export function RoleRows() {
  const { value, set } = useField(MAP);
  const rows = isList(value) ? value : [];
  return (
    <div>
      {rows.length === 0 ? <p class="soft">No role is mapped yet.</p> : null}
      <ul class="items" data-items>
        {rows.map((_, index) => (
          <li key={index} class="item role">
            <RoleRow index={index} />
            <ItemTools list={rows} index={index} what={`role ${index + 1}`} put={set} />
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="item-add"
        onClick={() => set([...rows, { drupal: "", entraGroups: [] }])}
      >
        <Icon name="plus" /> Map a role
      </button>
    </div>
  );
}
