// Reads and writes Drupal users for the sync; an answer that lacks what our rights must show is a lost right, never a
// fact.
import { AccessError, RejectedError } from "../../rules/errors.ts";
import { drupalFieldOf } from "../../rules/field-types.ts";
import { isUuid, type MatchingKey } from "../../rules/matching.ts";
import type { DrupalUser } from "../../rules/users.ts";
import type { DrupalFields, DrupalReader, DrupalWriter } from "../../sync/ports.ts";
import { faultsIn, isNotFound, unexpectedAnswer } from "./answers.ts";
import { type DrupalAnswer, type DrupalClient, rejectedByDrupal } from "./client.ts";
import { createExpiringMemory } from "./expiring-memory.ts";
import { holdsKey, searchPath } from "./user-search.ts";
import { createUserWrites } from "./user-writes.ts";
import {
  includeParameters,
  labelsIn,
  toDrupalUser,
  userCollection,
  userDocument,
  withQuery,
} from "./wire.ts";

const MOST_FOUND = 5;
const OWN_VALUES_LAST_MS = 5 * 60_000;

const wholeUser = ({ status, body }: DrupalAnswer, fields: DrupalFields): DrupalUser | null => {
  const parsed = userDocument.safeParse(body);
  if (status !== 200 || !parsed.success) return null;
  return toDrupalUser(parsed.data.data, fields, labelsIn(parsed.data.included));
};

const wholeUsers = ({ status, body }: DrupalAnswer, fields: DrupalFields): DrupalUser[] | null => {
  const parsed = userCollection.safeParse(body);
  if (status !== 200 || !parsed.success) return null;
  const labels = labelsIn(parsed.data.included);
  return parsed.data.data.map((user) => toDrupalUser(user, fields, labels));
};

// Why a read did not show what it should, while our own account can be read whole.
function unreadable(answer: DrupalAnswer, asked: readonly string[]): Error {
  const { status, body } = answer;
  const [fault] = faultsIn(body);
  if (body === null || (status === 404 && fault === undefined)) return unexpectedAnswer();
  if (status === 400 && fault !== undefined) {
    // Unknown in a filter or an include (contract/drupal 114, 120): the configuration names what the site does not have.
    const attribute = asked.find((name) => fault.detail.includes(`\`${name}`)) ?? null;
    const options = { system: "drupal", code: "drupalFieldUnknown", attribute } as const;
    const message = `Drupal's users have no field ${attribute ?? "of this name"} of the declared type`;
    return new RejectedError(message, options);
  }
  if (status !== 200 && status !== 403) return rejectedByDrupal(status);
  const options = { system: "drupal", code: "drupalUserUnreadable" } as const;
  return new RejectedError("Drupal does not show this one user whole", options);
}

function createUserReads(client: DrupalClient, now: () => Date): DrupalReader {
  const ownValues = createExpiringMemory<DrupalUser>(now, OWN_VALUES_LAST_MS);

  const ask = (uuid: string, fields: DrupalFields): Promise<DrupalAnswer> => {
    const path = `/jsonapi/user/user/${encodeURIComponent(uuid.toLowerCase())}`;
    const request = { method: "GET", path: withQuery(path, includeParameters(fields)) } as const;
    return client.send(request, (answer) => wholeUser(answer, fields) !== null);
  };

  // Users can be seen whole at this moment: our own account stands for all.
  const proveRights = async (): Promise<DrupalUser> => {
    const { uuid } = await client.serviceAccount();
    const own = wholeUser(await ask(uuid, {}), {});
    if (own === null) {
      throw new AccessError(
        "the service account may not see users whole: it needs 'administer users'",
        { system: "drupal", code: "drupalRightsMissing" },
      );
    }
    ownValues.put(uuid, own);
    return own;
  };

  // Our own value of a text field, which makes an answer that finds nobody prove itself: it must find us.
  const ownValueOf = async (attribute: string, fields: DrupalFields): Promise<string | null> => {
    if (drupalFieldOf(attribute, fields).type !== "text") return null;
    const { uuid } = await client.serviceAccount();
    const own = ownValues.get(uuid) ?? (await proveRights());
    const value = own.attributes[attribute];
    return typeof value === "string" && value !== "" ? value : null;
  };

  const getUser = async (uuid: string, fields: DrupalFields): Promise<DrupalUser | null> => {
    const answer = await ask(uuid, fields);
    const user = wholeUser(answer, fields);
    if (user !== null) return user;
    await proveRights();
    if (isNotFound(answer)) return null;
    throw unreadable(answer, Object.keys(fields));
  };

  const search = async (key: MatchingKey, fields: DrupalFields): Promise<DrupalUser[]> => {
    const path = searchPath(key, fields, await ownValueOf(key.attribute, fields));
    const answer = await client.send(
      { method: "GET", path },
      (one) => (wholeUsers(one, fields)?.length ?? 0) > 0,
    );
    const users = wholeUsers(answer, fields);
    if (users === null || users.length === 0) await proveRights();
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
