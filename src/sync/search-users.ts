// Searches both systems for people by how they are called, or for the one whose id it is. Reads only; a side that is away
// does not hide the other.
import { SyncFailure } from "../rules/errors.ts";
import {
  type FoundAccount,
  type FoundPeople,
  joinedByIds,
  nearestFirst,
  personOf,
  type SideFailure,
  type Sighting,
} from "../rules/found-people.ts";
import { isJoined } from "../rules/link.ts";
import { isUuid } from "../rules/matching.ts";
import type { DrupalUser, EntraUser, System } from "../rules/users.ts";
import type { ManyDrupalUsers, ManyEntraUsers } from "./cycle-ports.ts";
import { type Gate, lookThroughGate } from "./look-through-gate.ts";
import type { DrupalPeople, EntraPeople, LinkStore, People } from "./ports.ts";

/** What somebody looks for. */
export interface PeopleQuery {
  /** The beginning of a name or an address, or an id of either system. */
  readonly text: string;
  readonly limit: number;
}

/** Both systems for someone who waits: searched, and read by ids. */
export interface SearchedSystems {
  readonly people: { readonly drupal: DrupalPeople; readonly entra: EntraPeople };
  readonly many: { readonly drupal: ManyDrupalUsers; readonly entra: ManyEntraUsers };
}

/** What a search needs of the outside world. */
export interface SearchPorts extends SearchedSystems {
  readonly links: Pick<LinkStore, "get" | "holderOf">;
  readonly gate: Gate;
}

// As many as a page of JSON:API holds: so who is called exactly so is found among those who only begin so.
const MOST_OF_A_SIDE = 50;
const SHOWN = ["displayName", "mail"];
const NOBODY: People<never> = { users: [], hasMore: false };

type Ask = <T>(system: System, nothing: T, read: () => Promise<T>) => Promise<T>;

/** Asks a side through the quarantine's gate; `nothing` where it fails, and it is not asked again then. */
function askingThrough(gate: Gate, failures: SideFailure[]): Ask {
  return async (system, nothing, read) => {
    if (failures.some((failure) => failure.system === system)) return nothing;
    try {
      return await lookThroughGate(gate, read, [system]);
    } catch (error) {
      // Without our own storage nothing can be said.
      if (!(error instanceof SyncFailure) || error.system === "storage") throw error;
      failures.push({ system, code: error.code, message: error.message });
      return nothing;
    }
  };
}

async function sightingOf(account: FoundAccount, links: SearchPorts["links"]): Promise<Sighting> {
  const { system, user } = account;
  const seen = {
    drupal: system === "drupal" ? user : null,
    entra: system === "entra" ? user : null,
  };
  const uuid = system === "drupal" ? user.uuid.toLowerCase() : await links.holderOf(user.objectId);
  const link = uuid === null ? null : ((await links.get(uuid))?.link ?? null);
  const own = {
    drupalUuid: system === "drupal" ? user.uuid : null,
    entraObjectId: system === "entra" ? user.objectId : null,
  };
  if (link === null || !isJoined(link)) return { ...own, ...seen, linked: false };
  const { drupalUuid, entraObjectId } = link;
  return { drupalUuid, entraObjectId, ...seen, linked: true };
}

async function byText({ text, limit }: PeopleQuery, ask: Ask, { people, links }: SearchPorts) {
  const [drupal, entra] = await Promise.all([
    ask("drupal", NOBODY, () => people.drupal.startingWith(text, MOST_OF_A_SIDE)),
    ask("entra", NOBODY, () => people.entra.startingWith(text, MOST_OF_A_SIDE)),
  ]);
  const accounts: FoundAccount[] = [
    ...drupal.users.map((user: DrupalUser) => ({ system: "drupal", user }) as const),
    ...entra.users.map((user: EntraUser) => ({ system: "entra", user }) as const),
  ];
  // A person has two accounts at most.
  const nearest = nearestFirst(text, accounts).slice(0, 2 * limit);
  const sightings = joinedByIds(
    await Promise.all(nearest.map((account) => sightingOf(account, links))),
  );
  const isCut = accounts.length > nearest.length || sightings.length > limit;
  return {
    sightings: sightings.slice(0, limit),
    hasMore: isCut || drupal.hasMore || entra.hasMore,
  };
}

// An id that nobody knows is asked for on both sides.
async function byId(id: string, { links }: SearchPorts) {
  const link = (await links.get((await links.holderOf(id)) ?? id))?.link ?? null;
  const unseen = { drupal: null, entra: null };
  const sightings: Sighting[] =
    link !== null && isJoined(link)
      ? [{ ...unseen, ...link, linked: true }]
      : [
          { ...unseen, drupalUuid: id, entraObjectId: null, linked: false },
          { ...unseen, drupalUuid: null, entraObjectId: id, linked: false },
        ];
  return { sightings, hasMore: false };
}

/** Reads the sides that were not seen, in few requests for all. */
async function seenWhole(
  sightings: readonly Sighting[],
  ask: Ask,
  { many }: SearchPorts,
): Promise<readonly Sighting[]> {
  const uuids = sightings.flatMap((one) => (one.drupal === null ? (one.drupalUuid ?? []) : []));
  const ids = sightings.flatMap((one) => (one.entra === null ? (one.entraObjectId ?? []) : []));
  const noDrupal: ReadonlyMap<string, DrupalUser> = new Map();
  const noEntra: ReadonlyMap<string, EntraUser | null> = new Map();
  const [drupal, entra] = await Promise.all([
    uuids.length === 0 ? noDrupal : ask("drupal", noDrupal, () => many.drupal.getUsers(uuids, {})),
    ids.length === 0 ? noEntra : ask("entra", noEntra, () => many.entra.getUsers(ids, SHOWN)),
  ]);
  return sightings.map((one) => ({
    ...one,
    drupal: one.drupal ?? drupal.get((one.drupalUuid ?? "").toLowerCase()) ?? null,
    entra: one.entra ?? entra.get(one.entraObjectId ?? "") ?? null,
  }));
}

/**
 * The people whom a text means. Each side is asked once for all whom it finds, and once for the other halves of pairs.
 * Throws only where the app's own storage fails.
 */
export async function searchUsers(query: PeopleQuery, ports: SearchPorts): Promise<FoundPeople> {
  const failures: SideFailure[] = [];
  const ask = askingThrough(ports.gate, failures);
  const { sightings, hasMore } = isUuid(query.text)
    ? await byId(query.text.toLowerCase(), ports)
    : await byText(query, ask, ports);
  const whole = await seenWhole(sightings, ask, ports);
  const items = whole.flatMap((sighting) => personOf(sighting) ?? []);
  return { items, hasMore, isPartial: failures.length > 0, failures };
}
