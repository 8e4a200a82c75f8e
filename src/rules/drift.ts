// How the two systems differ, user by user: what the last complete listings showed, less what a look has settled since. Pure;
// the listing is as of when it began, and the link has the last word.
import { targetOfKey } from "./attribute-row.ts";
import type { OpenConflict } from "./conflicts.ts";
import type { CycleOutcome, CycleUser } from "./cycle.ts";
import { isJoined, type Link, type Rested } from "./link.ts";
import { because, type Reason } from "./plan.ts";
import { GONE } from "./rest.ts";
import { otherSystem, type System } from "./users.ts";

/** `onlyIn…`: joined to no account that is there on the other side. `differs`: joined, and not as last agreed. `conflict`: rows
 * wait for an operator. `escrowed`: waits to be tried again. A user may be told of under several. */
export const DRIFT_KINDS = [
  "onlyInDrupal",
  "onlyInEntra",
  "differs",
  "conflict",
  "escrowed",
] as const;

/** A kind of drift. */
export type DriftKind = (typeof DRIFT_KINDS)[number];

/** One user who is not the same on both sides. */
export interface DriftRow {
  readonly kind: DriftKind;
  /** null for an Entra user without a Drupal account. */
  readonly drupalUuid: string | null;
  /** null where there is none, or where nothing that was read tells it. */
  readonly entraObjectId: string | null;
  /** As the listings show it; null for a user whom none shows. */
  readonly name: string | null;
  /** `drupal.<field>` and `entra.<property>`: the side that moved, or that waits to be written. */
  readonly attributes: readonly string[];
  /** Why the user is left so; null where no look has told yet. */
  readonly reason: Reason | null;
  /** ISO 8601; null where it is not known. */
  readonly since: string | null;
}

/** A row with its place in the order of its report: places are compared as texts. */
export interface PlacedDrift {
  readonly place: string;
  readonly row: DriftRow;
}

/** The report as of some listings. */
export interface DriftReport {
  /** Another id: other listings, and another order. */
  readonly id: string;
  /** ISO 8601, when each side's listing began; null: no listing of it has come to its end yet, and nobody is missing there. */
  readonly asOf: Readonly<Record<System, string | null>>;
  /** Read anew each time, in one order, page by page. */
  rows(): AsyncGenerator<PlacedDrift>;
}

/** The kind of a user who is on one side only. */
export const aloneIn = (system: System): DriftKind =>
  system === "drupal" ? "onlyInDrupal" : "onlyInEntra";

const isSince = (at: string | null, listedAt: string): boolean =>
  at !== null && Date.parse(at) >= Date.parse(listedAt);

/** Whether a look that began after the listing did left nothing to do: then what the listing showed is over. */
export const isSettled = (rested: Rested | null, listedAt: string): boolean =>
  isSince(rested?.at ?? null, listedAt);

/** How a listed user stands: on this side only, as both last agreed, perhaps so (`missing`: the other listing did not show the
 * joined account), or not as last agreed (`open`). The last two are for the link to decide. */
export type Standing = "alone" | "asAgreed" | "missing" | "open";

/** The standing of a user whom a listing shows, by what the index knows of their link. */
export function standingOf(
  listed: { readonly rows?: unknown; readonly listedAt: string },
  link: { readonly isJoined: boolean; readonly rested: Rested | null } | null,
  isOtherAbsent: boolean,
): Standing {
  if (link?.isJoined !== true) return "alone";
  if (isOtherAbsent) return "missing";
  if (listed.rows === undefined || isSettled(link.rested, listed.listedAt)) return "asAgreed";
  return "open";
}

/** The reason of a user of whom only the code of the last look is kept. */
export const restedReason = ({ code, at }: Rested): Reason =>
  because(code, `left alone by the look of ${at}`);

const NAMES = { drupal: "Drupal", entra: "Entra" } as const;

/** Why the joined account on `system`, which the listing of that side did not show, counts as missing; null: it is there. */
export function whyMissing(link: Link, system: System, listedAt: string): Reason | null {
  const { rested, rest, linkedAt } = link;
  // The listing ran while the account was made or joined.
  if (isSince(linkedAt, listedAt)) return null;
  if (rested !== null && rest[system] === GONE) return restedReason(rested);
  if (isSettled(rested, listedAt)) return null;
  return because("notListed", `the listing of ${NAMES[system]} does not show the joined account`);
}

/** Since when an account is known to be gone. */
export const missingSince = (link: Link, system: System): string | null =>
  link.deletedByUs[system] ?? (system === "drupal" ? link.drupalGoneAt : link.entraMissingSince);

/** The public name of a row's end on `system`; for an end that is computed, the one that follows from it. */
export function attributeOf(key: string, system: System): string {
  const own = targetOfKey(key, system);
  if (own !== null) return `${system}.${own}`;
  const other = otherSystem(system);
  return `${other}.${targetOfKey(key, other)}`;
}

/** The attributes of which a listing shows another value than the link has as agreed now. A row that was never agreed on, that
 * waits as a conflict, or that we wrote since, says nothing. */
export function movedAttributes(
  link: Link,
  system: System,
  rows: Readonly<Record<string, string>>,
  listedAt: string,
): string[] {
  if (!isJoined(link)) return [];
  const isWritten = (key: string): boolean =>
    (link.flips[key] ?? []).some((flip) => flip.system === system && isSince(flip.at, listedAt));
  return Object.entries(rows).flatMap(([key, print]) => {
    const agreed = link.base[key]?.[system];
    const isQuiet = agreed === undefined || agreed === print || key in link.conflicts;
    return isQuiet || isWritten(key) ? [] : [attributeOf(key, system)];
  });
}

/** What the last cycle told of a user. */
export interface Told {
  readonly outcome: CycleOutcome;
  readonly reason: Reason;
  /** What the cycle would write. */
  readonly attributes: readonly string[];
}

/** What of a cycle's user is told in the report. */
export function toldOf({ outcome, reason, steps }: CycleUser): Told {
  const isProposed = outcome === "planned" || outcome === "held";
  const attributes = (isProposed ? steps : []).flatMap(({ system, changes }) =>
    changes.map(({ attribute }) => `${system}.${attribute}`),
  );
  return { outcome, reason, attributes: [...new Set(attributes)] };
}

/** What listings showed of a joined user who is open. */
export interface Seen {
  readonly moved: readonly string[];
  /** null: as last agreed, or not listed. */
  readonly isEnabled: Readonly<Record<System, boolean | null>>;
}

function disabledAttribute({ drupal, entra }: Seen["isEnabled"]): string[] {
  if (drupal === null || entra === null || drupal === entra) return [];
  return [drupal ? "entra.accountEnabled" : "drupal.status"];
}

const LEFT_ALONE: readonly CycleOutcome[] = ["inSync", "skipped"];

/** How a joined user who is open differs, or null. `isToldOf`: another kind tells of the user already. */
export function differenceOf(
  seen: Seen,
  told: Told | null,
  isToldOf: boolean,
): Pick<DriftRow, "attributes" | "reason"> | null {
  // The listing's own cycle looked at both sides, and there was nothing to do.
  if (told !== null && LEFT_ALONE.includes(told.outcome)) return null;
  const shown = [...seen.moved, ...disabledAttribute(seen.isEnabled)];
  const attributes = shown.length > 0 ? shown : (told?.attributes ?? []);
  const reason = told?.outcome === "written" ? null : (told?.reason ?? null);
  if (attributes.length > 0) return { attributes, reason };
  return isToldOf || reason === null ? null : { attributes, reason };
}

const byAge = (a: OpenConflict, b: OpenConflict): number =>
  Date.parse(a.openedAt) - Date.parse(b.openedAt);

/** The conflicts of a link: their rows, and the oldest one's reason; null where there is none. */
export function conflictsOf(
  link: Link,
): Pick<DriftRow, "entraObjectId" | "attributes" | "reason" | "since"> | null {
  const [oldest] = Object.values(link.conflicts).toSorted(byAge);
  if (oldest === undefined) return null;
  const attributes = Object.values(link.conflicts).flatMap(({ drupal, entra }) => [
    ...(drupal === null ? [] : [`drupal.${drupal}`]),
    ...(entra === null ? [] : [`entra.${entra}`]),
  ]);
  const { code, message, openedAt } = oldest;
  const { entraObjectId } = link;
  return { entraObjectId, attributes, reason: because(code, message), since: openedAt };
}
