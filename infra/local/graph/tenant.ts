// One Entra tenant: its users, groups, domains, extensions and tokens, and the settings that shape its answers.
import { randomUUID } from "node:crypto";
import { type Change, type ChangeLog, createChangeLog } from "./change-log.ts";
import { type Clock, createClock } from "./clock.ts";
import { createGroupStore, type GroupStore } from "./group-store.ts";
import { createRandom, type Random } from "./random.ts";
import { defaultSettings, type Settings } from "./settings.ts";
import { type AccessToken, LOCAL_TOKEN } from "./token.ts";
import { type PropertyRule, USER_PROPERTIES } from "./user-properties.ts";
import { createUserStore, type UserStore } from "./user-store.ts";

/** An app role of a service principal given to a user or group. */
export interface AppRoleAssignment {
  readonly id: string;
  readonly appRoleId: string;
  readonly principalId: string;
  readonly servicePrincipalId: string;
  readonly createdAt: number;
}

/** An application as the tenant sees it. */
export interface ServicePrincipal {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly appRoles: readonly { readonly id: string; readonly value: string }[];
}

/** A verified domain; a federated one signs its users in elsewhere. */
export interface Domain {
  readonly name: string;
  readonly initial: boolean;
  readonly type: "Managed" | "Federated";
}

/** The whole state of one simulator. */
export interface Tenant {
  readonly id: string;
  readonly displayName: string;
  /** Changes with each start or reset: delta tokens of an older life are unknown then. */
  readonly generation: string;
  domains: readonly Domain[];
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: Settings;
  readonly users: UserStore;
  readonly groups: GroupStore;
  readonly userChanges: ChangeLog;
  readonly groupChanges: ChangeLog;
  readonly tokens: Map<string, AccessToken>;
  readonly privilegedUserIds: Set<string>;
  readonly extensionProperties: Map<string, PropertyRule>;
  readonly servicePrincipals: Map<string, ServicePrincipal>;
  appRoleAssignments: readonly AppRoleAssignment[];
  readonly changeListeners: Set<(change: Change) => void>;
}

/** The domain that no tenant can lose; identities are issued by it. */
export const INITIAL_DOMAIN = "contoso.onmicrosoft.example";

/** The domain of the people. */
export const DEFAULT_DOMAIN = "contoso.example";

/** A tenant without users. */
export function createTenant(options: { readonly latencyMs?: number | undefined } = {}): Tenant {
  const clock = createClock();
  const settings = defaultSettings(options.latencyMs ?? 0);
  const userChanges = createChangeLog();
  const groupChanges = createChangeLog();
  const changeListeners = new Set<(change: Change) => void>();
  const groups = createGroupStore(clock, settings, groupChanges);
  const tenant: Tenant = {
    id: "7b2c6f0e-3d51-4a86-9b0c-5f1e8d2a4c60",
    displayName: "Contoso",
    generation: randomUUID().slice(0, 8),
    domains: [
      { name: DEFAULT_DOMAIN, initial: false, type: "Managed" },
      { name: INITIAL_DOMAIN, initial: true, type: "Managed" },
    ],
    clock,
    random: createRandom(1),
    settings,
    users: createUserStore(clock, settings, userChanges, (change) => {
      // Memberships and assignments outlive a soft deletion and end with the user (docs issue 14708).
      if (change.kind === "purged") forgetPrincipal(tenant, change.id);
      for (const listener of changeListeners) listener(change);
    }),
    groups,
    userChanges,
    groupChanges,
    tokens: new Map([["local", LOCAL_TOKEN]]),
    privilegedUserIds: new Set(),
    extensionProperties: new Map(),
    servicePrincipals: new Map(),
    appRoleAssignments: [],
    changeListeners,
  };
  return tenant;
}

/** Ends what hangs on a user or group that is gone for good. */
export function forgetPrincipal(tenant: Tenant, id: string): void {
  tenant.groups.forgetMember(id);
  tenant.appRoleAssignments = tenant.appRoleAssignments.filter((one) => one.principalId !== id);
}

/** True when the domain of a user principal name signs its users in elsewhere. */
export function isFederated(tenant: Tenant, upn: string): boolean {
  const domain = upn.split("@").at(-1)?.toLowerCase();
  return tenant.domains.some(({ name, type }) => name === domain && type === "Federated");
}

/** What is known of a user property by its exact name, directory extensions included. */
export function propertyRule(tenant: Tenant, name: string): PropertyRule | undefined {
  return USER_PROPERTIES.get(name) ?? tenant.extensionProperties.get(name);
}

/** Users with an admin role, or in a role-assignable group: writes to them need a higher role. */
export function isPrivileged(tenant: Tenant, userId: string): boolean {
  if (tenant.privilegedUserIds.has(userId)) return true;
  return tenant.groups.groupsOf(userId, false).some((group) => group.isAssignableToRole);
}
