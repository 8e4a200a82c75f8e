// Who lost access, and why: nobody may be disabled or deleted whose account on the other side was there and enabled all the time,
// and whoever was deleted on one side has to lose the other.
import { isJoined } from "../../src/rules/link.ts";
import type { System } from "../../src/rules/users.ts";
import type { ObservedWrite, World } from "../doubles/world.ts";

interface Deleted {
  readonly system: System;
  readonly id: string;
  /** The other side's account that it was the counterpart of; null: none. */
  readonly partner: string | null;
}

const isOff = ({ attribute, after }: ObservedWrite): boolean =>
  (attribute === "status" || attribute === "accountEnabled") && after === false;

/** Keeps the book of access. */
export class AccessWatch {
  readonly #world: World;
  /** Accounts that were blocked, or gone, at some time. */
  readonly #everOff = new Set<string>();
  readonly #deleted: Deleted[] = [];
  readonly faults: string[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  #partnerOf(system: System, id: string): string | null {
    const { links, holders } = this.#world;
    if (system === "entra") return holders.get(id) ?? null;
    const link = links.get(id)?.link;
    return link !== undefined && isJoined(link) ? link.entraObjectId : null;
  }

  #isThere(system: System, id: string): boolean {
    const { drupal, entra } = this.#world;
    return (system === "drupal" ? drupal : entra).get(id)?.enabled === true;
  }

  /** A person blocked an account. */
  blocked(id: string): void {
    this.#everOff.add(id);
  }

  /** A person is about to delete an account. Nothing need follow where it was just made, and no look has served it since. */
  deletes(system: System, id: string): void {
    this.#everOff.add(id);
    const partner = this.#partnerOf(system, id);
    const link = this.#world.links.get((system === "drupal" ? id : partner) ?? "")?.link;
    const isServed = link?.served[system === "drupal" ? "drupalToEntra" : "entraToDrupal"] === true;
    const isAtRest = link !== undefined && link.rest.drupal !== null && link.rest.entra !== null;
    this.#deleted.push({ system, id, partner: isServed || isAtRest ? partner : null });
  }

  /** The sync wrote a value. */
  wrote(write: ObservedWrite): void {
    if (!isOff(write)) return;
    const { system, id } = write;
    const other = system === "drupal" ? "entra" : "drupal";
    const partner = this.#partnerOf(system, id);
    if (partner !== null && this.#isThere(other, partner) && !this.#everOff.has(partner))
      this.faults.push(
        `${system} ${id.slice(-4)} lost access, and its other side was there and enabled all the time`,
      );
    this.#everOff.add(id);
  }

  /** Whoever was deleted on one side, and still has access on the other. */
  left(): string[] {
    return this.#deleted.flatMap(({ system, id, partner }) => {
      const other = system === "drupal" ? "entra" : "drupal";
      if (partner === null || !this.#isThere(other, partner)) return [];
      const isTakenOver = this.#partnerOf(other, partner) !== id;
      if (isTakenOver) return [];
      return [`${id.slice(-4)} was deleted in ${system}, and ${partner.slice(-4)} kept its access`];
    });
  }
}
