// The matching keys, in the order in which they are tried.
import { Icon } from "../../parts/icon.tsx";
import { ItemTools } from "./item-tools.tsx";
import { isList } from "./json.ts";
import { useField } from "./mapping-context.ts";
import { SchemaField } from "./schema-field.tsx";

/** The keys. */
export function MatchingKeys() {
  const { value, faults, set } = useField(["matching"]);
  const keys = isList(value) ? value : [];
  return (
    <div>
      {keys.length === 0 ? (
        <p class="note warn">Nobody is matched: every user without a link counts as new.</p>
      ) : null}
      <ol class="items" data-items>
        {keys.map((_, index) => (
          <li key={index} class="item">
            <span class="item-number soft">{index + 1}</span>
            <SchemaField
              path={["matching", index, "drupal"]}
              label="Drupal"
              hint={null}
              isMono
              isLabelUnseen={index > 0}
            />
            <span class="item-between soft" aria-hidden="true">
              =
            </span>
            <SchemaField
              path={["matching", index, "entra"]}
              label="Entra"
              hint={null}
              isLabelUnseen={index > 0}
            />
            <ItemTools list={keys} index={index} what={`key ${index + 1}`} isOrdered put={set} />
          </li>
        ))}
      </ol>
      {faults.map((fault) => (
        <p key={fault} class="field-fault">
          {fault}
        </p>
      ))}
      <button
        type="button"
        class="item-add"
        onClick={() => set([...keys, { drupal: "mail", entra: "mail" }])}
      >
        <Icon name="plus" /> Add a key
      </button>
    </div>
  );
}
