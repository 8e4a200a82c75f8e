// Everything that happened to users or groups, in order: what delta rounds and notifications are made from.

/** What a change did to its object. */
export type ChangeKind = "created" | "updated" | "removed" | "purged";

/** One change; `properties` names what a round must have selected to see it. */
export interface Change {
  readonly sequence: number;
  readonly visibleAt: number;
  readonly id: string;
  readonly kind: ChangeKind;
  readonly properties: readonly string[];
  /** Members added to or removed from a group; of a user, the manager it had before. */
  readonly members: readonly string[];
}

/** An append-only log. */
export interface ChangeLog {
  append(change: {
    readonly visibleAt: number;
    readonly id: string;
    readonly kind: ChangeKind;
    readonly properties?: readonly string[];
    readonly members?: readonly string[];
  }): Change;
  /** Changes after `since` up to and including `upTo`. */
  between(since: number, upTo: number): readonly Change[];
  /** The last change that readers may know of: everything before it has replicated too. */
  horizon(now: number): number;
  last(): number;
}

/** An empty log; sequences start at 1. */
export function createChangeLog(): ChangeLog {
  const changes: Change[] = [];
  let latestVisibleAt = 0;
  return {
    append({ visibleAt, id, kind, properties = [], members = [] }) {
      const sequence = changes.length + 1;
      const change = { sequence, visibleAt, id, kind, properties, members };
      changes.push(change);
      latestVisibleAt = Math.max(latestVisibleAt, visibleAt);
      return change;
    },
    between: (since, upTo) => changes.slice(since, upTo),
    horizon(now) {
      if (latestVisibleAt <= now) return changes.length;
      const first = changes.findIndex((change) => change.visibleAt > now);
      return first === -1 ? changes.length : first;
    },
    last: () => changes.length,
  };
}
