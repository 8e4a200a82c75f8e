// A listing that is read page by page: what is shown grows as the reader goes on.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Refusal, read } from "./ask.ts";

interface Page<Item> {
  readonly items: readonly Item[];
  readonly continuation: string | null;
}

/** What is known of a listing so far. */
export interface Pages<Body, Item> {
  /** Of the first page: counts and the like. */
  readonly first: Body | null;
  readonly items: readonly Item[];
  readonly refusal: Refusal | null;
  readonly isLoading: boolean;
  /** There is more, and `more` reads it. */
  readonly hasMore: boolean;
  more(): Promise<void>;
  /** From the first page on. */
  refresh(): Promise<void>;
  /** From the first page on, as far as it was read: what is shown stays until then, and does not shrink to one page. */
  again(): Promise<void>;
}

interface State<Body, Item> {
  readonly path: string;
  readonly first: Body | null;
  readonly items: readonly Item[];
  readonly continuation: string | null;
  readonly refusal: Refusal | null;
  readonly isLoading: boolean;
}

const beginning = <Body, Item>(path: string): State<Body, Item> => ({
  path,
  first: null,
  items: [],
  continuation: null,
  refusal: null,
  isLoading: true,
});

function pageOf(path: string, continuation: string | null): string {
  if (continuation === null) return path;
  const joint = path.includes("?") ? "&" : "?";
  return `${path}${joint}continuation=${encodeURIComponent(continuation)}`;
}

/** Reads from a place on until there are `atLeast` items, or the end. */
async function readOn<Body, Item>(
  path: string,
  part: (body: Body) => Page<Item>,
  place: string | null,
  { atLeast, isWanted }: { readonly atLeast: number; readonly isWanted: () => boolean },
) {
  const first = (await read<Body>(pageOf(path, place))).body;
  let { items, continuation } = part(first);
  // An app that looked far for a rare thing may answer that there is nothing yet, and where it stopped.
  while (items.length < atLeast && continuation !== null && isWanted()) {
    const page = part((await read<Body>(pageOf(path, continuation))).body);
    items = [...items, ...page.items];
    continuation = page.continuation;
  }
  return { first, items, continuation };
}

/** Reads the listing that is a `part` of the answers at `path`. `part` must stay the same function. */
export function usePartPages<Body, Item>(
  path: string,
  part: (body: Body) => Page<Item>,
): Pages<Body, Item> {
  const [state, setState] = useState<State<Body, Item>>(() => beginning(path));
  const turn = useRef(0);
  const readPage = useCallback(
    async (place: string | null, atLeast = 1) => {
      turn.current += 1;
      const mine = turn.current;
      const isWanted = () => mine === turn.current;
      if (atLeast === 1)
        setState((last) => ({ ...(last.path === path ? last : beginning(path)), isLoading: true }));
      try {
        const { first, items, continuation } = await readOn(path, part, place, {
          atLeast,
          isWanted,
        });
        if (!isWanted()) return;
        setState((last) => ({
          path,
          first: place === null ? first : last.first,
          items: place === null ? items : [...last.items, ...items],
          continuation,
          refusal: null,
          isLoading: false,
        }));
      } catch (error) {
        if (!isWanted()) return;
        const refusal =
          error instanceof Refusal ? error : new Refusal("The page could not read the answer.", {});
        setState((last) => ({ ...last, refusal, isLoading: false }));
      }
    },
    [path, part],
  );
  useEffect(() => {
    void readPage(null);
    return () => {
      turn.current += 1;
    };
  }, [readPage]);
  const shown = state.path === path ? state : beginning<Body, Item>(path);
  return {
    first: shown.first,
    items: shown.items,
    refusal: shown.refusal,
    isLoading: shown.isLoading,
    hasMore: shown.continuation !== null,
    more: () => readPage(shown.continuation),
    refresh: () => readPage(null),
    again: () => readPage(null, Math.max(2, shown.items.length)),
  };
}

const whole = <Body>(body: Body): Body => body;

/** Reads the listing at `path` (with its filters). */
export function usePages<Body extends Page<Item>, Item>(path: string): Pages<Body, Item> {
  return usePartPages<Body, Item>(path, whole);
}
