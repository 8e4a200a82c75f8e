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

/** Reads the listing at `path` (with its filters). */
export function usePages<Body extends Page<Item>, Item>(path: string): Pages<Body, Item> {
  const [state, setState] = useState<State<Body, Item>>(() => beginning(path));
  const turn = useRef(0);
  const readPage = useCallback(
    async (continuation: string | null) => {
      turn.current += 1;
      const mine = turn.current;
      setState((last) => ({ ...(last.path === path ? last : beginning(path)), isLoading: true }));
      try {
        const first = (await read<Body>(pageOf(path, continuation))).body;
        let body = first;
        // An app that looked far for a rare thing may answer that there is nothing yet: the reader waits for the first, or the end.
        while (body.items.length === 0 && body.continuation !== null && mine === turn.current)
          body = (await read<Body>(pageOf(path, body.continuation))).body;
        if (mine !== turn.current) return;
        setState((last) => ({
          path,
          first: continuation === null ? first : last.first,
          items: continuation === null ? body.items : [...last.items, ...body.items],
          continuation: body.continuation,
          refusal: null,
          isLoading: false,
        }));
      } catch (error) {
        if (mine !== turn.current) return;
        const refusal =
          error instanceof Refusal ? error : new Refusal("The page could not read the answer.", {});
        setState((last) => ({ ...last, refusal, isLoading: false }));
      }
    },
    [path],
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
  };
}
