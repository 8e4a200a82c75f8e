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

/** The whole state of one simulator. */
export interface Tenant {
  readonly id: string;
  readonly displayName: string;
  /** Changes with each start or reset: delta tokens of an older life are unknown then. */
  readonly generation: string;
  readonly domains: readonly { readonly name: string; readonly initial: boolean }[];
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
  readonly appRoleAssignments: AppRoleAssignment[];
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
  return {
    id: "7b2c6f0e-3d51-4a86-9b0c-5f1e8d2a4c60",
    displayName: "Contoso",
    generation: randomUUID().slice(0, 8),
    domains: [
      { name: DEFAULT_DOMAIN, initial: false },
      { name: INITIAL_DOMAIN, initial: true },
    ],
    clock,
    random: createRandom(1),
    settings,
    users: createUserStore(clock, settings, userChanges, (change) => {
      for (const listener of changeListeners) listener(change);
    }),
    groups: createGroupStore(clock, groupChanges),
    userChanges,
    groupChanges,
    tokens: new Map([["local", LOCAL_TOKEN]]),
    privilegedUserIds: new Set(),
    extensionProperties: new Map(),
    servicePrincipals: new Map(),
    appRoleAssignments: [],
    changeListeners,
  };
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
