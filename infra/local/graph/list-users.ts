// GET /users and /users/$count: pages of 100 to 999 with an opaque $skiptoken.
import * as z from "zod";
import { expandedManager, showManager } from "./expand-manager.ts";
import { badRequest, GraphError } from "./graph-error.ts";
import { context, type GraphCall, type GraphReply } from "./graph-message.ts";
import type { JsonValue } from "./json-value.ts";
import { isMatch, likelyUsers, parseUserQuery, sortKey, type UserQuery } from "./match-users.ts";
import { packToken, unpackToken } from "./page-token.ts";
import {
  isAdvanced,
  isEventual,
  type OrderBy,
  orderBy,
  pageSize,
  requireOptions,
} from "./query-options.ts";
import { representUser, selectedUserProperties, usersFragment } from "./represent-user.ts";
import type { Tenant } from "./tenant.ts";
import type { UserRecord } from "./user-record.ts";

const position = z.object({
  generation: z.string(),
  /** Next slot when the directory's own order is followed. */
  slot: z.number().int().optional(),
  /** Last key and id when the result is sorted. */
  key: z.string().optional(),
  id: z.string().optional(),
});
type Position = z.infer<typeof position>;

interface Page {
  readonly records: readonly UserRecord[];
  readonly next: Omit<Position, "generation"> | undefined;
}

const readPosition = (tenant: Tenant, call: GraphCall): Position | undefined => {
  const token = call.query.get("$skiptoken");
  if (token === undefined) return undefined;
  const read = unpackToken(token, position);
  if (read?.generation === tenant.generation) return read;
  throw new GraphError(
    400,
    "Directory_ExpiredPageToken",
    "The specified page token value has expired and can no longer be included in your request.",
  );
};

const scanPage = (tenant: Tenant, query: UserQuery, from: number, size: number): Page => {
  const records: UserRecord[] = [];
  let end = from;
  for (const { record, next } of tenant.users.scan(from)) {
    if (!isMatch(tenant, query, record)) continue;
    if (records.length === size) return { records, next: { slot: end } };
    records.push(record);
    end = next;
  }
  return { records, next: undefined };
};

interface Keyed {
  readonly key: string;
  readonly record: UserRecord;
}

// One sorted result per tenant is kept, so that reading 100,000 users in order does not sort them per page.
const sortedResults = new WeakMap<Tenant, { readonly name: string; readonly sorted: Keyed[] }>();

const sortedUsers = (
  tenant: Tenant,
  call: GraphCall,
  query: UserQuery,
  order: OrderBy | undefined,
  few: readonly UserRecord[] | undefined,
): Keyed[] => {
  const { replicationMs, staleReadMs } = tenant.settings;
  const options = ["$filter", "$search", "$orderby"].map((option) => call.query.get(option));
  const name = JSON.stringify([tenant.users.version(), ...options]);
  const kept = sortedResults.get(tenant);
  // While changes still replicate, the result depends on the moment too.
  const keep = few === undefined && replicationMs === 0 && staleReadMs === 0;
  if (keep && kept?.name === name) return kept.sorted;
  const records = few ?? [...tenant.users.all()].filter((record) => isMatch(tenant, query, record));
  const sign = order?.descending === true ? -1 : 1;
  const sorted = records
    .map((record): Keyed => ({ key: sortKey(tenant, order, record), record }))
    .sort((a, b) =>
      a.key === b.key ? (a.record.id < b.record.id ? -1 : 1) : a.key < b.key ? -sign : sign,
    );
  if (keep) sortedResults.set(tenant, { name, sorted });
  return sorted;
};

const sortedPage = (
  sorted: readonly Keyed[],
  order: OrderBy | undefined,
  after: Position | undefined,
  size: number,
): Page => {
  const isAfter = ({ key, record }: Keyed): boolean => {
    if (after?.key === undefined || after.id === undefined) return true;
    if (key === after.key) return record.id > after.id;
    return order?.descending === true ? key < after.key : key > after.key;
  };
  const start = sorted.findIndex(isAfter);
  const page = start === -1 ? [] : sorted.slice(start, start + size);
  const last = page.at(-1);
  const more = start !== -1 && start + size < sorted.length;
  return {
    records: page.map(({ record }) => record),
    next: more && last !== undefined ? { key: last.key, id: last.record.id } : undefined,
  };
};

const countMatches = (tenant: Tenant, query: UserQuery): number => {
  const few = likelyUsers(tenant, query);
  if (few !== undefined) return few.length;
  let count = 0;
  for (const record of tenant.users.all()) if (isMatch(tenant, query, record)) count += 1;
  return count;
};

/** The link to the next page: the client's own options and the token. */
export function nextLink(call: GraphCall, path: string, token: string): string {
  const query = new URLSearchParams([...call.query]);
  query.set("$skiptoken", token);
  return `${call.origin}/v1.0/${path}?${query.toString().replaceAll("%24", "$")}`;
}

/** GET /users. */
export function listUsers(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, [
    "$select",
    "$top",
    "$filter",
    "$orderby",
    "$search",
    "$count",
    "$expand",
    "$skiptoken",
  ]);
  const select = selectedUserProperties(tenant, call, true);
  const ofManager = expandedManager(tenant, call);
  const size = pageSize(call);
  const order = orderBy(call);
  if (order?.property === "deletedDateTime")
    throw badRequest("Invalid $orderby for this resource.");
  const query = parseUserQuery(tenant, call);
  const from = readPosition(tenant, call);
  const few = likelyUsers(tenant, query);
  const page =
    order === undefined && few === undefined
      ? scanPage(tenant, query, from?.slot ?? 0, size)
      : sortedPage(sortedUsers(tenant, call, query, order, few), order, from, size);
  // How the context names an expansion follows OData 4 (unverified).
  const shown =
    ofManager === undefined ? select : [...(select ?? []), `manager(${ofManager.join(",")})`];
  const body: Record<string, JsonValue> = { ...context(call, usersFragment(shown)) };
  // Without the header ?$count=true is silently ignored; the count comes with the first page.
  if (isAdvanced(call) && from === undefined) body["@odata.count"] = countMatches(tenant, query);
  if (page.next !== undefined) {
    const token = packToken({ generation: tenant.generation, ...page.next });
    body["@odata.nextLink"] = nextLink(call, "users", token);
  }
  body.value = page.records.map((record) => ({
    ...representUser(tenant, record, select),
    ...(ofManager === undefined ? {} : showManager(tenant, record, ofManager)),
  }));
  return { status: 200, body };
}

/** GET /users/$count: plain text, only with ConsistencyLevel: eventual. */
export function countUsers(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, ["$filter", "$search"]);
  if (!isEventual(call)) throw badRequest("$count is not currently supported.");
  const count = countMatches(tenant, parseUserQuery(tenant, call, true));
  return {
    status: 200,
    headers: { "Content-Type": "text/plain" },
    body: Buffer.from(String(count)),
  };
}
