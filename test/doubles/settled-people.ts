// People of a cycle's world, and worlds that cycles have settled: what most tests of cycles begin with.
import { CycleWorld } from "./cycle-world.ts";
import { aConfiguration, aDrupalUser } from "./world.ts";

const HOUR_MS = 3_600_000;

/** Adds Drupal users `person<from>` and on; answers their UUIDs. */
export function addDrupalUsers({ world }: CycleWorld, count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, at) => {
    const user = aDrupalUser({ name: `person${from + at}`, uid: 100 + from + at });
    world.drupal.set(user.uuid, user);
    return user.uuid;
  });
}

/** Users who are gone from Drupal, without an event. */
export const remove = ({ world }: CycleWorld, uuids: readonly string[]): void => {
  for (const uuid of uuids) world.drupal.delete(uuid);
};

/** Drupal's people are blocked there, and the site says when. */
export function block({ world }: CycleWorld, uuids: readonly string[]): void {
  for (const uuid of uuids)
    world.editDrupal(uuid, { enabled: false, changedAt: new Date(world.now).toISOString() });
}

/** How many accounts of Entra are disabled. */
export const disabled = ({ world }: CycleWorld): number =>
  [...world.entra.values()].filter(({ enabled }) => !enabled).length;

/** A world whose people were all served by a first cycle of Drupal's feed, two hours ago. */
export async function settledWorld(count: number, configuration = aConfiguration()) {
  const cycles = new CycleWorld();
  cycles.world.configuration = configuration;
  const uuids = addDrupalUsers(cycles, count);
  await cycles.run({ direction: "drupalToEntra", kind: "initial" });
  cycles.world.now += 2 * HOUR_MS;
  return { cycles, world: cycles.world, uuids };
}
