// The matching step: which users without a link belong together, by the configured keys and our own marks.
import { entraAttributesOf } from "../rules/attribute-mapping.ts";
import type { SyncConfiguration } from "../rules/configuration.ts";
import { drupalUuidFor } from "../rules/drupal-names.ts";
import { isHeldByAnother, isJoined, type Link } from "../rules/link.ts";
import { isUuid, keysForDrupal, keysForEntra, type Match, matchOf } from "../rules/matching.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { DrupalUser, EntraUser } from "../rules/users.ts";
import type { LookPorts } from "./ports.ts";

/** What matching found, and whose tombstone a match would take over. */
export interface FoundMatch {
  readonly match: Match<EntraUser>;
  /** The link of a Drupal account that was proven gone, or never made, and holds the matched Entra account. */
  readonly predecessor: Link | null;
}

/** Nobody was looked for, or nobody was found. */
export const NO_MATCH: FoundMatch = { match: { kind: "none" }, predecessor: null };

const conflict = (code: string, message: string): FoundMatch => ({
  match: { kind: "conflict", reason: { code, message } },
  predecessor: null,
});

// Gone, or only reserved by a create that came to nothing.
const isTakeable = (link: Link, now: Date): boolean =>
  link.drupalGoneAt !== null ||
  (!isJoined(link) && link.pending === null && !isHeldByAnother(link, "", now));

async function isAlive(
  drupalUuid: string,
  { fields }: SyncConfiguration,
  ports: LookPorts,
): Promise<boolean> {
  const link = (await ports.links.get(drupalUuid))?.link;
  if (link?.drupalGoneAt) return false;
  return (await ports.drupal.getUser(drupalUuid, fields)) !== null;
}

// One account has the user's key: is it free, and one that a key alone may join?
async function judge(
  found: Extract<Match<EntraUser>, { kind: "one" }>,
  user: DrupalUser,
  configuration: SyncConfiguration,
  ports: LookPorts,
): Promise<FoundMatch> {
  const { objectId, attributes } = found.user;
  const mark = attributes[configuration.account.marker];
  if (mark === user.uuid) return { match: found, predecessor: null };
  const holder = await ports.links.holderOf(objectId);
  const predecessor = holder === null ? null : ((await ports.links.get(holder))?.link ?? null);
  const isFree = predecessor !== null && isTakeable(predecessor, ports.now());
  if (holder !== null && holder !== user.uuid && !isFree) {
    return conflict(
      "linkedToAnother",
      `the Entra account ${objectId} belongs to the Drupal account ${holder}`,
    );
  }
  const isMarkedForAnother = isUuid(mark) && mark !== predecessor?.drupalUuid;
  if (isMarkedForAnother && (await isAlive(mark, configuration, ports))) {
    return conflict(
      "markedForAnother",
      `the Entra account ${objectId} was made for the Drupal account ${mark}`,
    );
  }
  return { match: found, predecessor: holder === user.uuid ? null : predecessor };
}

/**
 * Looks for the Entra user of an unlinked Drupal user; the first key that finds anyone decides, and where none does, the
 * `nominee` whose own keys found this user. An account that belongs to another living Drupal user is a conflict.
 */
export async function findMatch(
  user: DrupalUser,
  nominee: Nominee | null,
  configuration: SyncConfiguration,
  ports: LookPorts,
): Promise<FoundMatch> {
  if (nominee?.by === NAMED) return judge(oneOf(nominee), user, configuration, ports);
  const keys = keysForEntra(user, configuration);
  const attributes = entraAttributesOf(configuration);
  // Asked all at once, judged in their order.
  const found = await Promise.all(
    keys.map(async (key) =>
      matchOf(await ports.entra.findUsers(key, attributes), ({ objectId }) => objectId, key),
    ),
  );
  const match = found.find(({ kind }) => kind !== "none");
  if (match?.kind === "one") return judge(match, user, configuration, ports);
  if (match?.kind === "conflict") return { match, predecessor: null };
  if (nominee === null) return NO_MATCH;
  // A key of the nominee led to this user; a search of Entra may not show it yet.
  return judge(oneOf(nominee), user, configuration, ports);
}

/** An Entra user without link, and the key by which a Drupal account was found for them; null where none was. */
export interface Nominee {
  readonly entra: EntraUser;
  readonly by: string;
  readonly field: string | null;
}

// Named by an operator: no key is asked.
const NAMED = "operator";

const oneOf = ({ entra, by, field }: Nominee) => ({ kind: "one", user: entra, by, field }) as const;

/** The link that a request is about, and the Entra user who is to get a Drupal account, where there is none yet. */
export type Subject =
  | { readonly kind: "user"; readonly drupalUuid: string; readonly nominee: Nominee | null }
  | Extract<Match<EntraUser>, { kind: "conflict" }>;

/**
 * Whom a request names. An Entra user without link is looked for in Drupal by the same keys; one who is not found there
 * is served under the UUID that their account would get.
 */
export async function findSubject(
  request: ProvisionRequest,
  configuration: SyncConfiguration,
  ports: LookPorts,
): Promise<Subject> {
  const { drupalUuid, entraObjectId, joins } = request;
  if (drupalUuid !== undefined) {
    if (joins === undefined) return { kind: "user", drupalUuid, nominee: null };
    return namedPair(drupalUuid, joins, configuration, ports);
  }
  if (entraObjectId === undefined) throw new Error("a request that names nobody");
  const holder = await ports.links.holderOf(entraObjectId);
  if (holder !== null) return { kind: "user", drupalUuid: holder, nominee: null };
  const ownUuid = drupalUuidFor(entraObjectId);
  const nominee = await ports.entra.getUser(entraObjectId, entraAttributesOf(configuration));
  if (nominee === null) return { kind: "user", drupalUuid: ownUuid, nominee: null };
  for (const key of keysForDrupal(nominee, configuration)) {
    const found = await ports.drupal.findUsers(key, configuration.fields);
    const match = matchOf(found, ({ uuid }) => uuid, key);
    if (match.kind === "conflict") return match;
    if (match.kind !== "one") continue;
    const { by, field } = match;
    return subjectOf(match.user, { entra: nominee, by, field }, ports);
  }
  return { kind: "user", drupalUuid: ownUuid, nominee: { entra: nominee, by: "id", field: null } };
}

const notThere = (message: string): Subject => ({
  kind: "conflict",
  reason: { code: "joinsNobody", message },
});

async function namedPair(
  drupalUuid: string,
  joins: string,
  configuration: SyncConfiguration,
  ports: LookPorts,
): Promise<Subject> {
  const [user, entra] = await Promise.all([
    ports.drupal.getUser(drupalUuid, configuration.fields),
    ports.entra.getUser(joins, entraAttributesOf(configuration)),
  ]);
  if (user === null) return notThere(`there is no Drupal account ${drupalUuid}`);
  if (entra === null) return notThere(`there is no Entra account ${joins}`);
  return subjectOf(user, { entra, by: NAMED, field: NAMED }, ports);
}

async function subjectOf(user: DrupalUser, nominee: Nominee, ports: LookPorts): Promise<Subject> {
  const link = (await ports.links.get(user.uuid))?.link;
  const linkedTo = link !== undefined && isJoined(link) ? link.entraObjectId : null;
  if (linkedTo === null || linkedTo === nominee.entra.objectId)
    return { kind: "user", drupalUuid: user.uuid, nominee };
  const message = `the Drupal account ${user.uuid} belongs to the Entra account ${linkedTo}`;
  return { kind: "conflict", reason: { code: "linkedToAnother", message } };
}
