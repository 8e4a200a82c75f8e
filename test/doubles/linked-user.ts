// A world with one Drupal user who has been created in Entra and linked.
import { provisionUser } from "../../src/sync/provision-user.ts";
import { aConfiguration, aDrupalUser, World } from "./world.ts";

/** The world, the Drupal user, and the Entra account as it is whenever asked. */
export async function worldWithLinkedUser(configuration = aConfiguration()) {
  const world = new World();
  world.configuration = configuration;
  const user = aDrupalUser();
  world.drupal.set(user.uuid, user);
  await provisionUser(world.request(user.uuid, { event: "created" }), world.worker());
  // A new account is looked at once more.
  for (let again = world.nextRequest(); again !== null; again = world.nextRequest())
    await provisionUser(again, world.worker());
  const [account] = [...world.entra.values()];
  if (account === undefined) throw new Error("not created");
  const entraUser = () => world.entra.get(account.objectId);
  return { world, user, objectId: account.objectId, entraUser };
}
