// The users of the directory in memory, live and soft-deleted; every change passes here and is logged.
import { randomUUID } from "node:crypto";
import type { Change, ChangeKind, ChangeLog } from "./change-log.ts";
import type { Clock } from "./clock.ts";
import type { Settings } from "./settings.ts";
import { createUserIndex, type UserIndex } from "./user-index.ts";
import type { Photo, UserRecord, UserValues } from "./user-record.ts";

const RESTORABLE_MS = 30 * 24 * 3_600_000;

/** Reads and changes of users; rules about what is allowed live in change-user.ts. */
export interface UserStore {
  readonly index: UserIndex;
  size(): number;
  /** Grows with each change of any user. */
  version(): number;
  get(id: string): UserRecord | undefined;
  all(): Iterable<UserRecord>;
  /** Live users from a position on, in creation order, with the position after each. */
  scan(position: number): Iterable<{ readonly record: UserRecord; readonly next: number }>;
  deleted(): Iterable<UserRecord>;
  getDeleted(id: string): UserRecord | undefined;
  /** Adds a user; a seeded one is there from the start and is in no delta but the first. */
  insert(values: UserValues, seed?: { readonly id: string }): UserRecord;
  replace(record: UserRecord, values: UserValues, properties: readonly string[]): void;
  setManager(record: UserRecord, managerId: string | undefined): void;
  setPhoto(record: UserRecord, photo: Photo | undefined): void;
  remove(record: UserRecord): void;
  restore(record: UserRecord, values: UserValues): void;
  purge(record: UserRecord): void;
  /** Forgets soft-deleted users after 30 days (user-delete.md). */
  purgeExpired(): void;
}

/** An empty directory that writes to `log` and tells `onChange` of each change. */
export function createUserStore(
  clock: Clock,
  settings: Settings,
  log: ChangeLog,
  onChange: (change: Change) => void,
): UserStore {
  const slots: (UserRecord | undefined)[] = [];
  const slotOf = new Map<string, number>();
  const deleted = new Map<string, UserRecord>();
  let version = 0;

  function* all(): Iterable<UserRecord> {
    for (const record of slots) if (record !== undefined) yield record;
  }
  const index = createUserIndex(all);

  const note = (
    record: UserRecord,
    kind: ChangeKind,
    properties: readonly string[] = [],
    members: readonly string[] = [],
  ): void => {
    const now = clock.now();
    record.changedAt = now;
    version += 1;
    const delay =
      kind === "created"
        ? settings.replicationMs * 2
        : kind === "updated"
          ? settings.staleReadMs
          : 0;
    onChange(log.append({ visibleAt: now + delay, id: record.id, kind, properties, members }));
  };

  const place = (record: UserRecord): void => {
    slotOf.set(record.id, slots.length);
    slots.push(record);
    index.add(record);
  };

  const get = (id: string): UserRecord | undefined => {
    const slot = slotOf.get(id);
    return slot === undefined ? undefined : slots[slot];
  };

  const purge = (record: UserRecord): void => {
    deleted.delete(record.id);
    note(record, "purged");
  };

  return {
    index,
    size: () => slotOf.size,
    version: () => version,
    get,
    all,
    *scan(position) {
      for (let slot = position; slot < slots.length; slot += 1) {
        const record = slots[slot];
        if (record !== undefined) yield { record, next: slot + 1 };
      }
    },
    deleted: () => deleted.values(),
    getDeleted: (id) => deleted.get(id),
    insert(values, seed) {
      const now = clock.now();
      const record: UserRecord = {
        id: seed?.id ?? randomUUID(),
        createdAt: now,
        visibleAt: now + (seed ? 0 : settings.replicationMs),
        listedAt: now + (seed ? 0 : settings.replicationMs * 2),
        changedAt: seed ? 0 : now,
        deletedAt: undefined,
        values,
        managerId: undefined,
        photo: undefined,
        history: undefined,
      };
      place(record);
      if (seed) version += 1;
      else note(record, "created", Object.keys(values));
      return record;
    },
    replace(record, values, properties) {
      const now = clock.now();
      if (settings.staleReadMs > 0) {
        const pending = record.history?.filter((old) => old.until > now) ?? [];
        record.history = [...pending, { values: record.values, until: now + settings.staleReadMs }];
      } else record.history = undefined;
      index.remove(record);
      record.values = values;
      index.add(record);
      note(record, "updated", properties);
    },
    setManager(record, managerId) {
      const before = record.managerId;
      record.managerId = managerId;
      note(record, "updated", ["manager"], before === undefined ? [] : [before]);
    },
    // Pictures are in no delta and no notification (facts: supported resources of both omit them).
    setPhoto(record, photo) {
      record.photo = photo;
      record.changedAt = clock.now();
      version += 1;
    },
    remove(record) {
      const slot = slotOf.get(record.id);
      if (slot !== undefined) slots[slot] = undefined;
      slotOf.delete(record.id);
      index.remove(record);
      record.deletedAt = clock.now();
      deleted.set(record.id, record);
      note(record, "removed");
    },
    restore(record, values) {
      deleted.delete(record.id);
      record.deletedAt = undefined;
      record.values = values;
      record.history = undefined;
      place(record);
      note(record, "created", Object.keys(values));
    },
    purge,
    purgeExpired() {
      const now = clock.now();
      // Insertion order is deletion order, so the first that may stay ends the walk.
      for (const record of deleted.values()) {
        if (now - (record.deletedAt ?? now) < RESTORABLE_MS) return;
        purge(record);
      }
    },
  };
}
