// The views of the mapping, as links: each has its own address, and keeps the user on whom the draft is tried.
import { hrefOf, usePlace } from "../../route.ts";

const VIEWS = [
  { name: "attributes", label: "Attributes" },
  { name: "rules", label: "Rules" },
  { name: "json", label: "JSON" },
  { name: "history", label: "History" },
] as const;

/** The name of a view. */
export type View = (typeof VIEWS)[number]["name"];

/** The view that the address names. */
export const viewIn = (query: URLSearchParams): View =>
  VIEWS.find(({ name }) => name === query.get("view"))?.name ?? "attributes";

/** The links. `faults`: how many the draft has in each view. */
export function Views({ faults }: { readonly faults: Readonly<Partial<Record<View, number>>> }) {
  const { query } = usePlace();
  const now = viewIn(query);
  const hrefTo = (view: View) => {
    const next = new URLSearchParams(query);
    next.delete("version");
    next.set("view", view);
    return hrefOf(`/mapping?${next}`);
  };
  return (
    <nav class="views" aria-label="Views of the mapping">
      <ul>
        {VIEWS.map(({ name, label }) => (
          <li key={name}>
            <a href={hrefTo(name)} aria-current={name === now ? "page" : undefined}>
              {label}
              {(faults[name] ?? 0) > 0 ? (
                <span class="view-faults">
                  {faults[name]}
                  <span class="unseen"> faults</span>
                </span>
              ) : null}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
