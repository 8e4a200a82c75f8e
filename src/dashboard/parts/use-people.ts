// People of both systems by what somebody types: asked when the typing pauses, so that a name costs one question.
import { useEffect, useRef, useState } from "preact/hooks";
import { queryOf } from "../ask/ask.ts";
import type { PeopleAnswer } from "../ask/contract.ts";
import { type Known, useAnswer } from "../ask/use-answer.ts";

const PAUSE_MS = 250;

/** The shortest text that is searched for (GET users). */
export const SHORTEST = 2;

/** The text as it was when the typing paused. */
export function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}

/**
 * Who is found by `text`; nothing is asked while it is too short. Until the next answer is there the last one stays: a list
 * that vanishes at each letter cannot be read.
 */
export function usePeople(text: string, limit: number): Known<PeopleAnswer> {
  const search = text.trim();
  const isLong = [...search].length >= SHORTEST;
  const known = useAnswer<PeopleAnswer>(isLong ? `users${queryOf({ search, limit })}` : null);
  const last = useRef<PeopleAnswer | null>(null);
  if (known.body !== null) last.current = known.body;
  return { ...known, body: known.isLoading ? last.current : known.body };
}
