// What the page of the simulator shows: users, deleted users and groups, one page at a time, with a version.
import type { GroupRecord } from "./group-store.ts";
import type { JsonObject } from "./json-value.ts";
import { representUser } from "./represent-user.ts";
import type { SimulatorLife } from "./simulator-life.ts";
import type { Tenant } from "./tenant.ts";
import { textOf, type UserRecord } from "./user-record.ts";

const PAGE_SIZE = 50;

const SHOWN =
  "id displayName givenName surname mail department jobTitle mobilePhone businessPhones accountEnabled".split(
    " ",
  );
const SEARCHED = ["displayName", "userPrincipalName", "mail", "department", "jobTitle"];

const isoTime = (time: number | undefined): string | null =>
  time === undefined || time === 0 ? null : new Date(time).toISOString();

const showUser = (tenant: Tenant, record: UserRecord): JsonObject => {
  const { values } = record;
  const marks = [
    ...(values.userType === "Guest" ? ["guest"] : []),
    ...(values.onPremisesSyncEnabled === true ? ["synced from on-premises"] : []),
  ];
  return {
    ...representUser(tenant, record, SHOWN, values),
    userPrincipalName: textOf(values, "userPrincipalName"),
    marks,
    groups: tenant.groups.groupsOf(record.id, false).map(({ id }) => id),
    photo: record.photo?.etag ?? null,
    changed: isoTime(record.changedAt),
    deleted: isoTime(record.deletedAt),
  };
};

const showGroup = (tenant: Tenant, group: GroupRecord): JsonObject => {
  const nested = [...group.memberIds].flatMap((id) => tenant.groups.get(id) ?? []);
  const users = [...group.memberIds].filter((id) => tenant.users.get(id) !== undefined);
  const nameOf = ({ displayName }: GroupRecord): string => displayName;
  return {
    id: group.id,
    displayName: group.displayName,
    description: group.description ?? null,
    users: users.length,
    groups: nested.map(nameOf),
    memberOf: tenant.groups.groupsOf(group.id, false).map(nameOf),
  };
};

const matcher = (words: string) => {
  const wanted = words.trim().toLowerCase();
  return ({ values }: UserRecord): boolean =>
    SEARCHED.some((name) => textOf(values, name).toLowerCase().includes(wanted));
};

interface Found {
  readonly records: readonly UserRecord[];
  readonly total: number;
}

// Those that changed last come first, then everyone in the directory's order.
const usersToShow = (tenant: Tenant, words: string, offset: number): Found => {
  const matches = matcher(words);
  const changed: UserRecord[] = [];
  const others: UserRecord[] = [];
  let total = 0;
  for (const record of tenant.users.all()) {
    if (!matches(record)) continue;
    total += 1;
    if (record.changedAt > 0) changed.push(record);
    else if (others.length < offset + PAGE_SIZE) others.push(record);
  }
  changed.sort((a, b) => b.changedAt - a.changedAt);
  return { records: [...changed, ...others].slice(offset, offset + PAGE_SIZE), total };
};

const deletedToShow = (tenant: Tenant, words: string, offset: number): Found => {
  // Deletion order, the last one first.
  const all = [...tenant.users.deleted()].filter(matcher(words)).reverse();
  return { records: all.slice(offset, offset + PAGE_SIZE), total: all.length };
};

/** One page of users (`view=users`) or of those who can be restored (`view=deleted`), with all groups. */
export function listPage(life: SimulatorLife, query: URLSearchParams): JsonObject {
  const { tenant } = life;
  tenant.users.purgeExpired();
  const canSync = life.productUrl() !== undefined;
  const version = `${tenant.generation}.${tenant.users.version()}.${tenant.groupChanges.last()}.${canSync}`;
  if (query.get("version") === version) return { version, unchanged: true };
  const offset = Math.max(0, Number.parseInt(query.get("offset") ?? "0", 10) || 0);
  const find = query.get("view") === "deleted" ? deletedToShow : usersToShow;
  const { records, total } = find(tenant, query.get("q") ?? "", offset);
  const groups = [...tenant.groups.all()].sort((a, b) =>
    a.displayName.localeCompare(b.displayName),
  );
  return {
    version,
    total,
    offset,
    pageSize: PAGE_SIZE,
    canSync,
    counts: {
      users: tenant.users.size(),
      deleted: [...tenant.users.deleted()].length,
      groups: groups.length,
    },
    users: records.map((record) => showUser(tenant, record)),
    groups: groups.map((group) => showGroup(tenant, group)),
  };
}
