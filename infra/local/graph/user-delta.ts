// GET /users/delta: an initial round over everyone, then rounds of what changed in the selected properties.
import type { Change } from "./change-log.ts";
import {
  answerRound,
  type DeltaPage,
  type DeltaRound,
  openRound,
  removedItem,
} from "./delta-round.ts";
import type { GraphCall, GraphReply } from "./graph-message.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";
import { selectedUserProperties } from "./represent-user.ts";
import { INITIAL_DOMAIN, type Tenant } from "./tenant.ts";
import { DEFAULT_USER_PROPERTIES } from "./user-properties.ts";
import { type UserRecord, type UserValues, userProperty, visibleValues } from "./user-record.ts";

// Shown although nobody set them.
const ALWAYS_SET =
  /^(createdDateTime|securityIdentifier|identities|userType|lastPasswordChangeDateTime|sign.*)$/;

const wasSet = (values: UserValues, name: string): boolean =>
  Object.hasOwn(values, name) ||
  ALWAYS_SET.test(name) ||
  (name === "proxyAddresses" && typeof values.mail === "string");

const managerDelta = (record: UserRecord, former: readonly string[]): JsonValue => {
  const type = "#microsoft.graph.user";
  if (record.managerId !== undefined) return [{ "@odata.type": type, id: record.managerId }];
  // The shape of a removed manager is known from members@delta only (docs issue 5874).
  return former.map((id) => ({ "@odata.type": type, id, "@removed": { reason: "deleted" } }));
};

/** What happened to one user in a round. */
interface UserChange {
  readonly id: string;
  readonly created: boolean;
  readonly properties: ReadonlySet<string>;
  readonly formerManagers: readonly string[];
}

const gather = (changes: readonly Change[]): UserChange[] => {
  const byId = new Map<string, UserChange>();
  for (const { id, kind, properties, members } of changes) {
    const before = byId.get(id);
    // Re-inserting puts the user where its last change was.
    byId.delete(id);
    byId.set(id, {
      id,
      created: kind === "created" || (before?.created ?? false),
      properties: new Set([...(before?.properties ?? []), ...properties]),
      formerManagers: [...(before?.formerManagers ?? []), ...members],
    });
  }
  return [...byId.values()];
};

// A change of one directory extension brings all of the same data type (delta-query-overview).
const widened = (
  tenant: Tenant,
  changed: ReadonlySet<string>,
  select: readonly string[],
): Set<string> => {
  const types = new Set(
    [...changed].flatMap((name) => tenant.extensionProperties.get(name)?.type ?? []),
  );
  const sameType = select.filter((name) => {
    const rule = tenant.extensionProperties.get(name);
    return rule !== undefined && types.has(rule.type);
  });
  return new Set([...changed, ...sameType]);
};

const createReader = (tenant: Tenant, round: DeltaRound, minimal: boolean) => {
  const select = round.select ?? DEFAULT_USER_PROPERTIES;
  const isWanted = (id: string): boolean => round.ids === null || round.ids.includes(id);

  const wholeItem = (record: UserRecord): JsonObject => {
    const values = visibleValues(record, tenant.clock.now());
    const item: Record<string, JsonValue> = {};
    for (const name of select) {
      if (name !== "id" && name !== "manager" && wasSet(values, name)) {
        item[name] = userProperty(record, values, name, INITIAL_DOMAIN);
      }
    }
    if (select.includes("manager") && record.managerId !== undefined) {
      item["manager@delta"] = managerDelta(record, []);
    }
    return { ...item, id: record.id };
  };

  const changedItem = (record: UserRecord, change: UserChange): JsonObject | undefined => {
    if (change.created) return wholeItem(record);
    const changed = widened(tenant, change.properties, select);
    const tracked = select.filter((name) => changed.has(name));
    if (tracked.length === 0) {
      // An untracked change now and then shows as a bare id (docs issues 4946, 4740).
      return tenant.random.next() < tenant.settings.deltaNoise ? { id: record.id } : undefined;
    }
    const { "manager@delta": _unchanged, ...whole } = wholeItem(record);
    const shown = minimal
      ? Object.fromEntries(Object.entries(whole).filter(([name]) => changed.has(name)))
      : whole;
    const manager: JsonObject = tracked.includes("manager")
      ? { "manager@delta": managerDelta(record, change.formerManagers) }
      : {};
    return { ...shown, ...manager, id: record.id };
  };

  const initialPage = (size: number): DeltaPage => {
    const items: JsonObject[] = [];
    const now = tenant.clock.now();
    for (const { record, next } of tenant.users.scan(round.at)) {
      if (record.listedAt <= now && isWanted(record.id)) items.push(wholeItem(record));
      if (items.length === size) return { items, next };
    }
    // @removed occurs even in an initial round: soft-deleted users are still in the directory.
    for (const { id } of tenant.users.deleted()) {
      if (isWanted(id)) items.push(removedItem(id, "changed"));
    }
    return { items, next: undefined };
  };

  const changesPage = (size: number): DeltaPage => {
    const changes = gather(tenant.userChanges.between(round.since, round.upTo ?? round.since));
    const page = changes.slice(round.at, round.at + size);
    const items = page.flatMap((change) => {
      if (!isWanted(change.id)) return [];
      const record = tenant.users.get(change.id);
      if (record !== undefined) {
        const item = changedItem(record, change);
        return item === undefined ? [] : [item];
      }
      const isDeleted = tenant.users.getDeleted(change.id) !== undefined;
      return [removedItem(change.id, isDeleted ? "changed" : "deleted")];
    });
    return { items, next: round.at + size < changes.length ? round.at + size : undefined };
  };

  return { read: round.mode === "initial" ? initialPage : changesPage };
};

/** GET /users/delta. */
export function userDelta(tenant: Tenant, call: GraphCall): GraphReply {
  const select = selectedDeltaProperties(tenant, call);
  const horizon = tenant.userChanges.horizon(tenant.clock.now());
  const round = openRound(tenant, call, "users", horizon, select);
  const minimal = /\breturn=minimal\b/.test(call.headers.prefer ?? "");
  const fragment = round.select === null ? "users" : `users(${round.select.join(",")})`;
  return answerRound(tenant, call, round, {
    fragment,
    read: createReader(tenant, round, minimal).read,
  });
}

// manager may be selected here, as an annotation, and nowhere else.
const selectedDeltaProperties = (
  tenant: Tenant,
  call: GraphCall,
): readonly string[] | undefined => {
  const text = call.query.get("$select");
  if (text === undefined) return undefined;
  const names = text.split(",").map((name) => name.trim());
  const others = names.filter((name) => name !== "manager");
  const query = new Map([...call.query, ["$select", others.join(",")] as const]);
  const known =
    others.length === 0 ? [] : (selectedUserProperties(tenant, { ...call, query }, true) ?? []);
  return names.includes("manager") ? [...known, "manager"] : known;
};
