// The link: the pair of ids of one user with what both sides last agreed on. Joined by ids once, never by names again.
import type { KeptChange } from "./audit-entry.ts";
import type { OpenConflict, Settlement } from "./conflicts.ts";
import type { KnownValues } from "./known-values.ts";
import type { Flip } from "./ping-pong.ts";
import type { Operation } from "./plan.ts";
import type { Cause } from "./provision-request.ts";
import type { Direction, System } from "./users.ts";

/** What each side held, as fingerprints, when both last agreed on a row of the mapping. */
export interface BasePair {
  readonly drupal: string;
  readonly entra: string;
}

/** An export that was announced before the remote call and is cleared after it (intent before write). */
export interface PendingExport {
  readonly operationId: string;
  /** ISO 8601, when the intent was recorded. */
  readonly at: string;
  readonly system: System;
  readonly operation: Operation;
  /** For a create: the UPN or the Drupal name that the POST uses. Its uniqueness makes the repeat safe. */
  readonly name: string | null;
  /** For a link: the Drupal account, proven gone, whose Entra account is taken over. */
  readonly takesOverFrom: string | null;
  /** What the audit log will say; values as the audit setting allows. */
  readonly changes: readonly KeptChange[];
  /** Fingerprint per attribute of the value that is being written: tells after a crash whether it arrived. */
  readonly after: Readonly<Record<string, string>>;
  /** Fingerprint per attribute of the value that is written over. */
  readonly over: Readonly<Record<string, string>>;
  /** The base of each row once the write has arrived. */
  readonly base: Readonly<Record<string, BasePair>>;
  /** For a create that is announced again: the bases of the earlier announcements, any of which may have made the account. */
  readonly former: readonly Readonly<Record<string, BasePair>>[];
  /** What announced it, for its row in the audit log, whoever finds that it arrived; null in rows of earlier releases. */
  readonly origin: WriteOrigin | null;
}

/** What a write was made for. */
export interface WriteOrigin {
  readonly cause: Cause;
  readonly cycleId: string | null;
  readonly actor: string | null;
}

/** Prints of both sides as of a look that left nothing to do (rules/rest): a feed that shows the same needs no look. null where
 * a side never had an account, or is not at rest; `gone` where it is proven gone. */
export interface Rest {
  readonly drupal: string | null;
  /** `print.manager`: the change query tells of managers only where they changed (Graph: user-delta). */
  readonly entra: string | null;
}

/** A look that left nothing to do: what a listing showed before it is of no use any more. */
export interface Rested {
  /** ISO 8601, from before the first of its reads. */
  readonly at: string;
  /** The code of its reason: why there was nothing to do, or what was done. */
  readonly code: string;
}

/** Nothing is known to be at rest. */
export const NOT_AT_REST: Rest = { drupal: null, entra: null };

/** An approved plan that is being carried out. */
export interface ApprovedPlan {
  /** The print that was approved. */
  readonly plan: string;
  /** The prints that what is left of it has, before and after the step that is being written. */
  readonly left: readonly string[];
}

/** One holder at a time; a crashed holder's lease runs out. */
export interface Lease {
  readonly owner: string;
  /** ISO 8601. */
  readonly until: string;
}

/**
 * Whose block it is that keeps an account disabled. `none`: not ours, so its own people's, if it is disabled at all.
 * `ours`: we disabled it and may enable it again. `parked`: its earlier holder left; neither ours to lift nor a word of
 * its own people.
 */
export type Block = "none" | "ours" | "parked";

/** When a side of a row was seen as agreed, and when first not: all that is known of when it changed. */
export interface SeenWindow {
  /** ISO 8601, the last look at which it was as agreed. */
  readonly unchangedAt: string | null;
  /** ISO 8601, by when it had changed: the first look that showed it, or an earlier notice. */
  readonly changedAt: string | null;
}

/** A delete that waits, disabled, for its grace. */
export interface DueDelete {
  readonly system: System;
  /** ISO 8601. */
  readonly at: string;
}

/** The Entra account that an operator took from this link: joined again only by an operator. */
export interface TakenApart {
  readonly entraObjectId: string;
  /** ISO 8601: an order from before it joins them no more. */
  readonly at: string;
  readonly madeByUs: boolean;
  readonly block: Block;
}

/** The stored link of one Drupal account. */
export interface Link {
  readonly drupalUuid: string;
  readonly entraObjectId: string | null;
  /** ISO 8601, when both ids were joined; null while only reserved. */
  readonly linkedAt: string | null;
  /** Whether the account on each side is our own creation rather than a match. */
  readonly madeByUs: Readonly<Record<System, boolean>>;
  readonly blocks: Readonly<Record<System, Block>>;
  /** Whether each direction has ever served the user: only who was in scope can leave it. */
  readonly served: Readonly<Record<Direction, boolean>>;
  /** Whether the last look found the user in the scope of each direction. */
  readonly inScope: Readonly<Record<Direction, boolean>>;
  /** ISO 8601, when we deleted the account on a side: its absence says nothing about its user, and we may bring it back. */
  readonly deletedByUs: Readonly<Record<System, string | null>>;
  /** What both sides last agreed on, by row of the mapping. */
  readonly base: Readonly<Record<string, BasePair>>;
  /** What Entra was last known to hold, and what a read may still show instead. */
  readonly known: KnownValues;
  /** By row, for rows of the authority `newest`. */
  readonly windows: Readonly<Record<string, Readonly<Record<System, SeenWindow>>>>;
  /** Rows that wait for an operator. */
  readonly conflicts: Readonly<Record<string, OpenConflict>>;
  /** What operators decided, valid while both values are the ones they saw. */
  readonly settled: Readonly<Record<string, Settlement>>;
  /** Rows without a base of which an announced write did not show: what differs there is a conflict, never a first
   * meeting, until they agree. */
  readonly interrupted: readonly string[];
  /** Our latest writes of each row, to know ping-pong by. */
  readonly flips: Readonly<Record<string, readonly Flip[]>>;
  /** Drupal roles that the sync gave, and may take away. */
  readonly grantedRoles: readonly string[];
  /** ISO 8601, when the Drupal account was proven gone. */
  readonly drupalGoneAt: string | null;
  readonly deleteDue: DueDelete | null;
  /** The site only blocks cancelled accounts: the delete of the Drupal account went as far as it goes. */
  readonly isCancelled: boolean;
  /** The last look found the account protected: also its end is none of our business. */
  readonly isProtected: boolean;
  /** ISO 8601, since when reads do not find the Entra account, and it is not among the deleted ones either. */
  readonly entraMissingSince: string | null;
  /** ISO 8601, when we restored the Entra account. */
  readonly restoredAt: string | null;
  readonly takenApart: TakenApart | null;
  /** Both sides as of the last look that left nothing to do. */
  readonly rest: Rest;
  /** That look; null while something is open. */
  readonly rested: Rested | null;
  readonly pending: PendingExport | null;
  /** A run that was interrupted goes on with the rest of an approved plan, which is not the plan that was approved. */
  readonly approved: ApprovedPlan | null;
  readonly lease: Lease | null;
}

/** What a look at a user may change in its link beside the outcome of writes. */
export type LinkFacts = Partial<
  Pick<
    Link,
    | "drupalGoneAt"
    | "deleteDue"
    | "isCancelled"
    | "isProtected"
    | "entraMissingSince"
    | "deletedByUs"
    | "blocks"
    | "conflicts"
    | "settled"
    | "windows"
    | "interrupted"
    | "served"
    | "inScope"
    | "grantedRoles"
  >
>;

/** A link that joins nothing yet. */
export function newLink(drupalUuid: string): Link {
  return {
    drupalUuid,
    entraObjectId: null,
    linkedAt: null,
    madeByUs: { drupal: false, entra: false },
    blocks: { drupal: "none", entra: "none" },
    served: { drupalToEntra: false, entraToDrupal: false },
    inScope: { drupalToEntra: false, entraToDrupal: false },
    deletedByUs: { drupal: null, entra: null },
    base: {},
    known: {},
    windows: {},
    conflicts: {},
    settled: {},
    interrupted: [],
    flips: {},
    grantedRoles: [],
    drupalGoneAt: null,
    deleteDue: null,
    isCancelled: false,
    isProtected: false,
    entraMissingSince: null,
    restoredAt: null,
    takenApart: null,
    rest: NOT_AT_REST,
    rested: null,
    pending: null,
    approved: null,
    lease: null,
  };
}

/** The link as if no Entra account had ever been joined to it. What we made or blocked in Drupal stays known. */
export function unlinked(link: Link): Link {
  return {
    ...newLink(link.drupalUuid),
    madeByUs: { drupal: link.madeByUs.drupal, entra: false },
    blocks: { drupal: link.blocks.drupal, entra: "none" },
    grantedRoles: link.grantedRoles,
    isProtected: link.isProtected,
    takenApart: link.takenApart,
    drupalGoneAt: link.drupalGoneAt,
    lease: link.lease,
  };
}

/** Whether two accounts are joined; an id without a date is only reserved for a create that was announced. */
export const isJoined = (link: Link): boolean =>
  link.entraObjectId !== null && link.linkedAt !== null;

/** Whether someone other than `owner` holds the link at `now`. */
export function isHeldByAnother(link: Link, owner: string, now: Date): boolean {
  return (
    link.lease !== null &&
    link.lease.owner !== owner &&
    Date.parse(link.lease.until) > now.getTime()
  );
}

/** The link held by `owner` for `leaseMs` from `now`; each save of the link renews it so. */
export function held(link: Link, owner: string, now: Date, leaseMs: number): Link {
  return { ...link, lease: { owner, until: new Date(now.getTime() + leaseMs).toISOString() } };
}
