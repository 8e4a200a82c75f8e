// After a crash or a lost answer: what a fresh look at both sides says about an export that was announced and not recorded
// (rule 4). Pure: the caller saves what comes of it.

import { targetOfKey } from "./attribute-row.ts";
import { isWrittenAlone } from "./entra-limits.ts";
import { type DrupalField, drupalFieldOf, drupalPrint, entraPrint } from "./field-types.ts";
import { REPLICATION_WINDOW_MS, rememberPrints } from "./known-values.ts";
import type { BasePair, Link, PendingExport } from "./link.ts";
import { baseOfCreated, linkAfter } from "./link-after.ts";
import type { DrupalUser, EntraUser, System } from "./users.ts";

/** What the look showed. */
export interface Seen {
  readonly drupal: DrupalUser | null;
  readonly entra: EntraUser | null;
  readonly fields: Readonly<Record<string, DrupalField>>;
  readonly now: Date;
}

/** The link as it stands after the look. */
export interface SettledLink {
  readonly link: Link;
  /** An export that was found to have arrived, and has no audit row yet. */
  readonly confirmed: PendingExport | null;
  /** Attributes of a write to Entra that may or may not have arrived. */
  readonly uncertain: ReadonlySet<string>;
}

// For what is not an update of attributes: did it happen?
function hasHappened(pending: PendingExport, link: Link, { drupal, entra }: Seen): boolean {
  const target = pending.system === "entra" ? entra : drupal;
  switch (pending.operation) {
    case "create":
      return pending.system === "entra" ? link.entraObjectId !== null : drupal !== null;
    case "link":
      return link.entraObjectId !== null;
    case "delete":
      return target === null;
    case "restore":
      return target !== null;
    case "assign":
      return drupal?.roles.includes(pending.name ?? "") === true;
    case "remove":
      return drupal !== null && !drupal.roles.includes(pending.name ?? "");
    default:
      return false;
  }
}

function printOn(
  system: System,
  name: string,
  { drupal, entra, fields }: Omit<Seen, "now">,
): string | null {
  if (system === "entra")
    return entra === null
      ? null
      : entraPrint(name, name === "accountEnabled" ? entra.enabled : entra.attributes[name]);
  if (drupal === null) return null;
  const value = name === "status" ? drupal.enabled : drupal.attributes[name];
  return drupalPrint(name, drupalFieldOf(name, fields), value);
}

// A request is atomic on both sides, so one attribute that shows what was announced proves all of its request: what is
// neither the old nor the new value there was edited since. What still is the old value was refused, or is not known.
function arrivedAttributes(pending: PendingExport, seen: Seen): Set<string> {
  const { system, after, over } = pending;
  const requestOf = (name: string) =>
    system === "entra" && isWrittenAlone(name) ? name : "together";
  const names = Object.keys(after);
  const shown = names.filter((name) => printOn(system, name, seen) === after[name]);
  const proven = new Set(shown.map(requestOf));
  const isArrived = (name: string) =>
    shown.includes(name) ||
    (proven.has(requestOf(name)) && printOn(system, name, seen) !== over[name]);
  return new Set(names.filter(isArrived));
}

/** The fingerprints that the target of an export holds now, by row of the mapping; null where that is not known. */
export function printsIn(
  { system }: Pick<PendingExport, "system">,
  seen: Omit<Seen, "now">,
): (key: string) => string | null {
  return (key) => {
    const name = targetOfKey(key, system);
    return name === null ? null : printOn(system, name, seen);
  };
}

const NOTHING: ReadonlySet<string> = new Set();

function settled(
  link: Link,
  pending: PendingExport,
  base: Readonly<Record<string, BasePair>>,
  now: Date,
): Link {
  const after = linkAfter({ ...link, base: { ...link.base, ...base } }, pending, now);
  return { ...after, pending: null };
}

/**
 * Settles the link's pending export. Arrived: confirmed, with all that follows from it. Not seen: dropped and planned
 * again; where a read of Entra may lag, its attributes are uncertain and must be written again. A create that cannot be
 * found stays pending for as long as it may still appear: its name must be tried before any other.
 */
export function settlePending(link: Link, seen: Seen): SettledLink {
  const { pending } = link;
  const nothing = { confirmed: null, uncertain: NOTHING };
  if (pending === null) return { link, ...nothing };
  const { now } = seen;
  const isRecent = now.getTime() - Date.parse(pending.at) < REPLICATION_WINDOW_MS;
  if (!["update", "disable", "enable"].includes(pending.operation)) {
    if (hasHappened(pending, link, seen)) {
      const isNew = pending.operation === "create";
      const base = isNew ? baseOfCreated(pending, printsIn(pending, seen)) : pending.base;
      return { ...nothing, link: settled(link, pending, base, now), confirmed: pending };
    }
    const mayAppear = pending.operation === "create" && isRecent;
    return { link: mayAppear ? link : { ...link, pending: null }, ...nothing };
  }
  const arrived = arrivedAttributes(pending, seen);
  const isArrived = (key: string) => arrived.has(targetOfKey(key, pending.system) ?? "");
  const open = Object.keys(pending.after).filter((name) => !arrived.has(name));
  const uncertain = isRecent && pending.system === "entra" ? new Set(open) : NOTHING;
  // It may have arrived and been edited since: what such a row holds now is no first meeting.
  const unseen = Object.keys(pending.base).filter((key) => !isArrived(key) && !link.base[key]);
  const interrupted = [...new Set([...link.interrupted, ...unseen])];
  const noted = { ...link, interrupted };
  if (arrived.size === 0) return { link: { ...noted, pending: null }, confirmed: null, uncertain };
  const base = Object.fromEntries(Object.entries(pending.base).filter(([key]) => isArrived(key)));
  const confirmed = {
    ...pending,
    changes: pending.changes.filter(({ attribute }) => arrived.has(attribute)),
  };
  const { after, over, system } = pending;
  const writes = [...arrived].map((attribute) => ({
    attribute,
    over: over[attribute] ?? "",
    after: after[attribute] ?? "",
  }));
  const known = rememberPrints(link.known, system === "entra" ? writes : [], new Date(pending.at));
  const next = settled({ ...noted, known }, pending, base, now);
  return { link: next, confirmed, uncertain };
}
