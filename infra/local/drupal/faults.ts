// Faults on demand: which request is hit, and how.
import { z } from "zod";

/** One rule; `path` is a regular expression over path and query. */
export const faultRule = z.strictObject({
  method: z.string().optional(),
  path: z.string().refine(isRegExp, "not a regular expression").optional(),
  rate: z.number().min(0).max(1).default(1),
  /** How often the rule strikes at most. */
  times: z.int().min(1).optional(),
  /** `emptyList`: a listing shows nobody and ends, as behind a broken view or cache. */
  kind: z.enum([
    "status",
    "hang",
    "dropBeforeCommit",
    "dropAfterCommit",
    "statusAfterCommit",
    "emptyList",
  ]),
  status: z.int().min(100).max(599).optional(),
  retryAfterSeconds: z.number().min(0).optional(),
});
/** A fault rule. */
export type FaultRule = z.infer<typeof faultRule>;

function isRegExp(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** A small random generator with a seed, so that a failing run can be repeated (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The rules in force. */
export interface Faults {
  /** The rule that strikes this request, if one does. */
  strike(method: string, url: string): FaultRule | undefined;
  readonly rules: readonly FaultRule[];
}

/** Rules with their counters. */
export function createFaults(rules: readonly FaultRule[], random: () => number): Faults {
  const left = rules.map((rule) => rule.times ?? Number.POSITIVE_INFINITY);
  const patterns = rules.map((rule) => new RegExp(rule.path ?? ""));
  return {
    rules,
    strike(method, url) {
      const index = rules.findIndex(
        (rule, at) =>
          (left[at] ?? 0) > 0 &&
          (rule.method === undefined || rule.method === method) &&
          patterns[at]?.test(url) === true &&
          random() < rule.rate,
      );
      if (index < 0) return undefined;
      left[index] = (left[index] ?? 0) - 1;
      return rules[index];
    },
  };
}
