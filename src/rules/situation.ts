// Everything that the decision for one user may look at, gathered by the import and matching steps.
import type { References } from "./attribute-mapping.ts";
import type { SyncConfiguration } from "./configuration.ts";
import { type Block, isJoined, type Link } from "./link.ts";
import type { Match } from "./matching.ts";
import type { ServiceAccount } from "./protection.ts";
import type { Grants } from "./roles.ts";
import { type ScopeVerdict, scopeVerdict } from "./scope-clause.ts";
import type { Direction, DrupalUser, EntraUser, System } from "./users.ts";
import { fingerprint } from "./values.ts";

/** The state of one user on both sides, and what is remembered of them. */
export interface Situation {
  /** null: proven gone by an authenticated 404 (rule 5), never merely unread; or not there yet. */
  readonly drupal: DrupalUser | null;
  /** The linked Entra user; null: not linked, or proven gone by a 404 outside the replication window. */
  readonly entra: EntraUser | null;
  /** The linked Entra user is among the deleted ones and can be restored. */
  readonly isInBin: boolean;
  /** An Entra user without link that was asked for, and for whom no Drupal account was found. */
  readonly nominee: EntraUser | null;
  readonly link: Link;
  /** Properties of which the read shows an older value than is known, with what is known (fingerprints). */
  readonly hidden: Readonly<Record<string, string>>;
  /** Attributes of an announced write to Entra that may or may not have arrived: written again. */
  readonly uncertain: ReadonlySet<string>;
  /** For users without a link; `none` otherwise. */
  readonly match: Match<EntraUser>;
  /** The link of a Drupal account that is gone, whose Entra account the match takes over. */
  readonly predecessor: Link | null;
  /** The groups and app roles of the Entra user; null where none are configured or no Entra user is known. */
  readonly grants: Grants | null;
  readonly references: References;
  readonly configuration: SyncConfiguration;
  readonly service: ServiceAccount;
  /** How often the same write is made before it is taken for ping-pong: see `PATIENCE`. */
  readonly patience: number;
  /** Only one direction was asked for: what the other would clear stays. */
  readonly isPartial: boolean;
  /** The Entra account holds admin roles; null where that was not asked, because nothing depends on it. */
  readonly isPrivileged: boolean | null;
  /** An operator asks for just this user. */
  readonly byOperator: boolean;
  /** The Entra account that an operator names as this user's, whatever the keys prove. */
  readonly joins: string | null;
  /** ISO 8601, when Graph told of a change; null where it did not. */
  readonly notifiedAt: string | null;
  readonly now: Date;
}

/** Our own word counts more than a read that may lag behind it. */
export const isEntraEnabled = (entra: EntraUser, { hidden }: Pick<Situation, "hidden">): boolean =>
  hidden.accountEnabled === undefined ? entra.enabled : hidden.accountEnabled === fingerprint(true);

/** Whether Drupal's user is in the scope of drupalToEntra. */
export const drupalScope = (drupal: DrupalUser, situation: Situation): ScopeVerdict =>
  scopeVerdict(
    situation.configuration.scope.drupalToEntra,
    { ...drupal.attributes, roles: drupal.roles },
    situation.grants,
  );

/** Whether Entra's user is in the scope of entraToDrupal. */
export const entraScope = (entra: EntraUser, situation: Situation): ScopeVerdict =>
  scopeVerdict(
    situation.configuration.scope.entraToDrupal,
    {
      ...entra.attributes,
      userPrincipalName: entra.userPrincipalName,
      userType: entra.userType,
      id: entra.objectId,
    },
    situation.grants,
  );

/** Which directions may write a user with these verdicts. */
export function openDirections(
  scope: Readonly<Record<Direction, ScopeVerdict>>,
  { directions }: SyncConfiguration,
): Readonly<Record<Direction, boolean>> {
  return {
    drupalToEntra: directions.drupalToEntra && scope.drupalToEntra.inScope,
    entraToDrupal: directions.entraToDrupal && scope.entraToDrupal.inScope,
  };
}

/** Whose block holds the account on a side. */
export function blockOf(system: System, { link, entra }: Situation): Block {
  if (isJoined(link) || system === "drupal") return link.blocks[system];
  const apart = link.takenApart;
  if (apart !== null && apart.entraObjectId === entra?.objectId) return apart.block;
  // A first meeting takes nobody's access away: an account that is disabled already waits for an operator, whoever did it.
  return entra?.enabled === false ? "parked" : "none";
}
