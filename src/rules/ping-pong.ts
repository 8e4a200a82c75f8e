// Ping-pong: something on a side (another integration, a hook) sets a value back each time we write it. Two directories
// would go on for ever: the third time the same write is asked for, the row is frozen and a person is told.
import type { System } from "./users.ts";

/** One accepted write of a row, as fingerprints. */
export interface Flip {
  /** ISO 8601. */
  readonly at: string;
  readonly system: System;
  readonly before: string;
  readonly after: string;
}

/** Within this time the same write counts as a repetition; a nightly import that differs is drift, not ping-pong. */
export const PING_PONG_WINDOW_MS = 60 * 60_000;
const MAX_FLIPS = 24;

/** How often the same write is made within the window: by itself, where a person is said to have made the change (who may
 * be a program), and where an operator asks. */
export const PATIENCE = { program: 2, person: 10, operator: Number.POSITIVE_INFINITY } as const;

const isSame = (flip: Flip, other: Omit<Flip, "at">): boolean =>
  flip.system === other.system && flip.before === other.before && flip.after === other.after;

const isRecent = (flip: Flip, now: Date): boolean =>
  now.getTime() - Date.parse(flip.at) < PING_PONG_WINDOW_MS;

/** Whether this very write was made `patience` times already within the window. */
export function isPingPong(
  flips: readonly Flip[],
  next: Omit<Flip, "at">,
  patience: number,
  now: Date,
): boolean {
  return flips.filter((flip) => isRecent(flip, now) && isSame(flip, next)).length >= patience;
}

/** The writes to remember once this one is accepted. */
export function rememberFlip(
  flips: readonly Flip[],
  next: Omit<Flip, "at">,
  now: Date,
): readonly Flip[] {
  const kept = flips.filter((flip) => isRecent(flip, now));
  return [...kept, { ...next, at: now.toISOString() }].slice(-MAX_FLIPS);
}
