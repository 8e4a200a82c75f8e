// What the use cases need from the outside world. Connectors and stores implement it; tests have doubles.
import type { AuditEntry, AuditValues } from "../rules/audit-entry.ts";
import type { SyncConfiguration } from "../rules/configuration.ts";
import type { FailingSystem } from "../rules/errors.ts";
import type { EscrowEntry, EscrowFilter } from "../rules/escrow.ts";
import type { DrupalField } from "../rules/field-types.ts";
import type { Link } from "../rules/link.ts";
import type { MatchingKey } from "../rules/matching.ts";
import type { PastWrite } from "../rules/past-writes.ts";
import type { Reason } from "../rules/plan.ts";
import type { ServiceAccount } from "../rules/protection.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { Grants } from "../rules/roles.ts";
import type { Attributes, DrupalUser, EntraUser } from "../rules/users.ts";

/** How the configuration declares Drupal's fields, by name: what a reader must follow, and how a writer must write. */
export type DrupalFields = Readonly<Record<string, DrupalField>>;

/** Reads Drupal. Throws TransientError, AccessError, and RejectedError for one user that cannot be read; never writes. */
export interface DrupalReader {
  /** null only when an authenticated read says 404 and the site proves at once that we are still let in. */
  getUser(uuid: string, fields: DrupalFields): Promise<DrupalUser | null>;
  /** Users whose field holds the value, compared folded; `uuid` is the account's own id. At most five. */
  findUsers(key: MatchingKey, fields: DrupalFields): Promise<DrupalUser[]>;
  /** Our own account; proves that the credentials are accepted. */
  serviceAccount(): Promise<ServiceAccount>;
}

/** A new Drupal account. */
export interface NewDrupalUser {
  /** Chosen by us: makes the create idempotent (contract/drupal 045, 046). */
  readonly uuid: string;
  readonly name: string;
  /** `status` included. */
  readonly values: Attributes;
}

/** Writes Drupal. Every failure is one of rules/errors; `attribute` names the field where Drupal does. */
export interface DrupalWriter {
  /** AlreadyExistsError with attribute `uuid`: we made it before; `name` or `mail`: someone else holds it. */
  createUser(user: NewDrupalUser, fields: DrupalFields): Promise<void>;
  /** One PATCH with exactly these values, `status` included; atomic. NotFoundError on 404; AlreadyExistsError for a name
   * or mail that another holds. */
  updateUser(uuid: string, values: Attributes, fields: DrupalFields): Promise<void>;
  /** Gives or takes one role by its machine name; doing it again changes nothing. */
  assignRole(uuid: string, role: string): Promise<void>;
  removeRole(uuid: string, role: string): Promise<void>;
  /** What the site does with a cancelled account is its own setting: read again (contract/drupal 258 to 292). A 404
   * counts as done. */
  deleteUser(uuid: string): Promise<void>;
}

/** Reads Entra. Throws TransientError, AccessError and RejectedError; never writes. `attributes` are the mapped ones to select;
 * `manager` among them is the manager's object id. */
export interface EntraReader {
  /** null on 404, which just after a create may only mean "not replicated yet". */
  getUser(objectId: string, attributes: readonly string[]): Promise<EntraUser | null>;
  getUserByPrincipalName(
    userPrincipalName: string,
    attributes: readonly string[],
  ): Promise<EntraUser | null>;
  findUsers(key: MatchingKey, attributes: readonly string[]): Promise<EntraUser[]>;
  /** Whether the user is among the deleted ones that can be restored. */
  isInBin(objectId: string): Promise<boolean>;
  /** Whether the account holds a directory role, or is in a group that roles can be assigned to. */
  isPrivileged(objectId: string): Promise<boolean>;
  /** The tenant's verified domains in which accounts can be made (not federated), the default one first. */
  verifiedDomains(): Promise<readonly string[]>;
}

/** A new Entra account. */
export interface NewEntraUser {
  readonly userPrincipalName: string;
  readonly mailNickname: string;
  readonly values: Attributes;
}

/** Writes Entra. Every failure is one of rules/errors. */
export interface EntraWriter {
  /** Not idempotent in Graph: the caller announces the UPN first. Answers the object id, and the attributes that the new
   * account did not get (a manager goes in a request of its own); the password is random and forgotten.
   * AlreadyExistsError names the clashing attribute. */
  createUser(
    user: NewEntraUser,
  ): Promise<{ readonly objectId: string; readonly unwritten: readonly string[] }>;
  /** One PATCH with exactly these values, and one request for the `manager`; idempotent. NotFoundError on 404. */
  updateUser(objectId: string, values: Attributes): Promise<void>;
  /** Soft delete (restorable for 30 days); a 404 counts as done. */
  deleteUser(objectId: string): Promise<void>;
  /** Brings a soft-deleted user back, as it was. NotFoundError when it is not among the deleted ones; AlreadyExistsError
   * when its names were taken meanwhile. */
  restoreUser(objectId: string): Promise<void>;
}

/** People whose names or addresses begin with a text, as far as one answer goes. */
export interface People<User> {
  readonly users: readonly User[];
  /** There are others, who are not among them. */
  readonly hasMore: boolean;
}

/** Finds people of Drupal, in the order of their names. Case is ignored. Throws as DrupalReader does. */
export interface DrupalPeople {
  /** By account name and mail; never Anonymous. At most `most`, and 50. */
  startingWith(text: string, most: number): Promise<People<DrupalUser>>;
}

/** Finds people of Entra, in no order. Case is ignored. Throws as EntraReader does. */
export interface EntraPeople {
  /** By display name, given name, surname, mail and user principal name; these are among the attributes. */
  startingWith(text: string, most: number): Promise<People<EntraUser>>;
}

/** Who is in which of the configured groups and app roles, kept up to date by change queries, not asked user by user. */
export interface GrantSource {
  /** The grants of users as of now (`isFresh`) or of at most a minute ago; null while a group of the configuration cannot
   * be found, as nobody can tell then who is in it. Throws as EntraReader does. */
  current(
    configuration: SyncConfiguration,
    isFresh: boolean,
  ): Promise<(entraObjectId: string) => Grants | null>;
  /** The object ids of all users who are in any group or app role of the configuration, as of now; null where that is not
   * known. */
  holders(configuration: SyncConfiguration): Promise<readonly string[] | null>;
}

/** A link as stored; `version` is what the next save must still find. */
export interface StoredLink {
  readonly link: Link;
  readonly version: string;
}

/** The links. Saves are guarded: ConcurrencyError when someone else saved first. */
export interface LinkStore {
  get(drupalUuid: string): Promise<StoredLink | null>;
  /** `version` null inserts. Answers the new version. */
  save(link: Link, version: string | null): Promise<string>;
  /** The Drupal UUID that holds an Entra object id, or null. */
  holderOf(entraObjectId: string): Promise<string | null>;
  /** Reserves an Entra object id for one Drupal UUID; idempotent for the same one. AlreadyExistsError when another
   * holds it, unless that other is `replacing`. */
  claim(entraObjectId: string, drupalUuid: string, replacing?: string): Promise<void>;
  /** Gives a reservation back; one that is not `drupalUuid`'s stays. */
  release(entraObjectId: string, drupalUuid: string): Promise<void>;
}

/** The audit log; appending the same id twice leaves one row. */
export interface AuditLog {
  append(entry: AuditEntry): Promise<void>;
}

/** What the audit log keeps of the writes of one cycle. */
export interface ReversalSource {
  /** All rows that a cycle wrote about one user, the oldest first. */
  of(cycleId: string, drupalUuid: string): Promise<readonly PastWrite[]>;
}

/** The queue of nominated users. */
export interface ProvisionQueue {
  /** Durable when it resolves; never expires. `delayMs` is rounded up to whole seconds, at most 7 days. */
  send(request: ProvisionRequest, delayMs?: number): Promise<void>;
}

/** Users whose export was refused; one row per user. */
export interface EscrowStore {
  /** The user's row, or null. */
  find(drupalUuid: string): Promise<EscrowEntry | null>;
  /** Adds or replaces the user's row. */
  put(entry: EscrowEntry): Promise<void>;
  /** Removes the user's row, if any. */
  clear(drupalUuid: string): Promise<void>;
}

/** Reads who is in escrow. */
export interface EscrowListing {
  /** Each row of the filter, in the order of keys: one that is made meanwhile may be missed. */
  each(filter: EscrowFilter): AsyncIterable<EscrowEntry>;
}

/** A closed system: until when, and why. */
export interface Closed {
  readonly until: Date;
  readonly reason: Reason;
}

/** Systems that we are not let into: asked again only when their time has come. Shared by all instances. */
export interface QuarantineStore {
  /** The first time at which `system` may be asked again, or null when it may be asked now. Once that time has come,
   * one caller of all instances is let through at a time. */
  closedUntil(system: FailingSystem): Promise<Date | null>;
  /** What keeps a system closed now, or null. Takes nobody's turn. */
  state(system: FailingSystem): Promise<Closed | null>;
  /** Closes the system; each closing in a row waits longer. New credentials open it at once. */
  close(system: FailingSystem, reason: Reason, now: Date): Promise<void>;
  /** Leaves the system alone until a time, on this instance at once and on all within about a second: what a Retry-After
   * asks for. An hour at most. */
  pause(system: FailingSystem, until: Date): void;
  /** Until when a `pause` of any instance lasts, or null. */
  pausedUntil(system: FailingSystem): Promise<Date | null>;
  /** The system let us in. Cheap when it was open. */
  open(system: FailingSystem): Promise<void>;
}

/** The admin's sync configuration, cached for a few seconds. */
export interface ConfigurationSource {
  current(): Promise<SyncConfiguration>;
}

/** Time, chance and identity from outside, so that a simulation can own them. */
export interface Surroundings {
  now(): Date;
  /** [0, 1) */
  random(): number;
  newId(): string;
  sleep(ms: number): Promise<void>;
}

/** What looking at one user needs: nothing here can write to a connected system. */
export interface LookPorts extends Surroundings {
  readonly drupal: DrupalReader;
  readonly entra: EntraReader;
  readonly grants: GrantSource;
  readonly links: Pick<LinkStore, "get" | "holderOf">;
  readonly configuration: ConfigurationSource;
  readonly reversals: ReversalSource;
}

/** Everything that provisioning one user needs. */
export interface ProvisionPorts extends LookPorts {
  readonly drupal: DrupalReader & DrupalWriter;
  readonly entra: EntraReader & EntraWriter;
  readonly links: LinkStore;
  readonly audit: AuditLog;
  readonly queue: ProvisionQueue;
  readonly escrow: EscrowStore;
  readonly quarantine: QuarantineStore;
  readonly auditValues: AuditValues;
}

/** An event on one user, as a delivery of Drupal says it. */
export interface ReceivedEvent {
  readonly drupalUuid: string;
  readonly event: "created" | "updated" | "deleted";
  /** Empty where the sender gives none. */
  readonly deliveryId: string;
  /** Who did it, where the sender says so. */
  readonly actorUuid: string | null;
  /** The sender names our own account as the actor. */
  readonly isOwn: boolean;
  /** Unix seconds of the version announced, for the format that speaks before the commit. */
  readonly changedAtLeast: number | null;
}

/** What reading a delivery came to. */
export type DeliveryReading =
  | { readonly kind: "event"; readonly event: ReceivedEvent }
  /** Genuine, and not about a user's create, update or delete. */
  | { readonly kind: "ignored"; readonly type: string }
  /** Not proven genuine; the sender is not told why. */
  | { readonly kind: "unverified" }
  /** Genuine, and not what the format says. */
  | { readonly kind: "malformed"; readonly message: string };
