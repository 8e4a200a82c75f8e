// What cycles need from the outside world, beside what provisioning a user needs.

import type { AuditValues } from "../rules/audit-entry.ts";
import type { WritesPerUser } from "../rules/budget.ts";
import type { SyncConfiguration } from "../rules/configuration.ts";
import type { Cycle, CycleUser, NominationPage } from "../rules/cycle.ts";
import type { FailingSystem } from "../rules/errors.ts";
import type { Explained } from "../rules/explanation.ts";
import type { Job, JobName } from "../rules/job.ts";
import type { Rested } from "../rules/link.ts";
import type { Outcome } from "../rules/outcome.ts";
import type { PhotoOutcome } from "../rules/photo.ts";
import type { PhotoRequest } from "../rules/photo-request.ts";
import type { Reason } from "../rules/plan.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { Direction, DrupalUser, EntraUser, System } from "../rules/users.ts";
import type { DrupalPhotos, EntraPhotos, LinkedUsers } from "./photo-ports.ts";
import type {
  AuditLog,
  ConfigurationSource,
  DrupalFields,
  GrantSource,
  LookPorts,
  QuarantineStore,
  Surroundings,
} from "./ports.ts";

/** A user as a page of a feed shows them, whole. */
export type FeedUser =
  | { readonly system: "drupal"; readonly user: DrupalUser }
  /** `isManagerKnown` false: this kind of page does not tell who the manager is. */
  | { readonly system: "entra"; readonly user: EntraUser; readonly isManagerKnown: boolean };

/** A page of a feed. */
export interface FeedPage {
  readonly users: readonly FeedUser[];
  /** Ids to be looked at whatever they are: removed, or shown only in part. */
  readonly hints: readonly string[];
  /** Where the next page is; null: this was the last. */
  readonly next: string | null;
  /** On the last page: where the next incremental cycle starts. */
  readonly watermark: string | null;
}

/**
 * Reads everyone, or what changed, of one system, page by page. Positions are opaque texts that outlive the process.
 * Throws TransientError (`listingEndedEarly` where a listing ends before its newest user, `listingIncomplete` where a page
 * leaves out who comes next), AccessError where nobody of a page may be seen whole; who is shown in part is a hint. Never
 * answers a page that leaves out someone.
 */
export interface Feed {
  /** Proves first that everyone may be seen. `watermark` null: everyone. Answers where the first page is. */
  begin(watermark: string | null, configuration: SyncConfiguration): Promise<string>;
  /** `expired`: the watermark is too old, or its state is gone; only everyone can be read. */
  page(position: string, configuration: SyncConfiguration): Promise<FeedPage | "expired">;
}

/** Reads many Drupal users by their UUIDs, in few requests. */
export interface ManyDrupalUsers {
  /** By UUID in lower case. Who is not in the answer is not proven to be gone: read them singly. */
  getUsers(
    uuids: readonly string[],
    fields: DrupalFields,
  ): Promise<ReadonlyMap<string, DrupalUser>>;
}

/** Reads many Entra users by their object ids, in few requests. */
export interface ManyEntraUsers {
  /** By object id as given; null on 404, as EntraReader says. Who is not in the answer cannot be read: read them singly to
   * learn why. */
  getUsers(
    objectIds: readonly string[],
    attributes: readonly string[],
  ): Promise<ReadonlyMap<string, EntraUser | null>>;
}

/** What the index remembers of one link: how both sides were at the last look that left nothing to do (rules/rest). */
export interface IndexedLink {
  readonly drupalUuid: string;
  /** Whether two accounts are joined. */
  readonly isJoined: boolean;
  /** The last look that left nothing to do; null while something is open. */
  readonly rested: Rested | null;
  /** Whether a side that has this print (rules/rest) is as the last look that left nothing to do saw it; false where either
   * print is not known. `isManagerKnown` false: a page does not tell Entra's manager, and is compared without. */
  isAtRest(system: System, print: string | null, isManagerKnown?: boolean): boolean;
}

/** Links by the ids of both sides, as of when they were read. */
export interface LinkIndex {
  /** By Drupal UUID, or by the object id that a link holds; one for an Entra user without a link lies under the UUID that
   * their Drupal account would get. null: nothing is known. A hint: of two links with the same object id it is the joined
   * one, and who holds it in truth is known to provisioning. */
  find(system: System, id: string): IndexedLink | null;
  /** How many links join two accounts. */
  readonly joined: number;
  /** Remembers that a listing shows this user. */
  mark(system: System, id: string): void;
  /** The Drupal UUIDs of joined links whose account on `system` was not marked, and is not known to be gone (`GONE` in the
   * link's rest): nothing more follows from their absence. */
  unmarked(system: System): Iterable<string>;
}

/** Reads link indexes. */
export interface LinkIndexSource {
  /** Of all links: one request for each 1,000. */
  all(): Promise<LinkIndex>;
  /** Of these users only: one or two requests each; `joined` is not known then, and 0. */
  of(system: System, ids: readonly string[]): Promise<LinkIndex>;
}

/** A cycle as stored; `version` is what the next save must still find. */
export interface StoredCycle {
  readonly cycle: Cycle;
  readonly version: string;
}

/** What came of writing a page: whether it was, and the version that is there now. */
export interface PagePut {
  readonly isWritten: boolean;
  readonly version: string;
}

/** The cycles, and the pages of users that belong to each. Pages are numbered from 0. */
export interface CycleStore {
  get(id: string): Promise<StoredCycle | null>;
  /** `version` null inserts. Answers the new version. ConcurrencyError when someone else saved first. */
  save(cycle: Cycle, version: string | null): Promise<string>;
  /** Writes the page where it has the version `replaces`, null: where there is none; durable when it resolves. */
  putNominations(
    id: string,
    page: number,
    nominations: NominationPage,
    replaces: string | null,
  ): Promise<PagePut>;
  nominations(id: string, page: number): Promise<NominationPage | null>;
  /** What is done of a page so far; entries stand in the order of its nominations, null is still to come. */
  putUsers(
    id: string,
    page: number,
    users: readonly (CycleUser | null)[],
    replaces: string | null,
  ): Promise<PagePut>;
  users(id: string, page: number): Promise<readonly (CycleUser | null)[] | null>;
  /** An order to stop that whoever works on the cycle sees before its next user. */
  askCancel(id: string, actor: string): Promise<void>;
  /** Who asked, or null. */
  cancelAskedBy(id: string): Promise<string | null>;
  /** Takes back an order to stop that came too late, for a cycle that goes on by an approval. */
  dropCancel(id: string): Promise<void>;
  /** The ids of cycles that have not ended, for the watch. */
  open(): Promise<readonly string[]>;
  /** Keeps what a preview compares (rules/compared-configurations), as JSON; durable when it resolves. */
  putCandidate(id: string, document: unknown): Promise<void>;
  /** What was kept, to be checked by the reader; null where nothing is. */
  candidate(id: string): Promise<unknown>;
}

/** The jobs, one for each feed. Saves are guarded: ConcurrencyError when someone else saved first. */
export interface JobStore {
  get(name: JobName): Promise<{ readonly job: Job; readonly version: string | null }>;
  save(job: Job, version: string | null): Promise<string>;
}

/** One user of a complete listing. */
export interface ListedUser {
  readonly id: string;
  readonly name: string;
  readonly isEnabled: boolean;
  /** Fingerprint of each row's own value on this side; only for users who were not as last agreed. */
  readonly rows?: Readonly<Record<string, string>> | undefined;
}

/** What listings of everyone showed. */
export interface ListingStore {
  /** Adds what one page showed. A page that is added again, after a crash, counts once. */
  append(cycleId: string, page: number, users: readonly ListedUser[]): Promise<void>;
  read(cycleId: string): AsyncIterable<ListedUser>;
  /** The Drupal UUIDs of links whose account the listing did not show. */
  putAbsent(cycleId: string, drupalUuids: readonly string[]): Promise<void>;
  absent(cycleId: string): Promise<readonly string[]>;
  /** Prints of the groups and app roles of users by object id, as of a cycle; the change query does not tell of those. */
  putMemberships(cycleId: string, prints: Readonly<Record<string, string>>): Promise<void>;
  /** Empty where the cycle kept none. */
  memberships(cycleId: string): Promise<Readonly<Record<string, string>>>;
}

/** The queue of cycles that want to go on. */
export interface CycleQueue {
  /** Durable when it resolves. `delayMs` is rounded up to whole seconds. */
  send(cycleId: string, delayMs?: number): Promise<void>;
}

/** How fast targets may be written by work that nobody waits for. */
export interface Pace {
  /** Resolves when a user may be taken who is likely to cost these writes; at once while there is plenty. Waits at most
   * `atMostMs`, and answers whether it may go on. */
  ready(atMostMs: number, expected: WritesPerUser): Promise<boolean>;
}

/** A user who waits in escrow and whose time has come. */
export interface DueEscrow {
  readonly drupalUuid: string;
  /** The request's pointer, where it named an Entra user without link. */
  readonly entraObjectId: string | null;
}

/** Everything that a slice of a cycle needs. */
export interface CyclePorts extends Surroundings {
  readonly feeds: Readonly<Record<Direction, Feed>>;
  readonly index: LinkIndexSource;
  readonly grants: GrantSource;
  /** Grants for a configuration that may never be saved: nothing of them stays with those of the sync. */
  draftGrants(): GrantSource;
  readonly cycles: CycleStore;
  readonly jobs: JobStore;
  readonly listings: ListingStore;
  readonly queue: CycleQueue;
  readonly pace: Pace;
  /** How many nominated users stand on a page. */
  readonly usersPerPage: number;
  readonly quarantine: Pick<QuarantineStore, "state" | "close" | "pause" | "pausedUntil">;
  /** The Drupal UUIDs of all users whom a cycle wrote, each once. */
  writtenBy(cycleId: string): Promise<readonly string[]>;
  readonly escrowDue: (now: Date) => Promise<readonly DueEscrow[]>;
  readonly configuration: ConfigurationSource;
  readonly audit: AuditLog;
  readonly auditValues: AuditValues;
  /** Provisions one user: the only way in which a cycle writes. */
  provision(request: ProvisionRequest): Promise<Outcome>;
  /** What a look at one user reads through; for plans it is read ahead, many users at once. */
  readonly look: LookPorts;
  readonly many: { readonly drupal: ManyDrupalUsers; readonly entra: ManyEntraUsers };
  /** Plans one user through these ports and by their configuration; nothing is written. */
  explain(look: LookPorts, request: ProvisionRequest): Promise<Explained>;
  /** Puts a user in escrow whom the cycle gives up on: they come back by themselves, and are held then too. */
  putInEscrow(refusal: {
    readonly request: ProvisionRequest;
    readonly system: FailingSystem;
    readonly reason: Reason;
  }): Promise<void>;
  /** Brings one user's picture over, or only decides what that would be. */
  photo(request: PhotoRequest, isDryRun: boolean): Promise<PhotoOutcome>;
  readonly linked: LinkedUsers;
  readonly entraPhotos: Pick<EntraPhotos, "seen">;
  readonly drupalPhotos: Pick<DrupalPhotos, "pictures">;
  /** Records a user whose provisioning failed in a way without a name: in escrow, to come back. */
  deadLetter(request: ProvisionRequest): Promise<void>;
  /** Does something again and again until the answer is called, however busy the process waits for others. */
  every(ms: number, work: () => Promise<void>): () => void;
  /** Writes a failure without a name to the log. */
  report(error: unknown): void;
}
