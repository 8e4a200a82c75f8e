// The index of a world's links as one read shows them: what is saved later is not in it.
import { drupalUuidFor } from "../../src/rules/drupal-names.ts";
import { isJoined, type Link } from "../../src/rules/link.ts";
import { GONE } from "../../src/rules/rest.ts";
import type { System } from "../../src/rules/users.ts";
import type { IndexedLink, LinkIndex } from "../../src/sync/cycle-ports.ts";
import type { World } from "./world.ts";

function isEntraAtRest(known: string | null, seen: string, isManagerKnown: boolean): boolean {
  if (known === null) return false;
  return isManagerKnown ? known === seen : known.split(".")[0] === seen.split(".")[0];
}

const indexed = (link: Link): IndexedLink => ({
  drupalUuid: link.drupalUuid,
  isJoined: isJoined(link),
  rested: link.rested,
  isAtRest: (system, print, isManagerKnown = true) =>
    print !== null &&
    link.pending === null &&
    (system === "drupal"
      ? link.rest.drupal === print
      : isEntraAtRest(link.rest.entra, print, isManagerKnown)),
});

/** All links of a world as of now. */
export function indexOf(world: World): LinkIndex {
  const marked = new Set<string>();
  const links = new Map([...world.links].map(([uuid, { link }]) => [uuid, link]));
  const holders = new Map(world.holders);
  const joined = [...links.values()].filter(isJoined);
  const find = (system: System, id: string): Link | undefined =>
    links.get(system === "drupal" ? id : (holders.get(id) ?? drupalUuidFor(id)));
  return {
    joined: joined.length,
    find: (system, id) => {
      const link = find(system, id);
      return link === undefined ? null : indexed(link);
    },
    mark: (system, id) => void marked.add(`${system} ${id}`),
    unmarked: (system) =>
      joined
        .filter((link) => {
          const id = system === "drupal" ? link.drupalUuid : link.entraObjectId;
          return link.rest[system] !== GONE && !marked.has(`${system} ${id}`);
        })
        .map(({ drupalUuid }) => drupalUuid),
  };
}
