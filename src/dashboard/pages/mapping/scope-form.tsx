// The scope of one direction: groups of clauses, as a sentence is read, and the Entra groups whose members are meant.
import { Icon } from "../../parts/icon.tsx";
import { directionName } from "../../parts/words.ts";
import { choiceWord } from "./choice-words.ts";
import { ItemTools } from "./item-tools.tsx";
import { at, isList, isObject, type Json, type JsonObject, type Path, textAt } from "./json.ts";
import { LinesInput } from "./lines-input.tsx";
import { faultsAt, useField, useMapping } from "./mapping-context.ts";
import { choicesOf, schemaAt, variantsOf } from "./schema.ts";
import { SchemaField } from "./schema-field.tsx";

const NEW_CLAUSE = { attribute: "", operator: "equals", value: "" };

// What the clause of an operator compares with, as its alternative of the schema names it; null: with nothing.
function comparedWith(schema: JsonObject, operator: string): "value" | "values" | "pattern" | null {
  const found = variantsOf(schema).find((variant) => {
    const place = schemaAt(variant, ["operator"]);
    return place !== undefined && choicesOf(place).includes(operator);
  });
  return (
    (["value", "values", "pattern"] as const).find((name) => at(found, ["properties", name])) ??
    null
  );
}

function withOperator(clause: JsonObject, operator: string, schema: JsonObject): JsonObject {
  const { attribute = "", value, values, pattern } = clause;
  const said = isList(values) ? (values[0] ?? "") : (value ?? pattern ?? "");
  const name = comparedWith(schema, operator);
  if (name === null) return { attribute, operator };
  return {
    attribute,
    operator,
    [name]: name === "values" ? (isList(values) ? values : [said]) : said,
  };
}

function Clause({
  path,
  list,
}: {
  readonly path: Path;
  readonly list: "drupal-names" | "entra-names";
}) {
  const { faults } = useMapping();
  const { value, schema, set } = useField(path);
  if (!isObject(value) || schema === undefined) return null;
  const operator = textAt(value, "operator");
  const name = comparedWith(schema, operator);
  const operators = variantsOf(schema).flatMap((variant) =>
    choicesOf(schemaAt(variant, ["operator"]) ?? {}),
  );
  const said = faultsAt(faults, path, { below: true });
  return (
    <>
      <input
        class="mono"
        aria-label="Attribute"
        aria-invalid={said.length > 0}
        list={list}
        autocomplete="off"
        spellcheck={false}
        value={textAt(value, "attribute")}
        onInput={(event) => set({ ...value, attribute: event.currentTarget.value })}
      />
      <select
        aria-label="Comparison"
        value={operator}
        onChange={(event) => set(withOperator(value, event.currentTarget.value, schema))}
      >
        {operators.map((choice) => (
          <option key={choice} value={choice}>
            {choiceWord("operator", choice)}
          </option>
        ))}
      </select>
      {name === null ? (
        <span class="clause-value" />
      ) : name === "values" ? (
        <LinesInput
          value={value.values}
          set={(values) => set({ ...value, values })}
          attributes={{ class: "clause-value", "aria-label": "Values, one on each line" }}
        />
      ) : (
        <input
          class="clause-value"
          aria-label={name === "pattern" ? "Pattern" : "Value"}
          value={textAt(value, name)}
          onInput={(event) => set({ ...value, [name]: event.currentTarget.value })}
        />
      )}
      {said.length === 0 ? null : <p class="field-fault clause-fault">{said.join("; ")}</p>}
    </>
  );
}

function Group({
  path,
  index,
  list,
}: {
  readonly path: Path;
  readonly index: number;
  readonly list: "drupal-names" | "entra-names";
}) {
  const { draft, change } = useMapping();
  const groups = at(draft, path);
  const clauses = at(draft, [...path, index]);
  if (!isList(groups) || !isList(clauses)) return null;
  // A group of no clauses would hold for nobody and is refused: with its last clause, the group goes.
  const put = (next: readonly Json[]) =>
    next.length === 0 ? change(path, groups.toSpliced(index, 1)) : change([...path, index], next);
  return (
    <li class="clauses">
      {index === 0 ? null : <p class="clauses-or soft">or</p>}
      <ul class="items" data-items>
        {clauses.map((_, place) => (
          <li key={place} class="item clause">
            <span class="item-number soft">{place === 0 ? "if" : "and"}</span>
            <Clause path={[...path, index, place]} list={list} />
            <ItemTools
              list={clauses}
              index={place}
              what={`clause ${place + 1} of group ${index + 1}`}
              put={put}
            />
          </li>
        ))}
      </ul>
      <button type="button" class="plain-button" onClick={() => put([...clauses, NEW_CLAUSE])}>
        <Icon name="plus" /> and …
      </button>
    </li>
  );
}

/** The scope. */
export function ScopeForm({
  direction,
}: {
  readonly direction: "drupalToEntra" | "entraToDrupal";
}) {
  const path = ["scope", direction, "anyOf"];
  const { value, set } = useField(path);
  const groups = isList(value) ? value : [];
  const list = direction === "drupalToEntra" ? "drupal-names" : "entra-names";
  return (
    <section class="scope" aria-label={`Scope, ${directionName(direction)}`}>
      <h3>{directionName(direction)}</h3>
      <SchemaField path={["directions", direction]} label="On" hint={null} />
      {groups.length === 0 ? <p class="soft">No clauses: everyone.</p> : null}
      <ul>
        {groups.map((_, index) => (
          <Group key={index} path={path} index={index} list={list} />
        ))}
      </ul>
      <p>
        <button type="button" class="item-add" onClick={() => set([...groups, [NEW_CLAUSE]])}>
          <Icon name="plus" /> {groups.length === 0 ? "Only those who …" : "Or those who …"}
        </button>
      </p>
      <SchemaField
        path={["scope", direction, "entraGroups"]}
        label="Only members of these Entra groups"
      />
    </section>
  );
}
