// A link in the public form: who belongs to whom, whose blocks, and what waits for an operator or to be tried again.
import type { EscrowEntry } from "../rules/escrow.ts";
import type { Link, PendingExport } from "../rules/link.ts";
import type { PhotoRecord } from "../rules/photo.ts";

const shownPending = ({ operation, system, at, after }: PendingExport) => ({
  operation,
  system,
  at,
  attributes: Object.keys(after),
});

/** The public form; fingerprints stay inside. */
export function shownLink(link: Link) {
  const { drupalUuid, entraObjectId, linkedAt, madeByUs, blocks, deletedByUs } = link;
  const { grantedRoles, drupalGoneAt, deleteDue, isCancelled, takenApart, pending } = link;
  const conflicts = Object.entries(link.conflicts).map(
    ([key, { code, message, drupal, entra, openedAt }]) => {
      const settled = link.settled[key];
      const decision = settled === undefined ? null : { take: settled.take, at: settled.at };
      return { key, code, message, drupal, entra, openedAt, decision };
    },
  );
  return {
    drupalUuid,
    entraObjectId,
    linkedAt,
    madeByUs,
    blocks,
    deletedByUs,
    grantedRoles,
    drupalGoneAt,
    deleteDue,
    isCancelled,
    takenApart: takenApart?.entraObjectId ?? null,
    pending: pending === null ? null : shownPending(pending),
    conflicts,
  };
}

/** Why a user waits to be tried again, since when, and until when. */
export const shownEscrow = ({ system, reason, attempts, since, at, nextAt }: EscrowEntry) => ({
  system,
  reason,
  attempts,
  since,
  at,
  nextAt,
});

/** What the last look at a user's picture came to. `hash` is that of the kept bytes, and null where none are. */
export const shownPhoto = ({ hash, outcome, seenAt, missingSince, pending }: PhotoRecord) => ({
  hash,
  reason: outcome,
  seenAt,
  missingSince,
  isUploadPending: pending !== null,
});
