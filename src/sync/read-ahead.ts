// Looks for plans that nobody waits for: the users of a page are read ahead, many in a request, and nothing is asked twice.
// Never for a write: that reads each user at its own moment. Nothing here can write.
import { entraAttributesOf } from "../rules/attribute-mapping.ts";
import type { SyncConfiguration } from "../rules/configuration.ts";
import type { Nomination } from "../rules/cycle.ts";
import { drupalUuidFor } from "../rules/drupal-names.ts";
import { SyncFailure } from "../rules/errors.ts";
import type { DrupalUser, EntraUser } from "../rules/users.ts";
import type { CyclePorts } from "./cycle-ports.ts";
import { lookThroughGate } from "./look-through-gate.ts";
import type { DrupalFields, DrupalReader, EntraReader, LookPorts } from "./ports.ts";

const LINKS_AT_ONCE = 16;

type ReadAheadPorts = Pick<CyclePorts, "look" | "many" | "quarantine" | "now">;

/** Asks once for each key. A failure is not remembered. */
function once<A extends readonly unknown[], T>(
  read: (...asked: A) => Promise<T>,
  keyOf: (...asked: A) => string = (...asked) => JSON.stringify(asked),
): (...asked: A) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (...asked) => {
    const key = keyOf(...asked);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = read(...asked);
    answers.set(key, answer);
    answer.catch(() => answers.delete(key));
    return answer;
  };
}

interface Ids {
  readonly drupalUuid: string;
  readonly entraObjectId: string | null;
}

// An Entra user without link is asked for under the UUID that their Drupal account would have.
async function idsOf(nomination: Nomination, links: LookPorts["links"]): Promise<Ids> {
  const { drupalUuid: named, entraObjectId } = nomination;
  if (named === undefined && entraObjectId === undefined) throw new Error("nobody is nominated");
  const holder = entraObjectId === undefined ? null : await links.holderOf(entraObjectId);
  const known = named ?? holder;
  const link = known === null ? undefined : (await links.get(known))?.link;
  return {
    drupalUuid: known ?? drupalUuidFor(entraObjectId ?? ""),
    entraObjectId: link?.entraObjectId ?? entraObjectId ?? null,
  };
}

async function idsOfAll(
  nominations: readonly Nomination[],
  links: LookPorts["links"],
): Promise<Ids[]> {
  const ids: Ids[] = [];
  for (let start = 0; start < nominations.length; start += LINKS_AT_ONCE) {
    const some = nominations.slice(start, start + LINKS_AT_ONCE);
    ids.push(...(await Promise.all(some.map((one) => idsOf(one, links)))));
  }
  return ids;
}

// Who is not read ahead is read singly, and there a failure is told of the user whom it concerns.
async function ahead<T>(
  ports: ReadAheadPorts,
  read: () => Promise<ReadonlyMap<string, T>>,
): Promise<ReadonlyMap<string, T>> {
  try {
    return await lookThroughGate(ports, read);
  } catch (error) {
    if (error instanceof SyncFailure) return new Map();
    throw error;
  }
}

const fieldsKey = (fields: DrupalFields): string =>
  JSON.stringify(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)));

async function drupalReader(
  uuids: readonly string[],
  configurations: readonly SyncConfiguration[],
  ports: ReadAheadPorts,
): Promise<DrupalReader> {
  const { drupal } = ports.look;
  const known = new Map<string, ReadonlyMap<string, DrupalUser>>();
  // What a field holds depends on how it is declared.
  for (const { fields } of configurations) {
    const key = fieldsKey(fields);
    if (known.has(key)) continue;
    known.set(key, await ahead(ports, () => ports.many.drupal.getUsers(uuids, fields)));
  }
  const getUser = once(
    (uuid: string, fields: DrupalFields) => drupal.getUser(uuid, fields),
    (uuid, fields) => `${uuid} ${fieldsKey(fields)}`,
  );
  return {
    // The answer of many proves nobody gone: it is asked singly.
    getUser: async (uuid, fields) =>
      known.get(fieldsKey(fields))?.get(uuid.toLowerCase()) ?? getUser(uuid, fields),
    findUsers: once((key, fields) => drupal.findUsers(key, fields)),
    serviceAccount: once(() => drupal.serviceAccount()),
  };
}

async function entraReader(
  objectIds: readonly string[],
  configurations: readonly SyncConfiguration[],
  ports: ReadAheadPorts,
): Promise<EntraReader> {
  const { entra } = ports.look;
  const all = new Set(configurations.flatMap(entraAttributesOf));
  const known: ReadonlyMap<string, EntraUser | null> = await ahead(ports, () =>
    ports.many.entra.getUsers(objectIds, [...all]),
  );
  // One question for all configurations: an attribute too many decides nothing.
  const wider = (attributes: readonly string[]): readonly string[] =>
    attributes.every((name) => all.has(name)) ? [...all] : attributes;
  const getUser = once((objectId: string, attributes: readonly string[]) =>
    entra.getUser(objectId, attributes),
  );
  const findUsers = once<Parameters<EntraReader["findUsers"]>, EntraUser[]>((key, attributes) =>
    entra.findUsers(key, attributes),
  );
  return {
    getUser: async (objectId, attributes) => {
      const user = attributes.every((name) => all.has(name)) ? known.get(objectId) : undefined;
      return user === undefined ? getUser(objectId, wider(attributes)) : user;
    },
    getUserByPrincipalName: once((name, attributes) =>
      entra.getUserByPrincipalName(name, attributes),
    ),
    findUsers: (key, attributes) => findUsers(key, wider(attributes)),
    isInBin: once((objectId) => entra.isInBin(objectId)),
    isPrivileged: once((objectId) => entra.isPrivileged(objectId)),
    verifiedDomains: once(() => entra.verifiedDomains()),
  };
}

/**
 * Ports for planning these users, with any of these configurations: what can be read of many at once is there already, what
 * else a plan asks is asked singly, and each question only once. As old as the page: a few seconds.
 */
export async function readAhead(
  nominations: readonly Nomination[],
  configurations: readonly SyncConfiguration[],
  ports: ReadAheadPorts,
): Promise<LookPorts> {
  const { look } = ports;
  const links = {
    get: once((drupalUuid: string) => look.links.get(drupalUuid)),
    holderOf: once((entraObjectId: string) => look.links.holderOf(entraObjectId)),
  };
  const ids = await idsOfAll(nominations, links);
  const uuids = [...new Set(ids.map(({ drupalUuid }) => drupalUuid))];
  const objectIds = [...new Set(ids.flatMap(({ entraObjectId }) => entraObjectId ?? []))];
  const [drupal, entra] = await Promise.all([
    drupalReader(uuids, configurations, ports),
    entraReader(objectIds, configurations, ports),
  ]);
  return { ...look, links, drupal, entra };
}
