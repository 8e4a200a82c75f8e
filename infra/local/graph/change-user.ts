// Creates, changes, deletes and restores users: the one way in for the API, batches and the page.
import { badRequest, GraphError, objectConflict, requestDenied } from "./graph-error.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
import { isFederated, isPrivileged, type Tenant } from "./tenant.ts";
import { type AccessToken, type AppRole, hasRole, mayTouchAdministrators } from "./token.ts";
import { foldedAddresses } from "./user-index.ts";
import { proxyAddressesOf, textOf, type UserRecord, type UserValues } from "./user-record.ts";
import {
  extraIdentities,
  requireForCreate,
  requirePassword,
  validateUserBody,
} from "./validate-user.ts";

// resources/users#who-can-perform-sensitive-actions (2026-07-03).
const SENSITIVE = new Set([
  "accountEnabled",
  "businessPhones",
  "mobilePhone",
  "onPremisesImmutableId",
  "otherMails",
  "passwordProfile",
  "userPrincipalName",
]);

// What a narrower permission covers, and what the broad ones do not (permission table of graph-devx-content).
const NARROW_ROLES: Readonly<Record<string, AppRole>> = {
  accountEnabled: "User.EnableDisableAccount.All",
  businessPhones: "User-Phone.ReadWrite.All",
  mobilePhone: "User-Phone.ReadWrite.All",
  otherMails: "User-Mail.ReadWrite.All",
  passwordProfile: "User-PasswordProfile.ReadWrite.All",
  identities: "User.ManageIdentities.All",
  employeeLeaveDateTime: "User-LifeCycleInfo.ReadWrite.All",
};
const ONLY_NARROW = new Set(["identities", "employeeLeaveDateTime"]);
const BROAD_ROLES: readonly AppRole[] = ["User.ReadWrite.All", "Directory.ReadWrite.All"];

// What stays writable in the cloud for a synced user; the rest is mastered on-premises (list unverified).
const CLOUD_MANAGED = /^(usageLocation|extension_.*)$/;

const MOST_EXTENSION_VALUES = 100;

const mayWrite = (token: AccessToken, property: string): boolean => {
  const narrow = NARROW_ROLES[property];
  if (narrow !== undefined && hasRole(token, [narrow])) return true;
  return !ONLY_NARROW.has(property) && hasRole(token, BROAD_ROLES);
};

const requireRights = (
  tenant: Tenant,
  token: AccessToken,
  record: UserRecord,
  properties: readonly string[],
): void => {
  const sensitive = properties.some((property) => SENSITIVE.has(property));
  if (!properties.every((property) => mayWrite(token, property))) throw requestDenied();
  // user-update: applications cannot write employeeHireDate, and passwords only with an Entra role.
  if (properties.includes("employeeHireDate")) throw requestDenied();
  if (properties.includes("passwordProfile") && token.entraRole === undefined)
    throw requestDenied();
  if (sensitive && isPrivileged(tenant, record.id) && !mayTouchAdministrators(token)) {
    throw requestDenied();
  }
};

/** 400 for what the on-premises directory or Exchange masters (docs issues 7301, 12584). */
export function requireCloudMastered(record: UserRecord, properties: readonly string[]): void {
  const synced = record.values.onPremisesSyncEnabled;
  if (synced === true && !properties.every((property) => CLOUD_MANAGED.test(property))) {
    throw badRequest(
      "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.",
    );
  }
  // false, not null: was synced once. Exchange stays the master of its extension attributes.
  if (synced === false && properties.includes("onPremisesExtensionAttributes")) {
    throw badRequest(
      "Unable to update the specified properties for objects that have originated within an external service.",
    );
  }
}

const requireUnique = (tenant: Tenant, values: UserValues, self: UserRecord | undefined): void => {
  const { index } = tenant.users;
  const sameUpn = index.byUpn(textOf(values, "userPrincipalName"));
  if (sameUpn !== undefined && sameUpn !== self) throw objectConflict("userPrincipalName");
  for (const address of foldedAddresses(values)) {
    const owner = index.byAddress(address);
    if (owner !== undefined && owner !== self) throw objectConflict("proxyAddresses");
  }
};

const identityKeys = (values: UserValues): string[] => {
  const list = values.identities;
  return (Array.isArray(list) ? list : [])
    .filter(isJsonObject)
    .map((entry) => `${entry.issuer}\n${entry.issuerAssignedId}`.toLowerCase());
};

const requireUniqueIdentities = (
  tenant: Tenant,
  values: UserValues,
  self: UserRecord | undefined,
): void => {
  const keys = new Set(identityKeys(values));
  if (keys.size === 0) return;
  for (const other of tenant.users.all()) {
    if (other !== self && identityKeys(other.values).some((key) => keys.has(key))) {
      throw objectConflict("identities");
    }
  }
};

// A new mail becomes the primary address; the old one stays as a secondary (doc text of mail).
const withMail = (values: UserValues, mail: JsonValue): JsonObject => {
  if (typeof mail !== "string") return {};
  const others = proxyAddressesOf(values)
    .filter((address) => address.slice(5).toLowerCase() !== mail.toLowerCase())
    .map((address) => address.replace(/^SMTP:/, "smtp:"));
  return others.length === 0 ? {} : { proxyAddresses: [`SMTP:${mail}`, ...others] };
};

// In a federated domain nobody is without onPremisesImmutableId: on create as in dotnetcore-console-sample 46;
// that the same text comes when an update moves somebody there is unverified.
const requireAnchor = (tenant: Tenant, values: UserValues): void => {
  if (!isFederated(tenant, textOf(values, "userPrincipalName"))) return;
  if (textOf(values, "onPremisesImmutableId") === "") {
    throw badRequest("One or more properties contains invalid values.");
  }
};

/** POST /users. */
export function createUser(tenant: Tenant, token: AccessToken, body: JsonObject): UserRecord {
  if (!hasRole(token, BROAD_ROLES)) throw requestDenied();
  const checked = validateUserBody(tenant, body);
  requireForCreate(checked);
  const { passwordProfile, ...stored } = checked;
  requirePassword(passwordProfile, checked.passwordPolicies);
  requireAnchor(tenant, stored);
  const identities = checked.identities;
  const values: UserValues =
    identities === undefined
      ? stored
      : {
          ...stored,
          identities: extraIdentities(identities, textOf(stored, "userPrincipalName"), false),
        };
  requireUnique(tenant, values, undefined);
  requireUniqueIdentities(tenant, values, undefined);
  return tenant.users.insert(values);
}

const mergedExtensions = (current: JsonValue | undefined, sent: JsonValue): JsonValue =>
  isJsonObject(sent) ? { ...(isJsonObject(current) ? current : {}), ...sent } : sent;

/** PATCH /users/{id}: what is not sent stays, null clears, collections are replaced. */
export function updateUser(
  tenant: Tenant,
  token: AccessToken,
  record: UserRecord,
  body: JsonObject,
): void {
  const sent = Object.keys(body).filter((name) => !name.startsWith("@odata."));
  requireRights(tenant, token, record, sent);
  const checked = validateUserBody(tenant, body);
  requireCloudMastered(record, sent);
  const { passwordProfile, ...changes } = checked;
  if (passwordProfile !== undefined) {
    requirePassword(passwordProfile, record.values.passwordPolicies);
  }
  const { values } = record;
  const next: Record<string, JsonValue> = {
    ...values,
    ...changes,
    ...withMail(values, changes.mail ?? null),
  };
  const extensions = changes.onPremisesExtensionAttributes;
  if (extensions !== undefined) {
    const current = values.onPremisesExtensionAttributes;
    next.onPremisesExtensionAttributes = mergedExtensions(current, extensions);
  }
  if (changes.identities !== undefined) {
    const upn = textOf(next, "userPrincipalName");
    next.identities = extraIdentities(changes.identities, upn, true);
    requireUniqueIdentities(tenant, next, record);
  }
  const extensionValues = Object.entries(next).filter(
    ([name, value]) => name.startsWith("extension_") && value !== null,
  );
  if (extensionValues.length > MOST_EXTENSION_VALUES) {
    throw new GraphError(
      403,
      "Directory_ResourceSizeExceeded",
      "The size of the object has exceeded its limit. Please reduce the number of values and retry your request.",
    );
  }
  if (changes.userPrincipalName !== undefined || changes.onPremisesImmutableId !== undefined) {
    requireAnchor(tenant, next);
  }
  requireUnique(tenant, next, record);
  const properties = changes.mail === undefined ? sent : [...sent, "proxyAddresses"];
  tenant.users.replace(record, next, properties);
}

const mayDelete = (tenant: Tenant, token: AccessToken, record: UserRecord): boolean =>
  hasRole(token, ["User.ReadWrite.All", "User.DeleteRestore.All"]) &&
  (!isPrivileged(tenant, record.id) || mayTouchAdministrators(token));

/** DELETE /users/{id}: to the deleted items, for 30 days. */
export function deleteUser(tenant: Tenant, token: AccessToken, record: UserRecord): void {
  if (!mayDelete(tenant, token, record)) throw requestDenied();
  tenant.users.remove(record);
}

/** DELETE /directory/deletedItems/{id}: for good. */
export function purgeUser(tenant: Tenant, token: AccessToken, record: UserRecord): void {
  if (!mayDelete(tenant, token, record)) throw requestDenied();
  tenant.users.purge(record);
}

/** What POST …/restore may carry (directory-deleteditems-restore, 2026-03-14). */
export interface RestoreOptions {
  readonly autoReconcileProxyConflict: boolean;
  readonly newUserPrincipalName: string | undefined;
}

/** POST /directory/deletedItems/{id}/restore; taken UPNs and addresses are conflicts unless resolved. */
export function restoreUser(
  tenant: Tenant,
  token: AccessToken,
  record: UserRecord,
  options: RestoreOptions,
): void {
  if (!mayDelete(tenant, token, record)) throw requestDenied();
  const { newUserPrincipalName } = options;
  const checked =
    newUserPrincipalName === undefined
      ? {}
      : validateUserBody(tenant, { userPrincipalName: newUserPrincipalName });
  let values: UserValues = { ...record.values, ...checked };
  if (options.autoReconcileProxyConflict) {
    const free = proxyAddressesOf(values).filter(
      (address) => tenant.users.index.byAddress(address.slice(5)) === undefined,
    );
    const primary = free.find((address) => address.startsWith("SMTP:"));
    values = { ...values, proxyAddresses: free, mail: primary?.slice(5) ?? null };
  }
  requireUnique(tenant, values, undefined);
  tenant.users.restore(record, values);
}
