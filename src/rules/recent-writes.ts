// What we wrote to Entra a moment ago. A read may show an older value for some minutes (Microsoft: "Designing for
// eventual consistency for Microsoft Entra"): then our own write is the better knowledge.
import type { Change } from "./plan.ts";
import type { EntraUser } from "./users.ts";
import { fingerprint } from "./values.ts";

/** The last write of one attribute, as fingerprints. */
export interface RecentWrite {
  /** ISO 8601. */
  readonly at: string;
  readonly after: string;
  /** The values that a read may still show. */
  readonly before: readonly string[];
}

/** By attribute; `accountEnabled` included. */
export type RecentWrites = Readonly<Record<string, RecentWrite>>;

/** For how long a read may lag behind a write, or a new account be missing from reads. */
export const REPLICATION_WINDOW_MS = 10 * 60_000;
const MAX_BEFORE = 8;

const isRecent = (at: string, now: Date): boolean =>
  now.getTime() - Date.parse(at) < REPLICATION_WINDOW_MS;

/** The recent writes with these changes added and the old ones forgotten. */
export function rememberWrites(
  recent: RecentWrites,
  changes: readonly Change[],
  now: Date,
): RecentWrites {
  const kept = Object.entries(recent).filter(([, write]) => isRecent(write.at, now));
  const next: Record<string, RecentWrite> = Object.fromEntries(kept);
  for (const { attribute, before, after } of changes) {
    const earlier = next[attribute];
    const hidden = [...(earlier ? [...earlier.before, earlier.after] : []), fingerprint(before)];
    next[attribute] = {
      at: now.toISOString(),
      after: fingerprint(after),
      before: [...new Set(hidden)]
        .filter((value) => value !== fingerprint(after))
        .slice(-MAX_BEFORE),
    };
  }
  return next;
}

/**
 * The attributes of which the read shows a value from before our recent write, each with the fingerprint of what we
 * wrote. A third value is someone else's edit and is believed.
 */
export function hiddenWrites(
  recent: RecentWrites,
  entra: EntraUser,
  now: Date,
): Record<string, string> {
  const seen = { ...entra.attributes, accountEnabled: entra.enabled };
  const hidden = Object.entries(recent).filter(
    ([attribute, write]) =>
      isRecent(write.at, now) &&
      write.before.includes(fingerprint(Reflect.get(seen, attribute))) &&
      write.after !== fingerprint(Reflect.get(seen, attribute)),
  );
  return Object.fromEntries(hidden.map(([attribute, write]) => [attribute, write.after]));
}
