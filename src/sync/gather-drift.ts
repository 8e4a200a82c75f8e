// What the drift report knows before it reads the listings: who is linked and at rest, what waits, and what cycles told of users
// who are still open. Flat: what is alike is kept once, and nothing is kept of users who are at rest.
import type { CycleUser } from "../rules/cycle.ts";
import { conflictsOf, type DriftRow, isSettled, type Told, toldOf } from "../rules/drift.ts";
import { drupalUuidFor } from "../rules/drupal-names.ts";
import type { CompleteListing } from "../rules/job.ts";
import type { Link } from "../rules/link.ts";
import type { Reason } from "../rules/plan.ts";
import type { System } from "../rules/users.ts";
import type {
  CycleStore,
  IndexedLink,
  JobStore,
  LinkIndex,
  LinkIndexSource,
  ListingStore,
} from "./cycle-ports.ts";
import type { LinkStore } from "./ports.ts";

/** A user in escrow, as the report tells of them. */
export interface EscrowedUser {
  /** The Drupal UUID, or the one that an Entra user without link would get. */
  readonly drupalUuid: string;
  /** Where the request named an Entra user without link. */
  readonly entraObjectId: string | null;
  readonly reason: Reason;
  /** ISO 8601. */
  readonly since: string;
}

/** What the report needs of the outside world: nothing here can write. */
export interface DriftPorts {
  readonly index: Pick<LinkIndexSource, "all">;
  readonly jobs: Pick<JobStore, "get">;
  readonly cycles: Pick<CycleStore, "get" | "users">;
  readonly listings: Pick<ListingStore, "read" | "absent">;
  readonly links: Pick<LinkStore, "get"> & {
    /** The links that have open conflicts, in the order of their keys. */
    conflicts(
      limit: number,
      continuation: string | null,
    ): Promise<{ readonly links: readonly Link[]; readonly continuation: string | null }>;
  };
  /** Everyone in escrow, in the order of keys. */
  readonly escrowed: () => AsyncIterable<EscrowedUser>;
}

/** The listings that a report is made of. */
export type DriftListings = Readonly<Record<System, CompleteListing | null>>;

/** Something that waits and is told of once, at the first place where its user comes by. */
export interface Waiting
  extends Pick<DriftRow, "entraObjectId" | "attributes" | "reason" | "since"> {
  isShown: boolean;
}

/** What is known. Users go by Drupal UUID, or the one that they would get. */
export interface DriftFacts {
  readonly index: LinkIndex;
  readonly conflict: ReadonlyMap<string, Waiting>;
  readonly escrowed: ReadonlyMap<string, Waiting>;
  readonly told: Map<string, Told>;
  /** By system: joined users whose account its listing did not show. */
  readonly absent: Readonly<Record<System, ReadonlySet<string>>>;
}

/** Under which UUID a user goes, by what the index found of them. */
export const keyFor = (system: System, id: string, known: IndexedLink | null): string =>
  known?.drupalUuid ?? (system === "drupal" ? id : drupalUuidFor(id));

const LINKS_PER_PAGE = 200;
const PAGES_AT_ONCE = 8;

async function conflictsIn({ links }: DriftPorts): Promise<Map<string, Waiting>> {
  const found = new Map<string, Waiting>();
  let continuation: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof links.conflicts>> = await links.conflicts(
      LINKS_PER_PAGE,
      continuation,
    );
    for (const link of page.links) {
      const open = conflictsOf(link);
      if (open !== null) found.set(link.drupalUuid, { ...open, isShown: false });
    }
    continuation = page.continuation;
  } while (continuation !== null);
  return found;
}

async function escrowedIn(ports: DriftPorts): Promise<Map<string, Waiting>> {
  const found = new Map<string, Waiting>();
  for await (const { drupalUuid, entraObjectId, reason, since } of ports.escrowed())
    found.set(drupalUuid, { entraObjectId, attributes: [], reason, since, isShown: false });
  return found;
}

/** Gives one object for all that are alike: thousands who are open are so with the same few reasons. */
export function interner<T>(): (value: T) => T {
  const known = new Map<string, T>();
  return (value) => {
    const text = JSON.stringify(value);
    const first = known.get(text) ?? value;
    known.set(text, first);
    return first;
  };
}

/** The users of whom a cycle told, some pages at once, in order. */
async function* usersOf(cycleId: string, { cycles }: DriftPorts): AsyncGenerator<CycleUser> {
  const pages = (await cycles.get(cycleId))?.cycle.nominated.pages ?? 0;
  for (let first = 0; first < pages; first += PAGES_AT_ONCE) {
    const numbers = Array.from(
      { length: Math.min(PAGES_AT_ONCE, pages - first) },
      (_, at) => first + at,
    );
    for (const page of await Promise.all(numbers.map((number) => cycles.users(cycleId, number))))
      for (const user of page ?? []) if (user !== null) yield user;
  }
}

async function addTold(
  { cycleId, at }: CompleteListing,
  index: LinkIndex,
  told: Map<string, Told>,
  ports: DriftPorts,
): Promise<void> {
  const once = interner<Told>();
  for await (const user of usersOf(cycleId, ports)) {
    const { drupalUuid, entraObjectId } = user;
    const [system, id] =
      drupalUuid === null
        ? (["entra", entraObjectId ?? ""] as const)
        : (["drupal", drupalUuid] as const);
    const known = index.find(system, id);
    if (known !== null && isSettled(known.rested, at)) continue;
    told.set(keyFor(system, id, known), once(toldOf(user)));
  }
}

const byTime = (a: CompleteListing, b: CompleteListing): number =>
  Date.parse(a.at) - Date.parse(b.at);

/** Reads all of it. Whoever is told of twice, on a later page or by the later cycle, is as told last. */
export async function gatherDrift(
  { drupal, entra }: DriftListings,
  ports: DriftPorts,
): Promise<DriftFacts> {
  const index = await ports.index.all();
  const told = new Map<string, Told>();
  for (const listing of [drupal, entra].filter((one) => one !== null).toSorted(byTime))
    await addTold(listing, index, told, ports);
  const absentIn = async (listing: CompleteListing | null) =>
    new Set(listing === null ? [] : await ports.listings.absent(listing.cycleId));
  return {
    index,
    conflict: await conflictsIn(ports),
    escrowed: await escrowedIn(ports),
    told,
    absent: { drupal: await absentIn(drupal), entra: await absentIn(entra) },
  };
}
