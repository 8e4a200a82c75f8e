// The names that are offered while one types a field or a property, for every control of the page.
import { knownNames } from "./known-names.ts";
import { useMapping } from "./mapping-context.ts";

/** The lists `drupal-names` and `entra-names`. */
export function NameLists() {
  const { draft, saved } = useMapping();
  const names = knownNames(draft, saved);
  return (["drupal", "entra"] as const).map((system) => (
    <datalist key={system} id={`${system}-names`}>
      {names[system].map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  ));
}
