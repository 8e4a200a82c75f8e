// Which answers show users whole, why others do not, and the proof that everyone may be seen.
import { AccessError, RejectedError } from "../../rules/errors.ts";
import type { DrupalUser } from "../../rules/users.ts";
import type { DrupalFields } from "../../sync/ports.ts";
import { faultsIn, unexpectedAnswer } from "./answers.ts";
import { type DrupalAnswer, type DrupalClient, rejectedByDrupal } from "./client.ts";
import {
  includeParameters,
  labelsIn,
  shownCollection,
  shownUser,
  toDrupalUser,
  userCollection,
  userDocument,
  userResource,
  withQuery,
} from "./wire.ts";

/** The one user of an answer; null when it is not shown whole. */
export function wholeUser({ status, body }: DrupalAnswer, fields: DrupalFields): DrupalUser | null {
  const parsed = userDocument.safeParse(body);
  if (status !== 200 || !parsed.success) return null;
  return toDrupalUser(parsed.data.data, fields, labelsIn(parsed.data.included));
}

/** Users of a collection. */
export interface WholePage {
  readonly users: readonly DrupalUser[];
  readonly hasNext: boolean;
}

/** The users of an answer; null when not every one of them is shown whole. */
export function wholePage({ status, body }: DrupalAnswer, fields: DrupalFields): WholePage | null {
  const parsed = userCollection.safeParse(body);
  if (status !== 200 || !parsed.success) return null;
  const { data, included, links } = parsed.data;
  const labels = labelsIn(included);
  return {
    users: data.map((user) => toDrupalUser(user, fields, labels)),
    hasNext: links?.next !== undefined,
  };
}

const secondsOf = (time: string): number => Math.floor(Date.parse(time) / 1000);

/** One user of a collection, as far as it shows them. */
export interface ShownUser {
  readonly uuid: string;
  readonly uid: number | null;
  /** In UNIX seconds. */
  readonly changed: number | null;
  /** null: not shown whole. */
  readonly user: DrupalUser | null;
}

/** Users of a collection, in its order. */
export interface ShownPage {
  readonly shown: readonly ShownUser[];
  readonly hasNext: boolean;
}

/** The users of an answer, whole or not; null when it is no collection of users. */
export function shownPage({ status, body }: DrupalAnswer, fields: DrupalFields): ShownPage | null {
  const parsed = shownCollection.safeParse(body);
  if (status !== 200 || !parsed.success) return null;
  const { data, included, links } = parsed.data;
  const labels = labelsIn(included);
  const shown: ShownUser[] = [];
  for (const one of data) {
    const part = shownUser.safeParse(one);
    if (!part.success) return null;
    const { id: uuid, attributes } = part.data;
    const whole = userResource.safeParse(one);
    shown.push({
      uuid,
      uid: attributes.drupal_internal__uid,
      changed: attributes.changed === null ? null : secondsOf(attributes.changed),
      user: whole.success ? toDrupalUser(whole.data, fields, labels) : null,
    });
  }
  return { shown, hasNext: links?.next !== undefined };
}

/** We do not see everyone whole. */
export const rightsMissing = (): AccessError =>
  new AccessError("the service account may not see users whole: it needs 'administer users'", {
    system: "drupal",
    code: "drupalRightsMissing",
  });

/** Why a read did not show what it should, while our own account can be read whole. */
export function unreadable(answer: DrupalAnswer, asked: readonly string[]): Error {
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

/** Asks for one user; the identity is proven again unless the answer shows them whole. */
export function askUser(
  client: DrupalClient,
  uuid: string,
  fields: DrupalFields,
): Promise<DrupalAnswer> {
  const path = `/jsonapi/user/user/${encodeURIComponent(uuid.toLowerCase())}`;
  const request = { method: "GET", path: withQuery(path, includeParameters(fields)) } as const;
  return client.send(request, (answer) => wholeUser(answer, fields) !== null);
}

/** Proves that users can be seen whole at this moment: our own account, which is answered, stands for all. */
export async function proveRights(client: DrupalClient): Promise<DrupalUser> {
  const { uuid } = await client.serviceAccount();
  const own = wholeUser(await askUser(client, uuid, {}), {});
  if (own === null) throw rightsMissing();
  return own;
}
