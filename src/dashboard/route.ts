// Where the reader is: the path below the page, and the filters, both in the address bar, so that any view can be sent as a link.
import { useEffect, useState } from "preact/hooks";
import { ROOT } from "./ask/ask.ts";

const BASE = `${ROOT}/dashboard`;

/** A place in the page: `path` begins with "/". */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

const here = (): Place => ({
  path: location.pathname.slice(BASE.length).replace(/\/$/, "") || "/",
  query: new URLSearchParams(location.search),
});

const MOVED = "page:moved";

/** The address of a place of the page. */
export const hrefOf = (path: string): string => `${BASE}${path === "/" ? "" : path}`;

/** Goes to a place; `replace`: the one before it is not kept for the back button. */
export function go(path: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  const href = hrefOf(path);
  if (replace) history.replaceState(null, "", href);
  else history.pushState(null, "", href);
  dispatchEvent(new Event(MOVED));
}

/** Sets filters in the address; null takes one away. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  const { path, query } = here();
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  go(`${path}${text === "" ? "" : `?${text}`}`, { replace: true });
}

/** The place, and again when it changes. */
export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const moved = () => setPlace(here());
    addEventListener("popstate", moved);
    addEventListener(MOVED, moved);
    return () => {
      removeEventListener("popstate", moved);
      removeEventListener(MOVED, moved);
    };
  }, []);
  return place;
}

/** Follows links of the page without loading it anew; others, and those with a modifier key, are the browser's. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.target !== "" || link.hasAttribute("download")) return;
  const to = new URL(link.href, location.href);
  if (to.origin !== location.origin || !to.pathname.startsWith(BASE)) return;
  event.preventDefault();
  go(`${to.pathname.slice(BASE.length) || "/"}${to.search}`);
}
