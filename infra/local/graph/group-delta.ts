// GET /groups/delta: groups with members@delta, in as many items per group as its members need.
import {
  type DeltaPage,
  type DeltaRound,
  openRound,
  roundDeltaLink,
  roundNextLink,
} from "./delta-round.ts";
import { notModelled } from "./graph-error.ts";
import { context, type GraphCall, type GraphReply } from "./graph-message.ts";
import { groupSelect } from "./group-routes.ts";
import { type GroupRecord, groupValues } from "./group-store.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";
import type { Tenant } from "./tenant.ts";

const memberItem = (tenant: Tenant, id: string, present: boolean): JsonObject => {
  const type = tenant.groups.get(id) === undefined ? "user" : "group";
  const item = { "@odata.type": `#microsoft.graph.${type}`, id };
  // Shape of docs issue 5874.
  return present ? item : { ...item, "@removed": { reason: "deleted" } };
};

const groupItems = (
  tenant: Tenant,
  round: DeltaRound,
  group: GroupRecord,
  memberIds: readonly string[] | undefined,
): JsonObject[] => {
  const values = groupValues(group);
  const names = round.select ?? [...Object.keys(values), "members"];
  const shown: Record<string, JsonValue> = {};
  for (const name of names) if (name !== "members") shown[name] = values[name] ?? null;
  const base: JsonObject = { ...shown, id: group.id };
  if (!names.includes("members") || memberIds === undefined) return [base];
  const items: JsonObject[] = [];
  const size = tenant.settings.deltaPageSize;
  // A large group comes as several items with the same id (delta-query-groups).
  for (let start = 0; start === 0 || start < memberIds.length; start += size) {
    const members = memberIds
      .slice(start, start + size)
      .map((id) => memberItem(tenant, id, group.memberIds.has(id)));
    items.push(members.length === 0 ? base : { ...base, "members@delta": members });
  }
  return items;
};

const roundItems = (tenant: Tenant, round: DeltaRound): JsonObject[] => {
  if (round.mode === "initial") {
    return [...tenant.groups.all()].flatMap((group) =>
      groupItems(tenant, round, group, [...group.memberIds]),
    );
  }
  const members = new Map<string, Set<string>>();
  const created = new Set<string>();
  for (const change of tenant.groupChanges.between(round.since, round.upTo ?? round.since)) {
    if (change.kind === "created") created.add(change.id);
    members.set(change.id, new Set([...(members.get(change.id) ?? []), ...change.members]));
  }
  const tracksMembers = round.select === null || round.select.includes("members");
  return [...members].flatMap(([id, ids]) => {
    const group = tenant.groups.get(id);
    if (group === undefined || (!tracksMembers && !created.has(id))) return [];
    return groupItems(tenant, round, group, [...ids]);
  });
};

/** GET /groups/delta. */
export function groupDelta(tenant: Tenant, call: GraphCall): GraphReply {
  const select = groupSelect(call, ["members"]);
  const horizon = tenant.groupChanges.horizon(tenant.clock.now());
  const round = openRound(tenant, call, "groups", horizon, select, () => {
    throw notModelled("$filter on groups/delta");
  });
  const items = roundItems(tenant, round);
  const size = tenant.settings.deltaPageSize;
  const page: DeltaPage = {
    items: items.slice(round.at, round.at + size),
    next: round.at + size < items.length ? round.at + size : undefined,
  };
  const link: JsonObject =
    page.next === undefined
      ? { "@odata.deltaLink": roundDeltaLink(tenant, call, round) }
      : { "@odata.nextLink": roundNextLink(tenant, call, { ...round, at: page.next }) };
  const fragment = round.select === null ? "groups" : `groups(${round.select.join(",")})`;
  return { status: 200, body: { ...context(call, fragment), ...link, value: page.items } };
}
