// Reads and writes Drupal users for the sync; an answer that lacks what our rights must show is a lost right, never a
// fact.
import { drupalFieldOf } from "../../rules/field-types.ts";
import { isUuid, type MatchingKey } from "../../rules/matching.ts";
import type { DrupalUser } from "../../rules/users.ts";
import type { DrupalFields, DrupalReader, DrupalWriter } from "../../sync/ports.ts";
import { isNotFound } from "./answers.ts";
import type { DrupalClient } from "./client.ts";
import { createExpiringMemory } from "./expiring-memory.ts";
import { holdsKey, searchPath } from "./user-search.ts";
import { createUserWrites } from "./user-writes.ts";
import { askUser, proveRights, unreadable, wholePage, wholeUser } from "./whole-users.ts";

const MOST_FOUND = 5;
const OWN_VALUES_LAST_MS = 5 * 60_000;

function createUserReads(client: DrupalClient, now: () => Date): DrupalReader {
  const ownValues = createExpiringMemory<DrupalUser>(now, OWN_VALUES_LAST_MS);

  const proveRightsAgain = async (): Promise<DrupalUser> => {
    const own = await proveRights(client);
    ownValues.put(own.uuid, own);
    return own;
  };

  // Our own value of a text field, which makes an answer that finds nobody prove itself: it must find us.
  const ownValueOf = async (attribute: string, fields: DrupalFields): Promise<string | null> => {
    if (drupalFieldOf(attribute, fields).type !== "text") return null;
    const { uuid } = await client.serviceAccount();
    const own = ownValues.get(uuid) ?? (await proveRightsAgain());
    const value = own.attributes[attribute];
    return typeof value === "string" && value !== "" ? value : null;
  };

  const getUser = async (uuid: string, fields: DrupalFields): Promise<DrupalUser | null> => {
    const answer = await askUser(client, uuid, fields);
    const user = wholeUser(answer, fields);
    if (user !== null) return user;
    await proveRightsAgain();
    if (isNotFound(answer)) return null;
    throw unreadable(answer, Object.keys(fields));
  };

  const search = async (key: MatchingKey, fields: DrupalFields): Promise<DrupalUser[]> => {
    const path = searchPath(key, fields, await ownValueOf(key.attribute, fields));
    const answer = await client.send(
      { method: "GET", path },
      (one) => (wholePage(one, fields)?.users.length ?? 0) > 0,
    );
    const users = wholePage(answer, fields)?.users ?? null;
    if (users === null || users.length === 0) await proveRightsAgain();
    if (users === null) throw unreadable(answer, [key.attribute, ...Object.keys(fields)]);
    return users.filter((user) => holdsKey(user, key));
  };

  return {
    serviceAccount: () => client.serviceAccount(),
    getUser,
    findUsers: async (key, fields) => {
      if (key.attribute !== "uuid") {
        const users = await search(key, fields);
        return users.filter(({ uid }) => uid !== 0).slice(0, MOST_FOUND);
      }
      const user = isUuid(key.value) ? await getUser(key.value, fields) : null;
      return user === null || user.uid === 0 ? [] : [user];
    },
  };
}

/** The Drupal side of the sync over one site's client. */
export function createDrupalUsers(
  client: DrupalClient,
  now: () => Date,
): DrupalReader & DrupalWriter {
  const reads = createUserReads(client, now);
  return { ...reads, ...createUserWrites(client, reads, now) };
}
