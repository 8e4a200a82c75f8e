// The users table with the indexes that keep 100,000 users quick to page: uuid, uid, name, mail, (changed, uid).
import type { DrupalUser } from "./drupal-user.ts";

/** Users by every key a query may start from; both orders are kept while writing, never sorted on reading. */
export interface UserStore {
  readonly size: number;
  /** Rises with each write, so that a page can ask "anything new?". */
  readonly version: number;
  get(uuid: string): DrupalUser | undefined;
  byUid(uid: number): DrupalUser | undefined;
  byName(name: string): DrupalUser | undefined;
  byMail(mail: string): readonly DrupalUser[];
  inUidOrder(): readonly DrupalUser[];
  inChangedOrder(): readonly DrupalUser[];
  /** Takes the next uid; like AUTO_INCREMENT it is used up even if nothing is saved. */
  takeUid(): number;
  put(user: DrupalUser): void;
  remove(uuid: string): void;
}

/** SQLite's NOCASE_UTF8 and MySQL's *_ci both ignore case beyond ASCII. */
export const fold = (text: string): string => text.toLowerCase();

/** SQLite's LIKE ignores the case of ASCII letters only; Drupal asks with it for "=" on texts. */
export const asciiFold = (text: string): string =>
  text.replace(/[A-Z]/g, (sign) => sign.toLowerCase());

type Order = (left: DrupalUser, right: DrupalUser) => number;
const uidOrder: Order = (left, right) => left.uid - right.uid;
const changedOrder: Order = (left, right) => left.changed - right.changed || left.uid - right.uid;

/** The first index whose user is not before `probe`. */
function lowerBound(list: readonly DrupalUser[], isBefore: (user: DrupalUser) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const user = list[middle];
    if (user !== undefined && isBefore(user)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Finds where users with at least this `changed` begin. */
export function startOfChanged(list: readonly DrupalUser[], changed: number): number {
  return lowerBound(list, (user) => user.changed < changed);
}

/** Finds where users with at least this uid begin. */
export function startOfUid(list: readonly DrupalUser[], uid: number): number {
  return lowerBound(list, (user) => user.uid < uid);
}

function insertInto(list: DrupalUser[], user: DrupalUser, order: Order): void {
  const last = list.at(-1);
  if (last === undefined || order(last, user) < 0) list.push(user);
  else
    list.splice(
      lowerBound(list, (other) => order(other, user) < 0),
      0,
      user,
    );
}

function removeFrom(list: DrupalUser[], user: DrupalUser, order: Order): void {
  list.splice(
    lowerBound(list, (other) => order(other, user) < 0),
    1,
  );
}

/** An empty table. */
export function createUserStore(): UserStore {
  const users = new Map<string, DrupalUser>();
  const uids = new Map<number, string>();
  const names = new Map<string, string>();
  const mails = new Map<string, string[]>();
  const uidList: DrupalUser[] = [];
  const changedList: DrupalUser[] = [];
  let version = 0;
  let highestUid = 0;

  const unindex = (user: DrupalUser): void => {
    uids.delete(user.uid);
    names.delete(fold(user.name));
    if (user.mail !== null) {
      const left = (mails.get(fold(user.mail)) ?? []).filter((uuid) => uuid !== user.uuid);
      if (left.length === 0) mails.delete(fold(user.mail));
      else mails.set(fold(user.mail), left);
    }
    removeFrom(uidList, user, uidOrder);
    removeFrom(changedList, user, changedOrder);
  };

  return {
    get size() {
      return users.size;
    },
    get version() {
      return version;
    },
    get: (uuid) => users.get(uuid.toLowerCase()),
    byUid: (uid) => users.get(uids.get(uid) ?? ""),
    byName: (name) => users.get(names.get(fold(name)) ?? ""),
    byMail: (mail) => (mails.get(fold(mail)) ?? []).flatMap((uuid) => users.get(uuid) ?? []),
    inUidOrder: () => uidList,
    inChangedOrder: () => changedList,
    takeUid() {
      highestUid += 1;
      return highestUid;
    },
    put(user) {
      const old = users.get(user.uuid);
      if (old !== undefined) unindex(old);
      users.set(user.uuid, user);
      uids.set(user.uid, user.uuid);
      names.set(fold(user.name), user.uuid);
      if (user.mail !== null) {
        const sharing = mails.get(fold(user.mail));
        if (sharing === undefined) mails.set(fold(user.mail), [user.uuid]);
        else sharing.push(user.uuid);
      }
      insertInto(uidList, user, uidOrder);
      insertInto(changedList, user, changedOrder);
      highestUid = Math.max(highestUid, user.uid);
      version += 1;
    },
    remove(uuid) {
      const old = users.get(uuid);
      if (old === undefined) return;
      unindex(old);
      users.delete(uuid);
      version += 1;
    },
  };
}
