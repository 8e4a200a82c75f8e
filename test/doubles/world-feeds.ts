// The feeds of a world with cycles: pages of everyone, or of what changed. Drupal's show what is there; Entra's show what its
// replica shows, which may be late, and which the position that ends a reading never runs ahead of.
import type { Direction, DrupalUser, EntraUser } from "../../src/rules/users.ts";
import type { Feed, FeedPage, FeedUser } from "../../src/sync/cycle-ports.ts";
import type { Call, World } from "./world.ts";

/** What a feed's page does instead of answering: throws, or shows less than there is. */
export type PageFault = Error | "empty" | "expired";

/** How the replica shows an account from a time on; null: not at all. */
export interface ReplicaState {
  readonly visibleAt: number;
  readonly user: EntraUser | null;
}

/** What feeds read, and how they fail. */
export interface FeedWorld {
  readonly world: World;
  readonly pageSize: number;
  /** The number of the page that is asked for next. */
  readonly pagesAsked: Record<Direction, number>;
  readonly replica: ReadonlyMap<string, readonly ReplicaState[]>;
  readonly changedAt: ReadonlyMap<string, number>;
  readonly onPage: (direction: Direction, page: number) => void;
  readonly faultOf: (
    direction: Direction,
    page: number,
    isEveryone: boolean,
  ) => PageFault | undefined;
  readonly hidden: (direction: Direction, isEveryone: boolean) => readonly string[];
}

/** Where a feed is: `after` is the last id of the page before, in the order of ids; changes go by time. */
interface Position {
  readonly kind: "everyone" | "changes";
  readonly after: string;
  readonly since: number;
  readonly begunAt: number;
  readonly hidden: readonly string[];
}

interface Shown {
  readonly users: readonly FeedUser[];
  readonly removed: readonly string[];
}

// A second is all that Drupal keeps of a time, and a save may be older than its commit.
const OVERLAP_MS = 60_000;

function drupalShows({ kind, since }: Position, { world }: FeedWorld): Shown {
  const all = [...world.drupal.values()];
  const isNew = ({ changedAt }: DrupalUser) => Date.parse(changedAt) >= since - OVERLAP_MS;
  const users = kind === "everyone" ? all : all.filter(isNew);
  return { users: users.map((user) => ({ system: "drupal", user })), removed: [] };
}

function entraShows({ kind, since }: Position, of: FeedWorld): Shown {
  const { world, replica, changedAt } = of;
  const ids = [...new Set([...world.entra.keys(), ...replica.keys()])];
  const seen = ids.map((id) => {
    const states = replica.get(id)?.filter(({ visibleAt }) => visibleAt <= world.now);
    const last = states?.at(-1);
    const user = replica.has(id) ? (last?.user ?? null) : (world.entra.get(id) ?? null);
    return { id, user, at: changedAt.get(id) ?? last?.visibleAt ?? world.now };
  });
  const isManagerKnown = kind === "everyone";
  const shown = seen.filter(({ at }) => isManagerKnown || at >= since);
  return {
    users: shown.flatMap(({ user }) =>
      user === null ? [] : [{ system: "entra", user, isManagerKnown } as const],
    ),
    removed: isManagerKnown ? [] : shown.filter(({ user }) => user === null).map(({ id }) => id),
  };
}

const idOf = (seen: FeedUser): string =>
  seen.system === "drupal" ? seen.user.uuid : seen.user.objectId;

function pageOf(direction: Direction, text: string, of: FeedWorld): FeedPage | "expired" {
  const position: Position = JSON.parse(text);
  const number = of.pagesAsked[direction];
  of.onPage(direction, number);
  const fault = of.faultOf(direction, number, position.kind === "everyone");
  if (fault instanceof Error) throw fault;
  of.pagesAsked[direction] += 1;
  if (fault === "expired") return fault;
  const begunAt = String(position.begunAt);
  if (fault === "empty") return { users: [], hints: [], next: null, watermark: begunAt };
  const shown =
    direction === "drupalToEntra" ? drupalShows(position, of) : entraShows(position, of);
  const rest = shown.users
    .filter((seen) => idOf(seen) > position.after && !position.hidden.includes(idOf(seen)))
    .toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const users = rest.slice(0, of.pageSize);
  const last = users.at(-1);
  const isLast = rest.length <= of.pageSize || last === undefined;
  return {
    users,
    hints: isLast ? shown.removed : [],
    next: isLast ? null : JSON.stringify({ ...position, after: idOf(last) }),
    watermark: isLast ? begunAt : null,
  };
}

/** The feed of a direction. */
export function feedOf(direction: Direction, of: FeedWorld, call: Call): Feed {
  const name = direction === "drupalToEntra" ? "drupal" : "entra";
  return {
    begin: (watermark) =>
      call(`${name}.begin`, () => {
        of.pagesAsked[direction] = 0;
        const isEveryone = watermark === null;
        const position: Position = {
          kind: isEveryone ? "everyone" : "changes",
          after: "",
          since: isEveryone ? 0 : Number(watermark),
          begunAt: of.world.now,
          hidden: of.hidden(direction, isEveryone),
        };
        return JSON.stringify(position);
      }),
    page: (text) => call(`${name}.page`, () => pageOf(direction, text, of)),
  };
}
