// Answers a collection query from the best index: keys for equality, the kept order for keyset pages.
import type { DrupalUser } from "./drupal-user.ts";
import type { Column, Filter } from "./filter.ts";
import { matches } from "./match-filter.ts";
import { fold, startOfChanged, startOfUid, type UserStore } from "./user-store.ts";

/** One sort key. */
export interface SortKey {
  readonly column: Column<DrupalUser>;
  readonly descending: boolean;
}

/** What to find. */
export interface UserQuery {
  readonly filter: Filter<DrupalUser> | undefined;
  /** What access control adds: which users this asker may find by a filter. */
  readonly findable: (user: DrupalUser) => boolean;
  readonly sort: readonly SortKey[];
  readonly offset: number;
  readonly limit: number;
}

/** A page and whether another follows. */
export interface UserPage {
  readonly users: readonly DrupalUser[];
  readonly more: boolean;
}

/** The users that an equality on a unique-ish key leaves, or undefined when no key is given. */
function candidates(
  store: UserStore,
  filter: Filter<DrupalUser> | undefined,
): DrupalUser[] | undefined {
  if (filter?.kind !== "group" || filter.conjunction !== "AND") return undefined;
  for (const member of filter.members) {
    if (member.kind !== "condition") continue;
    if (member.operator !== "=" && member.operator !== "IN") continue;
    const { values } = member;
    const { field } = member.column;
    if (field === "uuid") return values.flatMap((uuid) => store.get(uuid) ?? []);
    if (field === "name") return values.flatMap((name) => store.byName(name) ?? []);
    if (field === "mail") return values.flatMap((mail) => [...store.byMail(mail)]);
  }
  return undefined;
}

/** The smallest value of a number column that can still match: where an ordered walk may begin. */
function lowest(filter: Filter<DrupalUser> | undefined, field: string): number {
  const nothing = Number.NEGATIVE_INFINITY;
  if (filter === undefined) return nothing;
  if (filter.kind === "group") {
    const bounds = filter.members.map((member) => lowest(member, field));
    if (bounds.length === 0) return nothing;
    return filter.conjunction === "AND" ? Math.max(...bounds) : Math.min(...bounds);
  }
  const bounded = ["=", ">", ">=", "BETWEEN"].includes(filter.operator);
  const bound = Number(filter.values[0]);
  return filter.column.field === field && bounded && !Number.isNaN(bound) ? bound : nothing;
}

/** Rows in table order, which is also how ties are broken (contract/drupal 112). */
function ordered(store: UserStore, query: UserQuery): readonly DrupalUser[] | undefined {
  const [first, second, ...rest] = query.sort;
  const ascending = query.sort.every((key) => !key.descending);
  if (first === undefined || (first.column.field === "uid" && ascending)) {
    const list = store.inUidOrder();
    const bound = lowest(query.filter, "uid");
    return bound > 0 ? list.slice(startOfUid(list, bound)) : list;
  }
  const byChanged =
    first.column.field === "changed" &&
    rest.length === 0 &&
    (second === undefined || second.column.field === "uid");
  if (!byChanged || !ascending) return undefined;
  const list = store.inChangedOrder();
  const bound = lowest(query.filter, "changed");
  return bound > 0 ? list.slice(startOfChanged(list, bound)) : list;
}

type Key = string | number;

/** Sorts by keys that are read once for each user; ties keep the order of the table. */
function sorted(users: readonly DrupalUser[], sort: readonly SortKey[]): DrupalUser[] {
  const keyOf = (user: DrupalUser, key: SortKey): Key => {
    const [value] = key.column.read(user);
    // NULL comes before everything else.
    if (key.column.kind === "number") return Number(value ?? Number.NEGATIVE_INFINITY);
    return fold(String(value ?? ""));
  };
  const rows = users.map((user) => ({ user, keys: sort.map((key) => keyOf(user, key)) }));
  rows.sort((left, right) => {
    for (const [index, key] of sort.entries()) {
      const [one = "", two = ""] = [left.keys[index], right.keys[index]];
      if (one !== two) return (one < two ? -1 : 1) * (key.descending ? -1 : 1);
    }
    return left.user.uid - right.user.uid;
  });
  return rows.map(({ user }) => user);
}

/** Finds one page. */
export function findUsers(store: UserStore, query: UserQuery): UserPage {
  const { filter, findable, offset, limit } = query;
  const passes = (user: DrupalUser): boolean =>
    findable(user) && (filter === undefined || matches(user, filter));
  const few = candidates(store, filter);
  const walk = few === undefined ? ordered(store, query) : undefined;
  if (walk === undefined) {
    const found = sorted([...new Set(few ?? store.inUidOrder())].filter(passes), query.sort);
    return { users: found.slice(offset, offset + limit), more: found.length > offset + limit };
  }
  const users: DrupalUser[] = [];
  let seen = 0;
  for (const user of walk) {
    if (!passes(user)) continue;
    seen += 1;
    if (seen <= offset) continue;
    if (users.length === limit) return { users, more: true };
    users.push(user);
  }
  return { users, more: false };
}
