// Looking at a user in a world, and at whatever the look queues.
import { provisionUser } from "../../src/sync/provision-user.ts";
import type { World } from "./world.ts";

const HOUR_MS = 3_600_000;

/** Works off what becomes visible within a time, and lets that time pass. */
export async function drain(world: World, forMs = HOUR_MS): Promise<void> {
  const end = world.now + forMs;
  while (world.queue.some(({ visibleAt }) => visibleAt <= end)) {
    const request = world.nextRequest();
    if (request !== null) await provisionUser(request, world.worker());
  }
  world.now = Math.max(world.now, end);
}

/** Looks at the user, and at whatever the look queues for the next hour. */
export async function look(world: World, uuid: string, more: object = {}) {
  const outcome = await provisionUser(world.request(uuid, more), world.worker());
  await drain(world);
  return outcome;
}

/** Whether the user is enabled in Drupal, and in Entra. */
export function enabledIn(world: World, uuid: string) {
  const objectId = world.links.get(uuid)?.link.entraObjectId ?? "";
  return [world.drupal.get(uuid)?.enabled, world.entra.get(objectId)?.enabled];
}
