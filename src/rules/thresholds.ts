// How much a cycle may take away from people before someone has to look: by count and by share, whichever is smaller.
import { z } from "zod";
import type { Harm } from "./plan.ts";

const limit = (what: string) =>
  z
    .strictObject({
      users: z.int().min(0).max(100_000).default(25).describe("At most so many users."),
      percent: z
        .number()
        .min(0)
        .max(100)
        .default(5)
        .describe("At most this share of the linked users, whichever is smaller."),
    })
    .nullable()
    .prefault({})
    .describe(`${what} null: no limit.`);

/** The part `thresholds` of the sync configuration. */
export const thresholdsSchema = z.strictObject({
  disables: limit("Users that a cycle may disable without an approval."),
  deletes: limit("Users that a cycle may delete without an approval."),
  roleRemovals: limit("Users who may lose roles in a cycle without an approval."),
});

/** The parsed thresholds. */
export type Thresholds = z.infer<typeof thresholdsSchema>;

// In a small directory a share comes to nobody: a tenth of it, up to three users, always passes.
const SMALL = 3;

/** How many users a limit allows among `linked` ones; null: any number. */
export function allowed(limitOf: Thresholds[keyof Thresholds], linked: number): number | null {
  if (limitOf === null) return null;
  const share = Math.floor((linked * limitOf.percent) / 100);
  const small = limitOf.percent === 0 ? 0 : Math.min(SMALL, Math.ceil(linked / 10));
  return Math.min(limitOf.users, Math.max(share, small));
}

/** A limit that a plan passes. */
export interface Exceeded {
  readonly kind: keyof Harm;
  readonly users: number;
  readonly allowed: number;
}

/** The limits that the harm of a cycle passes, in a directory of `linked` linked users. */
export function exceeded(harm: Harm, thresholds: Thresholds, linked: number): Exceeded[] {
  const kinds = ["deletes", "disables", "roleRemovals"] as const;
  return kinds.flatMap((kind) => {
    const most = allowed(thresholds[kind], linked);
    return most !== null && harm[kind] > most ? [{ kind, users: harm[kind], allowed: most }] : [];
  });
}
