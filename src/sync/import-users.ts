// The import step: reads both sides of one user as they are now. Nothing here can write.
import type { References } from "../rules/attribute-mapping.ts";
import { entraAttributesOf } from "../rules/attribute-mapping.ts";
import type { SyncConfiguration } from "../rules/configuration.ts";
import { TransientError } from "../rules/errors.ts";
import { REPLICATION_WINDOW_MS } from "../rules/known-values.ts";
import { isJoined, type Link } from "../rules/link.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { DrupalUser, EntraUser } from "../rules/users.ts";
import type { LookPorts } from "./ports.ts";

// How often a sender that speaks before it commits is waited for: 1 s each.
const MAX_WAITS_FOR_COMMIT = 5;

function isOlderThanAnnounced(request: ProvisionRequest, changedAt: number | null): boolean {
  if (changedAt === null) return request.event === "created";
  if (request.event === "deleted") return true;
  return request.changedAtLeast !== undefined && changedAt < request.changedAtLeast;
}

/**
 * Reads the Drupal user. A webhook sent from inside the save (facts: drupal, Events) arrives before the commit: a read
 * that is older than the event, or that finds no user for a create, is asked again in a second.
 */
export async function importDrupalUser(
  drupalUuid: string,
  request: ProvisionRequest,
  { fields }: SyncConfiguration,
  ports: Pick<LookPorts, "drupal">,
): Promise<DrupalUser | null> {
  const user = await ports.drupal.getUser(drupalUuid, fields);
  const changedAt = user === null ? null : Math.floor(Date.parse(user.changedAt) / 1000);
  if (isOlderThanAnnounced(request, changedAt) && request.attempt < MAX_WAITS_FOR_COMMIT) {
    const options = { system: "drupal", code: "notCommittedYet", retryAfterMs: 1000 } as const;
    throw new TransientError("Drupal does not show the announced change yet", options);
  }
  return user;
}

/** The linked Entra user as read. */
export interface ImportedEntra {
  readonly entra: EntraUser | null;
  /** It is among the deleted ones. */
  readonly isInBin: boolean;
  /** Neither here nor among the deleted ones, and not for long enough to be believed: a read may lag. */
  readonly isUnproven: boolean;
}

const isWithinLag = (at: string | null, now: Date): boolean =>
  at !== null && now.getTime() - Date.parse(at) < REPLICATION_WINDOW_MS;

/**
 * Reads the linked, or reserved, Entra user. A 404 is proof of a delete only with the user among the deleted ones, or when
 * it lasts: just after a create or a restore, and on a lagging replica at any time, it is replication.
 */
export async function importEntraUser(
  link: Link,
  configuration: SyncConfiguration,
  ports: Pick<LookPorts, "entra" | "now">,
): Promise<ImportedEntra> {
  const { entraObjectId } = link;
  if (entraObjectId === null) return { entra: null, isInBin: false, isUnproven: false };
  const entra = await ports.entra.getUser(entraObjectId, entraAttributesOf(configuration));
  if (entra !== null) return { entra, isInBin: false, isUnproven: false };
  const isInBin = await ports.entra.isInBin(entraObjectId);
  const now = ports.now();
  if (isInBin) return { entra, isInBin, isUnproven: isWithinLag(link.restoredAt, now) };
  const isNew = link.madeByUs.entra && isWithinLag(link.linkedAt, now);
  const isLasting = link.entraMissingSince !== null && !isWithinLag(link.entraMissingSince, now);
  const isOurDelete = link.deletedByUs.entra !== null;
  return { entra, isInBin, isUnproven: isNew || !(isLasting || isOurDelete) };
}

/** Who the two users' managers are on the other side. */
export async function importReferences(
  drupal: DrupalUser | null,
  entra: EntraUser | null,
  { attributes }: SyncConfiguration,
  { links }: Pick<LookPorts, "links">,
): Promise<References> {
  const entraIdOf: Record<string, string | null> = {};
  const drupalUuidOf: Record<string, string | null> = {};
  for (const row of attributes) {
    if (row.entra !== "manager" || row.drupal === undefined) continue;
    const uuid = drupal?.attributes[row.drupal];
    if (typeof uuid === "string") {
      const link = (await links.get(uuid))?.link;
      entraIdOf[uuid] = link !== undefined && isJoined(link) ? link.entraObjectId : null;
    }
    const objectId = entra?.attributes.manager;
    if (typeof objectId === "string") drupalUuidOf[objectId] = await links.holderOf(objectId);
  }
  return { entraIdOf, drupalUuidOf };
}
