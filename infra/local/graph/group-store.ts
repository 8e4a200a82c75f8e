// Groups of the directory in memory with their members (users and groups), searchable in both directions.
// All are cloud security groups: Microsoft 365, mail-enabled, dynamic and on-premises groups are not modelled.
import { randomUUID } from "node:crypto";
import type { ChangeKind, ChangeLog } from "./change-log.ts";
import type { Clock } from "./clock.ts";
import type { JsonObject } from "./json-value.ts";
import type { Settings } from "./settings.ts";

/** A group; `memberIds` are ids of users or groups. */
export interface GroupRecord {
  readonly id: string;
  displayName: string;
  /** undefined: never set; null: set and cleared. */
  description: string | null | undefined;
  mailNickname: string;
  readonly isAssignableToRole: boolean;
  readonly createdAt: number;
  readonly memberIds: Set<string>;
}

/** What may be said of a new group. */
export interface NewGroup {
  readonly id?: string | undefined;
  readonly displayName: string;
  readonly description?: string | null | undefined;
  readonly mailNickname?: string | undefined;
  readonly isAssignableToRole?: boolean | undefined;
  readonly members?: readonly string[] | undefined;
}

/** What may change of a group; undefined leaves it. */
export interface GroupChanges {
  readonly displayName?: string | undefined;
  readonly description?: string | null | undefined;
  readonly mailNickname?: string | undefined;
}

/** Reads and changes of groups; rules about what is allowed live in change-group.ts. */
export interface GroupStore {
  all(): Iterable<GroupRecord>;
  get(id: string): GroupRecord | undefined;
  /** True for the id of a group, even of one that is gone. */
  wasGroup(id: string): boolean;
  insert(group: NewGroup): GroupRecord;
  update(group: GroupRecord, changes: GroupChanges): void;
  /** Deletes a group for good, and its place in other groups. */
  remove(group: GroupRecord): void;
  addMember(group: GroupRecord, memberId: string): void;
  removeMember(group: GroupRecord, memberId: string): void;
  /** Takes somebody who is gone for good out of every group. */
  forgetMember(memberId: string): void;
  /** Groups that hold a member directly, or through other groups. */
  groupsOf(memberId: string, transitive: boolean): GroupRecord[];
  /** Ids of users and groups in a group, through nested groups too when transitive. */
  membersOf(group: GroupRecord, transitive: boolean): string[];
}

/** The properties of a group that Graph answers by default and that are modelled. */
export function groupValues(group: GroupRecord): JsonObject {
  return {
    id: group.id,
    deletedDateTime: null,
    createdDateTime: `${new Date(group.createdAt).toISOString().slice(0, 19)}Z`,
    description: group.description ?? null,
    displayName: group.displayName,
    groupTypes: [],
    isAssignableToRole: group.isAssignableToRole ? true : null,
    mail: null,
    mailEnabled: false,
    mailNickname: group.mailNickname,
    securityEnabled: true,
    visibility: null,
  };
}

/** An empty set of groups that writes to `log`. */
export function createGroupStore(clock: Clock, settings: Settings, log: ChangeLog): GroupStore {
  const groups = new Map<string, GroupRecord>();
  const everGroups = new Set<string>();
  const holders = new Map<string, Set<GroupRecord>>();

  const link = (group: GroupRecord, memberId: string): void => {
    group.memberIds.add(memberId);
    const holding = holders.get(memberId);
    if (holding === undefined) holders.set(memberId, new Set([group]));
    else holding.add(group);
  };

  const walk = (start: string, next: (id: string) => Iterable<string>): string[] => {
    const seen = new Set<string>();
    const queue = [...next(start)];
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      queue.push(...next(id));
    }
    return [...seen];
  };

  const parents = (id: string): string[] => [...(holders.get(id) ?? [])].map((group) => group.id);
  const children = (id: string): Iterable<string> => groups.get(id)?.memberIds ?? [];

  const note = (
    id: string,
    kind: ChangeKind,
    properties: readonly string[],
    members: readonly string[] = [],
  ): void => {
    const delay = kind === "created" ? settings.replicationMs * 2 : settings.staleReadMs;
    log.append({ visibleAt: clock.now() + delay, id, kind, properties, members });
  };

  const unlink = (group: GroupRecord, memberId: string): void => {
    group.memberIds.delete(memberId);
    holders.get(memberId)?.delete(group);
    note(group.id, "updated", ["members"], [memberId]);
  };

  const forgetMember = (memberId: string): void => {
    for (const group of [...(holders.get(memberId) ?? [])]) unlink(group, memberId);
    holders.delete(memberId);
  };

  return {
    all: () => groups.values(),
    get: (id) => groups.get(id),
    wasGroup: (id) => everGroups.has(id),
    insert(group) {
      const record: GroupRecord = {
        id: group.id ?? randomUUID(),
        displayName: group.displayName,
        description: group.description,
        mailNickname: group.mailNickname ?? group.displayName.replace(/[^A-Za-z0-9]/g, ""),
        isAssignableToRole: group.isAssignableToRole ?? false,
        createdAt: clock.now(),
        memberIds: new Set(),
      };
      groups.set(record.id, record);
      everGroups.add(record.id);
      const members = group.members ?? [];
      for (const memberId of members) link(record, memberId);
      note(record.id, "created", [...Object.keys(groupValues(record)), "members"], members);
      return record;
    },
    update(group, changes) {
      const properties = Object.entries(changes).flatMap(([name, value]) =>
        value === undefined ? [] : [name],
      );
      group.displayName = changes.displayName ?? group.displayName;
      group.mailNickname = changes.mailNickname ?? group.mailNickname;
      if (changes.description !== undefined) group.description = changes.description;
      note(group.id, "updated", properties);
    },
    remove(group) {
      groups.delete(group.id);
      for (const memberId of group.memberIds) holders.get(memberId)?.delete(group);
      note(group.id, "purged", []);
      forgetMember(group.id);
    },
    addMember(group, memberId) {
      link(group, memberId);
      note(group.id, "updated", ["members"], [memberId]);
    },
    removeMember: unlink,
    forgetMember,
    groupsOf(memberId, transitive) {
      const ids = transitive ? walk(memberId, parents) : parents(memberId);
      return ids.flatMap((id) => groups.get(id) ?? []);
    },
    membersOf(group, transitive) {
      return transitive ? walk(group.id, children) : [...group.memberIds];
    },
  };
}
