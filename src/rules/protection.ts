// Accounts that are never touched, with the reason that the audit log gives.
import type { SyncConfiguration } from "./configuration.ts";
import type { Reason } from "./plan.ts";
import type { DrupalUser, EntraUser } from "./users.ts";
import { folded } from "./values.ts";

/** Our own account in Drupal, as `meta.links.me` of `GET /jsonapi` names it. */
export interface ServiceAccount {
  readonly uuid: string;
}

const reason = (code: string, message: string): Reason => ({ code, message });

/** Why a Drupal account must not be synced, or null. */
export function protectionOfDrupalUser(
  user: DrupalUser,
  configuration: SyncConfiguration,
  service: ServiceAccount,
): Reason | null {
  if (user.uid === 0)
    return reason("protectedAccount", "the anonymous account (uid 0) is not a person");
  if (user.uid === 1)
    return reason("protectedAccount", "uid 1 is the site's own administrator account");
  if (user.uuid === service.uuid)
    return reason("protectedAccount", "this is the account that the sync itself uses");
  const role = user.roles.find((name) => configuration.protected.drupalRoles.includes(name));
  if (role !== undefined)
    return reason("protectedAccount", `accounts with the role ${role} are protected`);
  const names = configuration.protected.drupalNames.map(folded);
  if (names.includes(folded(user.name))) {
    return reason("protectedAccount", "the account is on the list of protected names");
  }
  return null;
}

/** Whether an Entra user is a guest of another tenant. */
export const isGuest = (user: EntraUser): boolean =>
  user.userType === "Guest" || user.userPrincipalName.toUpperCase().includes("#EXT#");

/** Why an Entra account must not be synced, or null. `isPrivileged`: it holds admin roles. People choose their mail in Drupal
 * themselves, and whoever runs a site must not run a directory. */
export function protectionOfEntraUser(
  user: EntraUser,
  configuration: SyncConfiguration,
  isPrivileged: boolean,
): Reason | null {
  if (isPrivileged) {
    return reason("privilegedAccount", `the Entra account ${user.objectId} holds admin roles`);
  }
  if (configuration.protected.entraObjectIds.includes(user.objectId.toLowerCase())) {
    return reason("protectedAccount", "the Entra account is on the list of protected accounts");
  }
  if (isGuest(user) && !configuration.guests) {
    return reason("guestAccount", "the Entra account is a guest, and guests are switched off");
  }
  return null;
}
