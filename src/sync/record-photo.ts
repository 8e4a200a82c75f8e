// What a look at one user's picture leaves behind: what is remembered, what the audit log says, and no file that is of no use.
import type { AuditEntry } from "../rules/audit-entry.ts";
import { RejectedError, SyncFailure } from "../rules/errors.ts";
import type { Link } from "../rules/link.ts";
import {
  type DrupalPicture,
  type PendingUpload,
  type PhotoFact,
  type PhotoOutcome,
  type PhotoRecord,
  type PhotoSettings,
  photoPrint,
  withArrived,
} from "../rules/photo.ts";
import type { PhotoRequest } from "../rules/photo-request.ts";
import { because } from "../rules/plan.ts";
import type { PhotoPorts } from "./photo-ports.ts";

/** A look at one user's picture. */
export interface Look {
  readonly request: PhotoRequest;
  readonly link: Link;
  readonly entraObjectId: string;
  readonly settings: PhotoSettings;
  readonly seen: PhotoFact;
  readonly current: DrupalPicture | null;
  readonly startedAt: Date;
}

/** What is remembered, as it is saved in the course of a look. */
export interface Memory {
  readonly record: PhotoRecord;
  /** The upload of an earlier look that was found to have arrived. */
  readonly arrived: PendingUpload | null;
  /** What was remembered is of another Entra account. */
  readonly isOfAnother: boolean;
  save(changes: Partial<PhotoRecord>): Promise<void>;
}

/** What is remembered of the user whom a look is at. */
export async function remember(
  { link, entraObjectId, settings, current, startedAt }: Look,
  ports: PhotoPorts,
): Promise<Memory> {
  const { drupalUuid } = link;
  const stored = await ports.photos.record(drupalUuid);
  // Another account's picture is no news of this one; the file that Drupal shows is ours all the same.
  const isSameAccount = stored?.record.entraObjectId === entraObjectId;
  const isSameField = stored?.record.settings.split(" ")[0] === settings.field;
  const fresh: PhotoRecord = {
    drupalUuid,
    entraObjectId,
    etag: null,
    settings: "",
    hash: stored?.record.hash ?? null,
    // What another field shows is not taken away, whatever becomes of this one.
    fileId: isSameField ? (stored?.record.fileId ?? null) : null,
    leftovers: stored?.record.leftovers ?? [],
    pending: null,
    missingSince: null,
    outcome: because("new", "not looked at before"),
    seenAt: startedAt.toISOString(),
  };
  const isKnown =
    stored !== null && isSameAccount && (isSameField || stored.record.settings === "");
  const known = withArrived(isKnown ? stored.record : fresh, current);
  let { record } = known;
  let version = stored?.version ?? null;
  return {
    arrived: known.arrived,
    isOfAnother: stored !== null && !isSameAccount,
    get record() {
      return record;
    },
    save: async (changes) => {
      const next = { ...record, ...changes };
      version = await ports.photos.save(next, version);
      record = next;
    },
  };
}

/** Tells the audit log how a look ended. `change`: the prints of the picture before and after. */
export async function tell(
  { request, link, entraObjectId, startedAt, settings }: Look,
  outcome: Pick<PhotoOutcome, "status" | "operation" | "reason">,
  change: { readonly before: string | null; readonly after: string | null } | null,
  ports: PhotoPorts,
): Promise<void> {
  const at = ports.now();
  const status = {
    success: "success",
    inSync: "success",
    skipped: "skipped",
    warning: "warning",
    failed: "failure",
  } as const;
  const entry: AuditEntry = {
    id: ports.newId(),
    at: at.toISOString(),
    operation: outcome.operation,
    resourceType: "photo",
    status: status[outcome.status],
    system: "drupal",
    direction: "entraToDrupal",
    cause: request.cause,
    cycleId: request.cycleId,
    drupalUuid: link.drupalUuid,
    entraId: entraObjectId,
    changes:
      change === null ? [] : [{ attribute: settings.field, ...change, why: outcome.reason.code }],
    reason: outcome.reason,
    actor: request.actor,
    durationMs: at.getTime() - startedAt.getTime(),
  };
  await ports.audit.append(entry);
}

/** Deletes files of ours that nobody shows any more; answers those that cannot be deleted now, for the next look. */
export async function sweep(files: readonly string[], ports: PhotoPorts): Promise<string[]> {
  const left: string[] = [];
  for (const file of files) {
    try {
      await ports.drupalPhotos.deleteFile(file);
    } catch (error) {
      if (!(error instanceof SyncFailure)) throw error;
      // What the site never lets us delete stays there.
      if (!(error instanceof RejectedError)) left.push(file);
    }
  }
  return left;
}

/** What every ending of a look changes in what is remembered. */
export function lookedAt(
  { seen, settings, startedAt }: Look,
  { record }: Memory,
): Partial<PhotoRecord> {
  const now = startedAt.toISOString();
  const isPicture = seen.kind === "picture";
  const isMissing = seen.kind === "none" || seen.kind === "noMailbox";
  return {
    // Whatever was announced has arrived, was refused, or is not shown.
    pending: null,
    ...(isPicture ? { etag: seen.etag, settings: photoPrint(settings), seenAt: now } : {}),
    missingSince: isMissing ? (record.missingSince ?? now) : isPicture ? null : record.missingSince,
  };
}
