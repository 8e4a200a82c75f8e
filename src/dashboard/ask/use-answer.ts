// An answer of the contract as a part of the page sees it: first unknown, then known, asked again from time to time.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Answer, Refusal, read } from "./ask.ts";

/** What is known of an answer. Both `body` and `refusal` are there when a later question failed: the page goes on showing. */
export interface Known<T> {
  readonly body: T | null;
  readonly etag: string | null;
  readonly refusal: Refusal | null;
  /** Nothing is known yet. */
  readonly isLoading: boolean;
  /** Asks again now. */
  refresh(): Promise<void>;
}

interface State<T> {
  readonly path: string | null;
  readonly answer: Answer<T> | null;
  readonly refusal: Refusal | null;
}

const refusalOf = (error: unknown): Refusal =>
  error instanceof Refusal ? error : new Refusal("The page could not read the answer.", {});

/** Reads `path` (null: nothing), and again each `everyMs` while someone looks at the page. */
export function useAnswer<T>(
  path: string | null,
  { everyMs = 0 }: { readonly everyMs?: number } = {},
): Known<T> {
  const [state, setState] = useState<State<T>>({ path, answer: null, refusal: null });
  const current = useRef<AbortController | null>(null);
  const refresh = useCallback(async () => {
    if (path === null) return;
    current.current?.abort();
    const controller = new AbortController();
    current.current = controller;
    try {
      const answer = await read<T>(path, controller.signal);
      if (!controller.signal.aborted) setState({ path, answer, refusal: null });
    } catch (error) {
      if (controller.signal.aborted) return;
      setState((last) => ({
        path,
        answer: last.path === path ? last.answer : null,
        refusal: refusalOf(error),
      }));
    }
  }, [path]);
  useEffect(() => {
    void refresh();
    return () => current.current?.abort();
  }, [refresh]);
  useEffect(() => {
    if (everyMs === 0 || path === null) return;
    const timer = setInterval(() => {
      if (!document.hidden) void refresh();
    }, everyMs);
    return () => clearInterval(timer);
  }, [refresh, everyMs, path]);
  // What was known of another path is nothing about this one.
  const isOurs = state.path === path;
  const answer = isOurs ? state.answer : null;
  const refusal = isOurs ? state.refusal : null;
  return {
    body: answer?.body ?? null,
    etag: answer?.etag ?? null,
    refusal,
    isLoading: path !== null && answer === null && refusal === null,
    refresh,
  };
}
