// Which users a list request means: filter, search and order over the directory, with indexes where they help.
import { matchesFilter, type ReadProperty, requiredEqualities } from "./filter-evaluate.ts";
import { type FilterNode, parseFilter } from "./filter-parser.ts";
import { checkFilter } from "./filter-support.ts";
import { notModelled, unsupportedQuery } from "./graph-error.ts";
import type { GraphRequest } from "./graph-message.ts";
import { isAdvanced, isEventual, type OrderBy } from "./query-options.ts";
import { exactUserProperty } from "./represent-user.ts";
import { matchesSearch, parseSearch, type Search } from "./search.ts";
import { INITIAL_DOMAIN, propertyRule, type Tenant } from "./tenant.ts";
import { isUnmodelledProperty, type PropertyRule } from "./user-properties.ts";
import { type UserRecord, userProperty, visibleValues } from "./user-record.ts";

/** What a list request asks for. */
export interface UserQuery {
  readonly filter: FilterNode | undefined;
  readonly search: Search | undefined;
}

const ruleFor =
  (tenant: Tenant) =>
  (name: string): PropertyRule => {
    const exact = exactUserProperty(tenant, name);
    const rule = exact === undefined ? undefined : propertyRule(tenant, exact);
    if (rule !== undefined) {
      if (rule.type === "password") throw notModelled("filters on passwordProfile");
      return rule;
    }
    if (exact !== undefined && isUnmodelledProperty(exact))
      throw notModelled(`filters on '${exact}'`);
    throw unsupportedQuery(`Invalid filter clause: no property '${name}' of resource 'User'.`);
  };

/** Filter and search of a request, checked; advanced ones need the header and $count=true. */
export function parseUserQuery(tenant: Tenant, call: GraphRequest, counting = false): UserQuery {
  const filterText = call.query.get("$filter");
  const searchText = call.query.get("$search");
  const filter = filterText === undefined ? undefined : parseFilter(filterText);
  // /users/$count is an advanced query by its header alone.
  const advanced = isAdvanced(call) || (counting && isEventual(call));
  if (filter !== undefined && checkFilter(filter, ruleFor(tenant), "User") && !advanced) {
    throw unsupportedQuery("Unsupported Query.");
  }
  if (searchText !== undefined && !isEventual(call)) {
    // graph-samples searchWithoutConsistency.
    throw unsupportedQuery(
      "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
    );
  }
  return { filter, search: searchText === undefined ? undefined : parseSearch(searchText) };
}

// The index holds stored text only; these are computed or have defaults, so they are scanned.
const NOT_INDEXED =
  /^(createdDateTime|lastPasswordChangeDateTime|signIn.*|userType|securityIdentifier)$/;

const candidates = (tenant: Tenant, filter: FilterNode): Set<UserRecord> | undefined => {
  // Indexes know the newest values; while old ones are still readable only a scan is right.
  if (tenant.settings.staleReadMs > 0) return undefined;
  const equalities = requiredEqualities(filter);
  if (equalities === undefined) return undefined;
  const found = new Set<UserRecord>();
  for (const { path, value } of equalities) {
    const [first = "", ...rest] = path.split("/");
    const exact = exactUserProperty(tenant, first) ?? first;
    if (exact === "id") {
      const record = tenant.users.get(value.toLowerCase());
      if (record !== undefined) found.add(record);
    } else if (NOT_INDEXED.test(exact)) return undefined;
    else {
      const stored = [exact, ...rest].join("/");
      for (const record of tenant.users.index.byValue(stored, value)) found.add(record);
    }
  }
  return found;
};

/** True when a reader sees the user now and it matches. */
export function isMatch(tenant: Tenant, query: UserQuery, record: UserRecord): boolean {
  const now = tenant.clock.now();
  if (record.listedAt > now) return false;
  if (query.filter === undefined && query.search === undefined) return true;
  const values = visibleValues(record, now);
  const read: ReadProperty = (name) =>
    userProperty(record, values, exactUserProperty(tenant, name) ?? name, INITIAL_DOMAIN);
  return (
    (query.filter === undefined || matchesFilter(query.filter, read)) &&
    (query.search === undefined || matchesSearch(query.search, read))
  );
}

/** The few users an equality filter can mean, or undefined when everyone must be looked at. */
export function likelyUsers(tenant: Tenant, query: UserQuery): UserRecord[] | undefined {
  const few = query.filter === undefined ? undefined : candidates(tenant, query.filter);
  return few === undefined
    ? undefined
    : [...few].filter((record) => isMatch(tenant, query, record));
}

/** Sorts by the key of an order, then by id, so that a page can go on after a key. */
export function sortKey(tenant: Tenant, order: OrderBy | undefined, record: UserRecord): string {
  if (order === undefined) return "";
  const values = visibleValues(record, tenant.clock.now());
  const value = userProperty(record, values, order.property, INITIAL_DOMAIN);
  return typeof value === "string" ? value.toLowerCase() : "";
}
