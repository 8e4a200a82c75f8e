// The link: the pair of ids of one user with what both sides last agreed on. Joined by ids once, never by names again.
import type { Change, Operation } from "./plan.ts";
import type { RecentWrites } from "./recent-writes.ts";

/** An export that was announced before the remote call and is cleared after it (intent before write). */
export interface PendingExport {
  readonly operationId: string;
  /** ISO 8601, when the intent was recorded. */
  readonly at: string;
  readonly operation: Operation;
  /** For a create: the UPN that the POST uses. Uniqueness of the UPN makes the repeat safe. */
  readonly userPrincipalName: string | null;
  /** For a link: the Drupal account, proven gone, whose Entra account is taken over. */
  readonly takesOverFrom: string | null;
  /** What the audit log will say; values as the audit setting allows. */
  readonly changes: readonly Change[];
  /** Fingerprint per attribute of the value that is being written: tells after a crash whether it arrived. */
  readonly after: Readonly<Record<string, string>>;
}

/** One holder at a time; a crashed holder's lease runs out. */
export interface Lease {
  readonly owner: string;
  /** ISO 8601. */
  readonly until: string;
}

/** The stored link of one Drupal account. */
export interface Link {
  readonly drupalUuid: string;
  readonly entraObjectId: string | null;
  /** ISO 8601, when both ids were joined. */
  readonly linkedAt: string | null;
  /** True when the Entra account is our own creation rather than a match. */
  readonly createdByUs: boolean;
  /** Fingerprint per Entra attribute of the value that both sides last agreed on. */
  readonly base: Readonly<Record<string, string>>;
  /** What we wrote to Entra a moment ago and a read may not show yet. */
  readonly recent: RecentWrites;
  /** The Entra account is disabled, and it was us: only then may we enable it again. */
  readonly disabledByUs: boolean;
  /** ISO 8601, when the Drupal account was proven gone. */
  readonly drupalGoneAt: string | null;
  /** ISO 8601, when a delete that waits for its grace is due. */
  readonly deleteDueAt: string | null;
  readonly pending: PendingExport | null;
  readonly lease: Lease | null;
}

/** A link that joins nothing yet. */
export function newLink(drupalUuid: string): Link {
  return {
    drupalUuid,
    entraObjectId: null,
    linkedAt: null,
    createdByUs: false,
    base: {},
    recent: {},
    disabledByUs: false,
    drupalGoneAt: null,
    deleteDueAt: null,
    pending: null,
    lease: null,
  };
}

/** The link as if no Entra account had ever been joined to it. */
export function unlinked(link: Link): Link {
  return { ...newLink(link.drupalUuid), drupalGoneAt: link.drupalGoneAt, lease: link.lease };
}

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
