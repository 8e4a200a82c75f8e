// GET /groups/delta: groups with members@delta, in as many items per group as its members need.
import type { Change } from "./change-log.ts";
import {
  answerRound,
  type DeltaPage,
  type DeltaRound,
  openRound,
  removedItem,
} from "./delta-round.ts";
import type { GraphCall, GraphReply } from "./graph-message.ts";
import { groupSelect } from "./group-routes.ts";
import { type GroupRecord, groupValues } from "./group-store.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";
import type { Tenant } from "./tenant.ts";

/** What happened to one group in a round: as much of it as one item holds. */
interface GroupChange {
  readonly id: string;
  /** Its members follow in further items with the same id (delta-query-groups). */
  readonly isFirst: boolean;
  readonly created: boolean;
  readonly properties: ReadonlySet<string>;
  readonly members: readonly string[];
}

// The parts depend on the log alone, never on what happened since, so a round's pages fit together.
const gather = (changes: readonly Change[], size: number): GroupChange[] => {
  const byId = new Map<string, GroupChange & { readonly members: string[] }>();
  for (const { id, kind, properties, members } of changes) {
    const before = byId.get(id);
    byId.set(id, {
      id,
      isFirst: true,
      created: kind === "created" || (before?.created ?? false),
      properties: new Set([...(before?.properties ?? []), ...properties]),
      members: [...(before?.members ?? []), ...members],
    });
  }
  return [...byId.values()].flatMap((change) => {
    const members = [...new Set(change.members)];
    const parts: GroupChange[] = [];
    for (let start = 0; start === 0 || start < members.length; start += size) {
      parts.push({
        ...change,
        isFirst: start === 0,
        members: members.slice(start, start + size),
      });
    }
    return parts;
  });
};

// A member that was removed has the shape of docs issue 5874. Soft-deleted users keep their memberships and
// show as members until they are gone for good (issue 14708, quoting the page).
const memberItem = (tenant: Tenant, group: GroupRecord, id: string): JsonObject => {
  const type = tenant.groups.wasGroup(id) ? "group" : "user";
  const item = { "@odata.type": `#microsoft.graph.${type}`, id };
  return group.memberIds.has(id) ? item : { ...item, "@removed": { reason: "deleted" } };
};

// "If the property has never been set before it will not be included"; cleared ones are null (group-delta.md).
const shownValues = (group: GroupRecord, names: readonly string[]): JsonObject => {
  const values = groupValues(group);
  const shown: Record<string, JsonValue> = {};
  for (const name of names) {
    const value = values[name] ?? null;
    const cleared = name === "description" && group.description === null;
    if (value !== null || cleared) shown[name] = value;
  }
  return shown;
};

const itemOf = (
  tenant: Tenant,
  round: DeltaRound,
  change: GroupChange,
  minimal: boolean,
): JsonObject | undefined => {
  const { id, members } = change;
  const group = tenant.groups.get(id);
  if (group === undefined) {
    // A security group is deleted for good at once (delta-query-groups); an initial round does not know it.
    return round.mode === "initial" || !change.isFirst ? undefined : removedItem(id, "deleted");
  }
  const names = round.select ?? [...Object.keys(groupValues(group)), "members"];
  const tracked = names.filter((name) => change.properties.has(name));
  if (!change.created && tracked.length === 0) {
    // An untracked change now and then shows as a bare id, as with users (docs issues 4946, 4740).
    return tenant.random.next() < tenant.settings.deltaNoise ? { id } : undefined;
  }
  const shown = shownValues(group, minimal && !change.created ? tracked : names);
  const hasMembers = names.includes("members") && members.length > 0;
  return {
    ...shown,
    ...(hasMembers
      ? { "members@delta": members.map((member) => memberItem(tenant, group, member)) }
      : {}),
    id,
  };
};

const readPage = (tenant: Tenant, round: DeltaRound, minimal: boolean, size: number): DeltaPage => {
  const isWanted = (id: string): boolean => round.ids === null || round.ids.includes(id);
  // An initial round brings former members too, as removed (docs issues 6651, contrib 2005).
  const since = round.mode === "initial" ? 0 : round.since;
  const log = tenant.groupChanges.between(since, round.upTo ?? round.since);
  const parts = gather(
    log.filter(({ id }) => isWanted(id)),
    size,
  );
  const items = parts
    .slice(round.at, round.at + size)
    .map((part) => itemOf(tenant, round, part, minimal))
    .filter((item) => item !== undefined);
  return { items, next: round.at + size < parts.length ? round.at + size : undefined };
};

/** GET /groups/delta. */
export function groupDelta(tenant: Tenant, call: GraphCall): GraphReply {
  const select = groupSelect(call, ["members"]);
  const horizon = tenant.groupChanges.horizon(tenant.clock.now());
  const round = openRound(tenant, call, "groups", horizon, select);
  const minimal = /\breturn=minimal\b/.test(call.headers.prefer ?? "");
  return answerRound(tenant, call, round, {
    fragment: round.select === null ? "groups" : `groups(${round.select.join(",")})`,
    read: (size) => readPage(tenant, round, minimal, size),
  });
}
