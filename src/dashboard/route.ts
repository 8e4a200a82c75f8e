// Where the reader is: the path below the page, and the filters, both in the address bar, so that any view can be sent as a link.
import { useEffect, useState } from "preact/hooks";
import { ROOT } from "./ask/ask.ts";

const BASE = `${ROOT}/dashboard`;

/** A place in the page: `path` begins with "/". */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Where the reader was already, and comes back to by the browser's own buttons: how far down. Null: they go on. */
  readonly backAt: number | null;
}

const here = (backAt: number | null = null): Place => ({
  path: location.pathname.slice(BASE.length).replace(/\/$/, "") || "/",
  query: new URLSearchParams(location.search),
  backAt,
});

/** Happens after each step that the page itself takes; those of the browser's buttons are `popstate`. */
export const MOVED = "page:moved";

/** The address of a place of the page. */
export const hrefOf = (path: string): string => `${BASE}${path === "/" ? "" : path}`;

/** Goes to a place; `replace`: the one before it is not kept for the back button. */
export function go(path: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  const href = hrefOf(path);
  if (replace) history.replaceState(null, "", href);
  else {
    // The page that one comes back to is not long enough yet when the browser would scroll it: so it is remembered here.
    history.replaceState({ scrollY }, "");
    history.pushState(null, "", href);
  }
  dispatchEvent(new Event(MOVED));
}

const isTyping = (): boolean =>
  document.activeElement?.matches("textarea, input:not([type=checkbox], [type=radio])") === true;

/**
 * Sets filters in the address; null takes one away. Each choice is a step for the back button; what is typed is one with all of
 * its letters.
 */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  const { path, query } = here();
  const isNew = Object.entries(changes).some(
    ([name, value]) => (query.get(name) ?? "") !== (value ?? ""),
  );
  if (!isNew) return;
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  go(`${path}${text === "" ? "" : `?${text}`}`, { replace: isTyping() });
}

function scrollYOf(state: unknown): number {
  if (typeof state !== "object" || state === null || !("scrollY" in state)) return 0;
  return typeof state.scrollY === "number" ? state.scrollY : 0;
}

/** The place, and again when it changes. */
export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const moved = () => setPlace(here());
    const back = ({ state }: PopStateEvent) => setPlace(here(scrollYOf(state)));
    addEventListener("popstate", back);
    addEventListener(MOVED, moved);
    return () => {
      removeEventListener("popstate", back);
      removeEventListener(MOVED, moved);
    };
  }, []);
  return place;
}

const bare = ({ pathname, search }: URL | Location): string =>
  `${pathname.replace(/\/$/, "")}${search}`;

/** Follows links of the page without loading it anew; others, and those with a modifier key, are the browser's. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.target !== "" || link.hasAttribute("download")) return;
  const to = new URL(link.href, location.href);
  if (to.origin !== location.origin || !to.pathname.startsWith(BASE)) return;
  // A place within this page: the browser goes there, and takes the focus along.
  if (to.hash !== "" && bare(to) === bare(location)) return;
  event.preventDefault();
  go(`${to.pathname.slice(BASE.length) || "/"}${to.search}${to.hash}`);
}
