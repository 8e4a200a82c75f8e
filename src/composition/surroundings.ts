// Time, chance and identity as they are outside of tests.
import { randomUUID } from "node:crypto";
import { setTimeout as setTimer } from "node:timers";
import { setTimeout } from "node:timers/promises";
import type { Surroundings } from "../sync/ports.ts";

/** The world's own. */
export const surroundings: Surroundings = {
  now: () => new Date(),
  random: Math.random,
  newId: () => randomUUID(),
  sleep: (ms: number) => setTimeout(ms),
};

/** Does something again and again until the answer is called. Keeps no process alive; whoever waits for `work` hears of its
 * failures. */
export function every(ms: number, work: () => Promise<void>): () => void {
  const timer = setInterval(() => void work().catch(() => undefined), ms);
  timer.unref();
  return () => clearInterval(timer);
}

/** Does something once, later. Keeps no process alive; `work` sees to its own failures. */
export function later(ms: number, work: () => Promise<void>): void {
  setTimer(() => void work().catch(() => undefined), ms).unref();
}

/** What `make` makes, made again when it is older than `lastsMs` at the time it is asked for. */
export function forAWhile<T>(make: () => T, lastsMs: number, now: () => Date): () => T {
  let made: { readonly value: T; readonly until: number } | null = null;
  return () => {
    const time = now().getTime();
    if (made === null || made.until <= time) made = { value: make(), until: time + lastsMs };
    return made.value;
  };
}
