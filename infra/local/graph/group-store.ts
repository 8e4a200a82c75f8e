// Groups of the directory in memory with their members (users and groups), searchable in both directions.
import { randomUUID } from "node:crypto";
import type { ChangeLog } from "./change-log.ts";
import type { Clock } from "./clock.ts";
import type { JsonObject } from "./json-value.ts";

/** A group; `memberIds` are ids of users or groups. */
export interface GroupRecord {
  readonly id: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly mailNickname: string;
  readonly isAssignableToRole: boolean;
  readonly createdAt: number;
  readonly memberIds: Set<string>;
}

/** Reads and changes of groups. */
export interface GroupStore {
  all(): Iterable<GroupRecord>;
  get(id: string): GroupRecord | undefined;
  insert(
    group: {
      readonly id?: string | undefined;
      readonly displayName: string;
      readonly description?: string | undefined;
      readonly isAssignableToRole?: boolean | undefined;
      readonly members?: readonly string[] | undefined;
    },
    seeded?: boolean,
  ): GroupRecord;
  addMember(group: GroupRecord, memberId: string): void;
  removeMember(group: GroupRecord, memberId: string): void;
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
    description: group.description,
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
export function createGroupStore(clock: Clock, log: ChangeLog): GroupStore {
  const groups = new Map<string, GroupRecord>();
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

  const changed = (id: string, members: readonly string[]): void => {
    log.append({
      visibleAt: clock.now(),
      id,
      kind: "updated",
      properties: ["members"],
      members,
    });
  };

  return {
    all: () => groups.values(),
    get: (id) => groups.get(id),
    insert(group, seeded = false) {
      const record: GroupRecord = {
        id: group.id ?? randomUUID(),
        displayName: group.displayName,
        description: group.description ?? null,
        mailNickname: group.displayName.replace(/[^A-Za-z0-9]/g, ""),
        isAssignableToRole: group.isAssignableToRole ?? false,
        createdAt: clock.now(),
        memberIds: new Set(),
      };
      groups.set(record.id, record);
      for (const memberId of group.members ?? []) link(record, memberId);
      if (!seeded) {
        log.append({
          visibleAt: clock.now(),
          id: record.id,
          kind: "created",
          properties: [...Object.keys(groupValues(record)), "members"],
          members: group.members ?? [],
        });
      }
      return record;
    },
    addMember(group, memberId) {
      link(group, memberId);
      changed(group.id, [memberId]);
    },
    removeMember(group, memberId) {
      group.memberIds.delete(memberId);
      holders.get(memberId)?.delete(group);
      changed(group.id, [memberId]);
    },
    groupsOf(memberId, transitive) {
      const ids = transitive ? walk(memberId, parents) : parents(memberId);
      return ids.flatMap((id) => groups.get(id) ?? []);
    },
    membersOf(group, transitive) {
      return transitive ? walk(group.id, children) : [...group.memberIds];
    },
  };
}
