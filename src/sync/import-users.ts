// The import and matching steps: reads both sides of one user as they are now.

import type { SyncConfiguration } from "../rules/configuration.ts";
import { TransientError } from "../rules/errors.ts";
import type { Link } from "../rules/link.ts";
import { type Match, matchingKeys, matchOf } from "../rules/matching.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import { REPLICATION_WINDOW_MS } from "../rules/recent-writes.ts";
import type { AttributeValue, DrupalUser, EntraUser } from "../rules/users.ts";
import type { DrupalReader, EntraReader, LinkStore, Surroundings } from "./ports.ts";

type ImportPorts = Pick<Surroundings, "now"> & {
  readonly drupal: DrupalReader;
  readonly entra: EntraReader;
  readonly links: LinkStore;
};

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

/** Nobody was looked for, or nobody was found. */
export const NO_MATCH: FoundMatch = { match: { kind: "none" }, predecessor: null };

// The marker may hold anything that an organisation wrote there before us; only a UUID is a mark of ours.
const isUuid = (value: AttributeValue | undefined): value is string =>
  typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);

const conflict = (code: string, message: string): FoundMatch => ({
  match: { kind: "several", reason: { code, message } },
  predecessor: null,
});

// One account has the user's key: is it free, and one that a key alone may join?
async function judge(
  candidate: EntraUser,
  user: DrupalUser,
  configuration: SyncConfiguration,
  ports: ImportPorts,
): Promise<FoundMatch> {
  const match = { kind: "one", user: candidate } as const;
  const { objectId } = candidate;
  const mark = candidate.attributes[configuration.account.marker];
  if (mark === user.uuid) return { match, predecessor: null };
  const holder = await ports.links.holderOf(objectId);
  const predecessor = holder === null ? null : ((await ports.links.get(holder))?.link ?? null);
  if (holder !== null && holder !== user.uuid && !predecessor?.drupalGoneAt) {
    return conflict(
      "linkedToAnother",
      `the Entra account ${objectId} belongs to the Drupal account ${holder}`,
    );
  }
  const isMarkedForLiving = isUuid(mark) && mark !== predecessor?.drupalUuid;
  if (isMarkedForLiving) {
    return conflict(
      "markedForAnother",
      `the Entra account ${objectId} was made for the Drupal account ${mark}`,
    );
  }
  // People choose their mail in Drupal themselves: it must not lead to an administrator's account.
  if (await ports.entra.isPrivileged(objectId)) {
    return conflict(
      "privilegedAccount",
      `the Entra account ${objectId} holds admin roles: link it by hand`,
    );
  }
  return { match, predecessor: holder === user.uuid ? null : predecessor };
}

/**
 * Looks for the Entra user of an unlinked Drupal user; the first key that finds anyone decides. An
 * account that belongs to another living Drupal user is a conflict.
 */
export async function findMatch(
  user: DrupalUser,
  configuration: SyncConfiguration,
  ports: ImportPorts,
): Promise<FoundMatch> {
  const keys = matchingKeys(user, configuration);
  const attributes = selectedAttributes(configuration);
  // Asked all at once, judged in their order.
  const found = await Promise.all(keys.map((key) => ports.entra.findUsers(key, attributes)));
  const match = found.map(matchOf).find(({ kind }) => kind !== "none");
  if (match?.kind === "one") return judge(match.user, user, configuration, ports);
  if (match?.kind === "several") return { match, predecessor: null };
  return NO_MATCH;
}
