// An answer of the contract as a part of the page sees it: first unknown, then known, asked again from time to time.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Answer, Refusal, read } from "./ask.ts";
import { CONTACT, isLost } from "./contact.ts";

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

const NONE: readonly number[] = [];

const refusalOf = (error: unknown): Refusal =>
  error instanceof Refusal ? error : new Refusal("The page could not read the answer.", {});

/**
 * Reads `path` (null: nothing), and again each `everyMs` while someone looks at the page. `accepts`: statuses that are answers
 * too; it must stay the same list.
 */
export function useAnswer<T>(
  path: string | null,
  {
    everyMs = 0,
    accepts = NONE,
  }: { readonly everyMs?: number; readonly accepts?: readonly number[] } = {},
): Known<T> {
  const [state, setState] = useState<State<T>>({ path, answer: null, refusal: null });
  const current = useRef<AbortController | null>(null);
  const isAsking = useRef(false);
  const refresh = useCallback(async () => {
    if (path === null) return;
    current.current?.abort();
    const controller = new AbortController();
    current.current = controller;
    isAsking.current = true;
    try {
      const answer = await read<T>(path, controller.signal, accepts);
      if (!controller.signal.aborted) setState({ path, answer, refusal: null });
    } catch (error) {
      if (controller.signal.aborted) return;
      setState((last) => ({
        path,
        answer: last.path === path ? last.answer : null,
        refusal: refusalOf(error),
      }));
    } finally {
      if (current.current === controller) isAsking.current = false;
    }
  }, [path, accepts]);
  useEffect(() => {
    void refresh();
    return () => current.current?.abort();
  }, [refresh]);
  useEffect(() => {
    // What failed while the app was away is asked again when it is back.
    const back = () => {
      if (!isLost() && !isAsking.current) void refresh();
    };
    addEventListener(CONTACT, back);
    return () => removeEventListener(CONTACT, back);
  }, [refresh]);
  useEffect(() => {
    if (everyMs === 0 || path === null) return;
    // A slow answer is waited for: to ask anew would throw it away, each time.
    const look = () => {
      if (!document.hidden && !isAsking.current) void refresh();
    };
    const timer = setInterval(look, everyMs);
    // Who comes back to the page sees what is, not what was when they left.
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
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
