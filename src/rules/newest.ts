// Which side's edit is newer, as far as anything tells. Drupal has one change time for the whole user, which every save
// moves, ours too; Entra has none at all. What is known is when each side was last seen as agreed, and by when it was not.
import type { BasePair, SeenWindow } from "./link.ts";
import type { System } from "./users.ts";

/** What is known of both sides of a row. */
export type SeenWindows = Readonly<Record<System, SeenWindow>>;

const NEVER: SeenWindow = { unchangedAt: null, changedAt: null };

/** What is known after a look. `noticedAt`: by when a side that changed had changed (ISO 8601). */
export function windowsAfter(
  known: SeenWindows | undefined,
  base: BasePair,
  prints: Readonly<Record<System, string>>,
  noticedAt: Readonly<Record<System, string>>,
  now: Date,
): SeenWindows {
  const next = (system: System): SeenWindow => {
    const before = known?.[system] ?? NEVER;
    return base[system] === prints[system]
      ? { unchangedAt: now.toISOString(), changedAt: null }
      : { ...before, changedAt: before.changedAt ?? noticedAt[system] };
  };
  return { drupal: next("drupal"), entra: next("entra") };
}

// Drupal's clock is another one than ours, and a read of Entra may be some seconds old.
const TOLERANCE_MS = 60_000;

const isBefore = (changedAt: string | null, unchangedAt: string | null, slackMs: number): boolean =>
  changedAt !== null &&
  unchangedAt !== null &&
  Date.parse(changedAt) + slackMs <= Date.parse(unchangedAt);

/** The side whose edit is newer: the one that was still as agreed when the other had changed. Null where that is not known. */
export function newerSide({ drupal, entra }: SeenWindows): System | null {
  // Both times are those of our own looks.
  if (isBefore(entra.changedAt, drupal.unchangedAt, 0)) return "drupal";
  return isBefore(drupal.changedAt, entra.unchangedAt, TOLERANCE_MS) ? "entra" : null;
}
