// The import and matching steps: reads both sides of one user as they are now.

import type { SyncConfiguration } from "../rules/configuration.ts";
import { TransientError } from "../rules/errors.ts";
import type { Link } from "../rules/link.ts";
import { type Match, matchingKeys, matchOf } from "../rules/matching.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { DrupalUser, EntraUser } from "../rules/users.ts";
import type { DrupalReader, EntraReader, LinkStore, Surroundings } from "./ports.ts";

type ImportPorts = Pick<Surroundings, "now"> & {
  readonly drupal: DrupalReader;
  readonly entra: EntraReader;
  readonly links: LinkStore;
};

// Graph may answer 404 for an account that it has just made (facts: graph 1.7, "~5 min isn't enough").
const REPLICATION_WINDOW_MS = 15 * 60_000;

// How often a sender that speaks before it commits is waited for: 1 s each.
const MAX_WAITS_FOR_COMMIT = 5;

/** The Entra attributes that a configuration needs to see. */
export function selectedAttributes(configuration: SyncConfiguration): string[] {
  return [...configuration.attributes.map((row) => row.entra), configuration.account.marker];
}

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
  request: ProvisionRequest,
  ports: ImportPorts,
): Promise<DrupalUser | null> {
  const user = await ports.drupal.getUser(request.drupalUuid);
  const changedAt = user === null ? null : Math.floor(Date.parse(user.changedAt) / 1000);
  if (isOlderThanAnnounced(request, changedAt) && request.attempt < MAX_WAITS_FOR_COMMIT) {
    const options = { system: "drupal", code: "notCommittedYet", retryAfterMs: 1000 } as const;
    throw new TransientError("Drupal does not show the announced change yet", options);
  }
  return user;
}

/** Reads the linked Entra user; a 404 soon after our own create is replication, not absence. */
export async function importEntraUser(
  link: Link,
  configuration: SyncConfiguration,
  ports: ImportPorts,
): Promise<EntraUser | null> {
  if (link.entraObjectId === null) return null;
  const user = await ports.entra.getUser(link.entraObjectId, selectedAttributes(configuration));
  const linkedAgoMs = ports.now().getTime() - Date.parse(link.linkedAt ?? "1970-01-01T00:00:00Z");
  if (user === null && link.createdByUs && linkedAgoMs < REPLICATION_WINDOW_MS) {
    const options = { system: "entra", code: "replicationPending", retryAfterMs: 2000 } as const;
    throw new TransientError("Entra does not show the new account yet", options);
  }
  return user;
}

/** What matching found, and whose tombstone a match would take over. */
export interface FoundMatch {
  readonly match: Match;
  /** The link of a Drupal account that was proven gone and holds the matched Entra account. */
  readonly predecessor: Link | null;
}

const NO_MATCH: FoundMatch = { match: { kind: "none" }, predecessor: null };

/**
 * Looks for the Entra user of an unlinked Drupal user, key by key; the first key that finds anyone decides. An
 * account that belongs to another living Drupal user is a conflict.
 */
export async function findMatch(
  user: DrupalUser,
  configuration: SyncConfiguration,
  ports: ImportPorts,
): Promise<FoundMatch> {
  for (const key of matchingKeys(user, configuration)) {
    const match = matchOf(await ports.entra.findUsers(key, selectedAttributes(configuration)));
    if (match.kind === "none") continue;
    if (match.kind === "several") return { match, predecessor: null };
    const holder = await ports.links.holderOf(match.user.objectId);
    if (holder === null || holder === user.uuid) return { match, predecessor: null };
    const predecessor = (await ports.links.get(holder))?.link ?? null;
    if (predecessor?.drupalGoneAt) return { match, predecessor };
    const message = `the matching Entra account ${match.user.objectId} belongs to the Drupal account ${holder}`;
    return {
      match: { kind: "several", reason: { code: "linkedToAnother", message } },
      predecessor: null,
    };
  }
  return NO_MATCH;
}
