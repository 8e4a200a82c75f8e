// What must hold when a history has come to rest: both sides equal or in an open conflict, nobody twice, no edit overwritten by
// its own ancestor unless a row of the audit log says that a conflict was decided.
import type { Link } from "../../src/rules/link.ts";
import type { DrupalUser, EntraUser } from "../../src/rules/users.ts";
import { MARKER, type ObservedWrite, type World } from "../doubles/world.ts";

function faultsOfPair(link: Link, drupal: DrupalUser, entra: EntraUser, world: World): string[] {
  const faults: string[] = [];
  for (const row of world.configuration.attributes) {
    if (row.kind !== "direct" || row.flow !== "both") continue;
    const key = `${row.drupal}<>${row.entra}`;
    const [here, there] = [drupal.attributes[row.drupal], entra.attributes[row.entra]];
    if (here !== there && link.conflicts[key] === undefined)
      faults.push(`${key} differs at rest: ${here} | ${there}`);
  }
  if (drupal.enabled !== entra.enabled && link.blocks.entra !== "parked")
    faults.push(`blocked on one side only at rest: ${drupal.enabled} | ${entra.enabled}`);
  const given = drupal.attributes.field_first_name ?? null;
  if (given !== null && given !== entra.attributes.givenName)
    faults.push("a drupalToEntra attribute differs at rest");
  const title = entra.attributes.jobTitle ?? null;
  if (title !== null && drupal.attributes.field_title !== title)
    faults.push("an entraToDrupal attribute differs at rest");
  return faults;
}

function faultsOfLinks(world: World): string[] {
  return [...world.links.values()].flatMap(({ link }) => {
    const drupal = world.drupal.get(link.drupalUuid);
    const entra = link.entraObjectId === null ? undefined : world.entra.get(link.entraObjectId);
    const open = link.pending === null ? [] : [`an intent is left open: ${link.pending.operation}`];
    // Both accounts of an interrupted create are gone: nobody is left whom the intent could concern.
    if (drupal === undefined && entra === undefined) return [];
    if (drupal === undefined || entra === undefined) return open;
    return [...open, ...faultsOfPair(link, drupal, entra, world)];
  });
}

function faultsOfPeople(world: World): string[] {
  const people = [...world.drupal.values()];
  const accounts = [...world.entra.values()];
  const faults = people.flatMap((user) => {
    const marked = accounts.filter(({ attributes }) => attributes[MARKER] === user.uuid);
    const named = accounts.filter(({ attributes }) => attributes.mail === user.mail);
    const isMissing = user.enabled && named.length === 0 && world.escrow.size === 0;
    return [
      ...(marked.length > 1 || named.length > 1 ? [`two accounts for ${user.name}`] : []),
      ...(isMissing ? [`no account for ${user.name}`] : []),
    ];
  });
  const isTwice = new Set(people.map(({ mail }) => mail)).size !== people.length;
  return isTwice ? [...faults, "two Drupal accounts for one person"] : faults;
}

// One-way attributes are overwritten by design.
const ONE_WAY = ["givenName", "field_title", "displayName"];

function faultsOfWrites(world: World, regressions: readonly ObservedWrite[]): string[] {
  const rows = world.audit.flatMap(({ changes }) => changes);
  const isTold = (write: ObservedWrite) =>
    rows.some(
      ({ attribute, after, why }) =>
        attribute === write.attribute && after === write.after && /^(authority|newest)/.test(why),
    );
  return regressions
    .filter((write) => !ONE_WAY.includes(write.attribute) && !isTold(write))
    .map(
      ({ after, before, system, attribute }) =>
        `${after} was written over its own descendant ${before} (${system} ${attribute})`,
    );
}

/** Every fault of a world at rest, in words; `regressions` are writes of an ancestor over a later edit. */
export function faultsAtRest(world: World, regressions: readonly ObservedWrite[]): string[] {
  return [...faultsOfLinks(world), ...faultsOfPeople(world), ...faultsOfWrites(world, regressions)];
}
