// One Drupal site in memory: its users, roles, files, tokens and the settings that change its behaviour.
import { randomUUID } from "node:crypto";
import type { DrupalUser } from "./drupal-user.ts";
import { createFileStore, type FileStore } from "./file-store.ts";
import { createFlood, type Flood } from "./flood.ts";
import { createOAuthServer, type OAuthClient, type OAuthServer } from "./oauth-server.ts";
import type { Role } from "./roles.ts";
import { createTaxonomy, type Taxonomy } from "./taxonomy.ts";
import { NAME_FIELDS, type UserFieldDefinition } from "./user-fields.ts";
import { createUserStore, type UserStore } from "./user-store.ts";

/** `user.settings:cancel_method`: what DELETE really does (contract/drupal 281-292). */
export const CANCEL_METHODS = [
  "user_cancel_block",
  "user_cancel_block_unpublish",
  "user_cancel_reassign",
  "user_cancel_delete",
] as const;
/** One of Drupal's ways to cancel an account. */
export type CancelMethod = (typeof CANCEL_METHODS)[number];

/** What an administrator, or a test, can switch. */
export interface SiteSettings {
  cancelMethod: CancelMethod;
  /** JSON:API's read-only mode (contract/drupal 294-296). */
  readOnly: boolean;
  /** Whether simple_oauth is installed; without it a Bearer header means nothing (contract/drupal 244). */
  simpleOauth: boolean;
  /** True: overlapping saves of one user overwrite each other, as measured; false: they queue. */
  lostUpdates: boolean;
  latencyMs: number;
  clockOffsetMs: number;
  /** Maintenance mode: everybody but administrators gets 503 (contract/drupal 357-360). */
  down: boolean;
}

/** What happened to a user; the hooks of modules are told while and after saving. */
export interface UserEvent {
  readonly kind: "create" | "update" | "delete" | "cancel";
  readonly user: DrupalUser;
  readonly actor: DrupalUser | null;
}

/** Modules that listen to saves. */
export interface SaveHooks {
  /** Runs inside the transaction; the save waits for it. */
  duringSave(event: UserEvent): Promise<void>;
  /** Runs after the commit; must not wait. */
  afterCommit(event: UserEvent): void;
}

/** The site. */
export interface Site {
  /** Tells one filling of the simulator from the next. */
  readonly id: string;
  readonly users: UserStore;
  readonly roles: readonly Role[];
  /** What the site has added to its users, by name. */
  readonly fields: readonly UserFieldDefinition[];
  readonly taxonomy: Taxonomy;
  readonly files: FileStore;
  readonly flood: Flood;
  readonly oauth: OAuthServer;
  readonly settings: SiteSettings;
  /** The site's title, as the Basic realm shows it. */
  readonly realm: string;
  hooks: SaveHooks;
  /** Number of saves whose transaction is open: a writer is inside its webhook. */
  openTransactions: number;
  /** Seconds since 1970 by the site's clock: `changed` has no finer resolution. */
  now(): number;
}

const NO_HOOKS: SaveHooks = { duringSave: async () => {}, afterCommit: () => {} };

/** An empty site; seeded-site.ts and observed-site.ts fill it. */
export function createSite(
  roles: readonly Role[],
  clients: readonly OAuthClient[],
  realm: string,
  fields: readonly UserFieldDefinition[] = NAME_FIELDS,
  taxonomy: Taxonomy = createTaxonomy([], []),
): Site {
  const settings: SiteSettings = {
    cancelMethod: "user_cancel_block",
    readOnly: false,
    simpleOauth: true,
    lostUpdates: true,
    latencyMs: 0,
    clockOffsetMs: 0,
    down: false,
  };
  const now = (): number => Math.floor((Date.now() + settings.clockOffsetMs) / 1000);
  return {
    id: randomUUID(),
    users: createUserStore(),
    roles,
    fields: fields.toSorted((left, right) => (left.name < right.name ? -1 : 1)),
    taxonomy,
    files: createFileStore(),
    flood: createFlood(now),
    oauth: createOAuthServer(clients, () => (Date.now() + settings.clockOffsetMs) / 1000),
    settings,
    realm,
    hooks: NO_HOOKS,
    openTransactions: 0,
    now,
  };
}

/** Waits as long as the site is set to take for one request. */
export async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
