// Saving a user: modules hear of it inside the transaction, readers see it after, and the last writer wins.
import { refusal } from "./drupal-error.ts";
import { type DrupalUser, differs } from "./drupal-user.ts";
import { pause, type Site, type UserEvent } from "./site.ts";

/** The least time between loading and saving, so that two requests at once really overlap. */
const LEAST_OVERLAP_MS = 2;

const queues = new WeakMap<Site, Map<string, Promise<unknown>>>();

/** With lost updates switched off, writers of one user queue; otherwise the work just runs. */
export async function exclusively<T>(site: Site, uuid: string, work: () => Promise<T>): Promise<T> {
  if (site.settings.lostUpdates) return await work();
  const waiting = queues.get(site) ?? new Map<string, Promise<unknown>>();
  queues.set(site, waiting);
  const turn = (waiting.get(uuid) ?? Promise.resolve()).then(work, work);
  waiting.set(uuid, turn);
  try {
    return await turn;
  } finally {
    if (waiting.get(uuid) === turn) waiting.delete(uuid);
  }
}

/** The time that passes between loading an entity and saving it whole (contract/drupal 354-356). */
export async function betweenLoadAndSave(site: Site): Promise<void> {
  const least = site.settings.lostUpdates ? LEAST_OVERLAP_MS : 0;
  await pause(Math.max(site.settings.latencyMs, least));
}

async function inTransaction(
  site: Site,
  events: readonly UserEvent[],
  commit: () => void,
): Promise<void> {
  site.openTransactions += 1;
  try {
    for (const event of events) await site.hooks.duringSave(event);
    commit();
  } finally {
    site.openTransactions -= 1;
  }
  for (const event of events) if (event.kind !== "cancel") site.hooks.afterCommit(event);
}

/** What a user without a time zone gets while saving, so taking it away always counts as a change (contract/drupal-fields 039). */
const DEFAULT_TIME_ZONE = "UTC";
const withDefaults = (user: DrupalUser): DrupalUser => ({
  ...user,
  timezone: user.timezone ?? DEFAULT_TIME_ZONE,
});

/** The name is unique in the database, the mail is not: two at once give one 500, or two accounts with one mail. */
function put(site: Site, user: DrupalUser): void {
  const holder = site.users.byName(user.name);
  if (holder !== undefined && holder.uuid !== user.uuid)
    throw refusal(
      500,
      'SQLSTATE[23000]: Integrity constraint violation: 19 UNIQUE constraint failed: users_field_data.name, users_field_data.langcode: INSERT INTO "users_field_data"',
    );
  site.users.put(user);
}

/** Inserts a user under the next uid. */
export async function insertUser(
  site: Site,
  draft: DrupalUser,
  actor: DrupalUser | null,
): Promise<DrupalUser> {
  const user = { ...withDefaults(draft), uid: site.users.takeUid() };
  await inTransaction(site, [{ kind: "create", user, actor }], () => put(site, user));
  return user;
}

/** Writes the whole entity; `changed` moves only when something differs (contract/drupal 130, 132). */
export async function updateUser(
  site: Site,
  before: DrupalUser,
  after: DrupalUser,
  actor: DrupalUser | null,
): Promise<DrupalUser> {
  const user = differs(before, after) ? { ...withDefaults(after), changed: site.now() } : after;
  const seenActor = actor?.uuid === user.uuid ? user : actor;
  await inTransaction(site, [{ kind: "update", user, actor: seenActor }], () => {
    if (site.users.get(user.uuid) !== undefined) put(site, user);
  });
  site.oauth.revokeTokensOf(before.name);
  return user;
}

/** DELETE runs user_cancel() with the site's method: by default it only blocks (contract/drupal 281-292). */
export async function cancelUser(
  site: Site,
  user: DrupalUser,
  actor: DrupalUser | null,
): Promise<void> {
  const method = site.settings.cancelMethod;
  const cancel: UserEvent = { kind: "cancel", user, actor };
  if (method === "user_cancel_block" || method === "user_cancel_block_unpublish") {
    await site.hooks.duringSave(cancel);
    await updateUser(site, user, { ...user, status: false }, actor);
    return;
  }
  // hook_user_cancel is not invoked for user_cancel_delete (core, user.module).
  const gone: UserEvent = { kind: "delete", user, actor };
  const events = method === "user_cancel_delete" ? [gone] : [cancel, gone];
  await inTransaction(site, events, () => site.users.remove(user.uuid));
  site.oauth.revokeTokensOf(user.name);
}
