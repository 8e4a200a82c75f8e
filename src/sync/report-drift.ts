// The drift report: who is not the same on both sides, from the last complete listings. One pass over each; a link is read only
// of a user who was not at rest, and nothing is asked of Drupal or Graph.
import {
  aloneIn,
  DRIFT_KINDS,
  type DriftReport,
  type DriftRow,
  differenceOf,
  missingSince,
  movedAttributes,
  type PlacedDrift,
  restedReason,
  type Standing,
  standingOf,
  type Told,
  whyMissing,
} from "../rules/drift.ts";
import type { CompleteListing, Job } from "../rules/job.ts";
import type { Link } from "../rules/link.ts";
import { otherSystem, type System } from "../rules/users.ts";
import type { IndexedLink, ListedUser } from "./cycle-ports.ts";
import {
  type DriftFacts,
  type DriftListings,
  type DriftPorts,
  gatherDrift,
  interner,
  keyFor,
} from "./gather-drift.ts";

const USERS_AT_ONCE = 500;
const READS_AT_ONCE = 16;
const PASSES = { drupal: 1, entra: 2 } as const;

/** What Drupal's listing showed of a joined user who is open, until Entra's shows the other side. Alike ones are one object. */
interface Half {
  readonly moved: readonly string[];
  readonly isEnabled: boolean;
  readonly told: Told | null;
}

/** One reading of the report. */
interface Reading {
  readonly facts: DriftFacts;
  readonly listings: DriftListings;
  readonly halves: Map<string, Half>;
  readonly once: (half: Half) => Half;
  readonly ports: DriftPorts;
}

/** A listed user with what is known of them. */
interface Listed {
  readonly user: ListedUser;
  readonly system: System;
  readonly key: string;
  readonly known: IndexedLink | null;
  readonly standing: Standing;
  /** Read where the standing is for the link to decide. */
  readonly link: Link | null;
}

const placeOf = (pass: number, ordinal: number, kind: DriftRow["kind"]): string =>
  `${pass}${String(ordinal).padStart(9, "0")}${DRIFT_KINDS.indexOf(kind)}`;

async function* chunksOf<T>(all: AsyncIterable<T>): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const one of all) {
    chunk.push(one);
    if (chunk.length < USERS_AT_ONCE) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}

async function readLinks(uuids: readonly string[], { links }: DriftPorts) {
  const found = new Map<string, Link>();
  for (let at = 0; at < uuids.length; at += READS_AT_ONCE) {
    const some = uuids.slice(at, at + READS_AT_ONCE);
    for (const stored of await Promise.all(some.map((uuid) => links.get(uuid))))
      if (stored !== null) found.set(stored.link.drupalUuid, stored.link);
  }
  return found;
}

async function* listedUsers(
  system: System,
  { cycleId, at: listedAt }: CompleteListing,
  { facts, ports }: Reading,
): AsyncGenerator<Listed[]> {
  const { index, absent } = facts;
  for await (const users of chunksOf(ports.listings.read(cycleId))) {
    const listed = users.map((user) => {
      const known = index.find(system, user.id);
      const key = keyFor(system, user.id, known);
      const isOtherAbsent = absent[otherSystem(system)].has(key);
      const standing = standingOf({ rows: user.rows, listedAt }, known, isOtherAbsent);
      return { user, system, key, known, standing };
    });
    const undecided = listed.filter(({ standing }) => ["missing", "open"].includes(standing));
    const links = await readLinks(
      undecided.map(({ key }) => key),
      ports,
    );
    yield listed.map((one) => ({ ...one, link: links.get(one.key) ?? null }));
  }
}

const idsOf = ({ system, user, key, known, link }: Listed) => ({
  drupalUuid: system === "drupal" ? user.id : known?.isJoined === true ? key : null,
  entraObjectId: system === "entra" ? user.id : (link?.entraObjectId ?? null),
});

/** The row of a user who is on this side only, or null. */
function aloneRow(listed: Listed, { facts, listings }: Reading): DriftRow | null {
  const { system, standing, link, known, user } = listed;
  const row = { kind: aloneIn(system), ...idsOf(listed), name: user.name, attributes: [] };
  const other = otherSystem(system);
  if (standing === "missing" && link !== null) {
    const reason = whyMissing(link, other, listings[other]?.at ?? "");
    return reason && { ...row, reason, since: missingSince(link, other) };
  }
  if (standing !== "alone") return null;
  const rested = known?.rested ?? null;
  const reason = facts.told.get(listed.key)?.reason ?? (rested && restedReason(rested));
  return { ...row, reason, since: null };
}

/** What waits of a user and was not told yet. */
function waitingRows(listed: Listed, { facts }: Reading): DriftRow[] {
  return (["conflict", "escrowed"] as const).flatMap((kind) => {
    const waiting = facts[kind].get(listed.key);
    if (waiting === undefined || waiting.isShown) return [];
    waiting.isShown = true;
    const { attributes, reason, since } = waiting;
    const ids = idsOf(listed);
    const entraObjectId = ids.entraObjectId ?? waiting.entraObjectId;
    return [{ kind, ...ids, entraObjectId, name: listed.user.name, attributes, reason, since }];
  });
}

const isWaiting = (key: string, { conflict, escrowed }: DriftFacts): boolean =>
  conflict.has(key) || escrowed.has(key);

function movedOf({ user, system, standing, link }: Listed, listings: DriftListings): string[] {
  if (standing !== "open" || link === null) return [];
  return movedAttributes(link, system, user.rows ?? {}, listings[system]?.at ?? "");
}

/** The row of a joined user whom Entra's listing shows, with what Drupal's showed. */
function differingRow(listed: Listed, { facts, halves, listings }: Reading): DriftRow | null {
  const { key, user, standing, known } = listed;
  if (known?.isJoined !== true) return null;
  const half = halves.get(key);
  halves.delete(key);
  if (half === undefined && standing !== "open") return null;
  const moved = [...(half?.moved ?? []), ...movedOf(listed, listings)];
  const entra = standing === "open" ? user.isEnabled : null;
  const seen = { moved, isEnabled: { drupal: half?.isEnabled ?? null, entra } };
  const told = half?.told ?? facts.told.get(key) ?? null;
  const difference = differenceOf(seen, told, isWaiting(key, facts));
  return (
    difference && { kind: "differs", ...idsOf(listed), name: user.name, ...difference, since: null }
  );
}

// A million may be open, after a change of the mapping: for each of them one entry is kept, here or among those told of.
function keepHalf(listed: Listed, { facts, halves, listings, once }: Reading): void {
  const { key, user, standing } = listed;
  if (standing !== "open") return;
  const told = facts.told.get(key) ?? null;
  facts.told.delete(key);
  halves.set(key, once({ moved: movedOf(listed, listings), isEnabled: user.isEnabled, told }));
}

async function* listingRows(
  system: System,
  listing: CompleteListing,
  reading: Reading,
): AsyncGenerator<PlacedDrift> {
  let ordinal = 0;
  for await (const chunk of listedUsers(system, listing, reading)) {
    for (const listed of chunk) {
      ordinal += 1;
      if (system === "drupal") keepHalf(listed, reading);
      const alone = aloneRow(listed, reading);
      const isSecond = system === "entra" && alone === null;
      const differing = isSecond ? differingRow(listed, reading) : null;
      const own = [alone, differing].filter((row) => row !== null);
      for (const row of [...own, ...waitingRows(listed, reading)])
        yield { place: placeOf(PASSES[system], ordinal, row.kind), row };
    }
  }
}

/** Joined users of Drupal's listing whom Entra's, if there is one, does not show: found by reading it once more. */
async function* remainingHalves(
  listing: CompleteListing,
  { facts, halves, ports }: Reading,
): AsyncGenerator<PlacedDrift> {
  let ordinal = 0;
  for await (const users of chunksOf(ports.listings.read(listing.cycleId))) {
    const remaining = users.flatMap(({ id }) => (halves.has(id) ? [id] : []));
    const links = await readLinks(remaining, ports);
    for (const { id: drupalUuid, name } of users) {
      ordinal += 1;
      const half = halves.get(drupalUuid);
      if (half === undefined) continue;
      const seen = { moved: half.moved, isEnabled: { drupal: half.isEnabled, entra: null } };
      const difference = differenceOf(seen, half.told, isWaiting(drupalUuid, facts));
      if (difference === null) continue;
      const entraObjectId = links.get(drupalUuid)?.entraObjectId ?? null;
      const ids = { kind: "differs", drupalUuid, entraObjectId } as const;
      const row = { ...ids, name, ...difference, since: null };
      yield { place: placeOf(3, ordinal, row.kind), row };
    }
  }
}

/** What waits of users whom no listing shows. */
function* remainingWaits({ facts }: Reading): Generator<PlacedDrift> {
  for (const [pass, kind] of [
    [4, "conflict"],
    [5, "escrowed"],
  ] as const) {
    for (const [key, { isShown, ...waiting }] of facts[kind]) {
      if (isShown) continue;
      const isUnlinked = kind === "escrowed" && waiting.entraObjectId !== null;
      const drupalUuid = isUnlinked ? null : key;
      yield { place: `${pass}${key}`, row: { kind, drupalUuid, name: null, ...waiting } };
    }
  }
}

async function* rowsOf(listings: DriftListings, ports: DriftPorts): AsyncGenerator<PlacedDrift> {
  const facts = await gatherDrift(listings, ports);
  const reading = { facts, listings, halves: new Map(), once: interner<Half>(), ports };
  const { drupal, entra } = listings;
  if (drupal !== null) yield* listingRows("drupal", drupal, reading);
  if (entra !== null) yield* listingRows("entra", entra, reading);
  if (drupal !== null && reading.halves.size > 0) yield* remainingHalves(drupal, reading);
  yield* remainingWaits(reading);
}

const listingOf = ({ report, listing }: Job): CompleteListing | null => report ?? listing;

/** Opens the report; rows are read when they are asked for. */
export async function reportDrift(ports: DriftPorts): Promise<DriftReport> {
  const [fromDrupal, fromEntra] = await Promise.all([
    ports.jobs.get("drupalToEntra"),
    ports.jobs.get("entraToDrupal"),
  ]);
  const listings = { drupal: listingOf(fromDrupal.job), entra: listingOf(fromEntra.job) };
  return {
    id: `${listings.drupal?.cycleId ?? "-"} ${listings.entra?.cycleId ?? "-"}`,
    asOf: { drupal: listings.drupal?.at ?? null, entra: listings.entra?.at ?? null },
    rows: () => rowsOf(listings, ports),
  };
}
