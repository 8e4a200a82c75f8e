// Import, matching and what is still open from before: everything that the decision for one user needs, read now. Dry run,
// explanation and provisioning look through the same eyes; nothing here can write.
import { NO_REFERENCES } from "../rules/attribute-mapping.ts";
import type { SyncConfiguration } from "../rules/configuration.ts";
import { TransientError } from "../rules/errors.ts";
import { lookAt, REPLICATION_WINDOW_MS } from "../rules/known-values.ts";
import { isJoined, type Link, type PendingExport, unlinked } from "../rules/link.ts";
import { decide, dependsOnPrivilege } from "../rules/merge.ts";
import type { PastCycle } from "../rules/past-writes.ts";
import { PATIENCE } from "../rules/ping-pong.ts";
import type { Plan } from "../rules/plan.ts";
import { isAwaited, type ProvisionRequest } from "../rules/provision-request.ts";
import { type Grants, needsGrants } from "../rules/roles.ts";
import { settlePending } from "../rules/settle-pending.ts";
import type { Situation } from "../rules/situation.ts";
import { planUndo } from "../rules/undo.ts";
import type { DrupalUser, EntraUser } from "../rules/users.ts";
import { type FoundMatch, findMatch, NO_MATCH, type Nominee } from "./find-match.ts";
import { importDrupalUser, importEntraUser, importReferences } from "./import-users.ts";
import type { LookPorts } from "./ports.ts";

/** What a look at one user came to. */
export interface Look {
  readonly situation: Situation;
  /** A reservation of the Entra account that was interrupted and must be made. */
  readonly claim: { readonly entraObjectId: string; readonly replacing: string | undefined } | null;
  /** An announced export that was found to have arrived. */
  readonly confirmed: PendingExport | null;
  /** ISO 8601, when values that a read still hides will be believed. */
  readonly believedAt: string | null;
  /** The linked Entra account is not found, and that is no proof yet: nothing may follow from it. */
  readonly isEntraUnproven: boolean;
  /** What the request asks to set back; null: nothing, the user is decided as ever. */
  readonly undoing: PastCycle | null;
}

/** Whom to look at, and by which configuration. */
export interface LookOrder {
  readonly link: Link;
  readonly nominee: Nominee | null;
  readonly request: ProvisionRequest;
  readonly configuration: SyncConfiguration;
}

// A create in Entra whose answer was lost: found by its announced name and our mark.
async function withCreated(order: LookOrder, ports: LookPorts): Promise<Link> {
  const { link, configuration } = order;
  const { pending } = link;
  const isOpen = pending?.operation === "create" && pending.system === "entra";
  if (!isOpen || pending.name === null || link.entraObjectId !== null) return link;
  const { marker } = configuration.account;
  const holder = await ports.entra.getUserByPrincipalName(pending.name, [marker]);
  if (holder?.attributes[marker] !== link.drupalUuid) return link;
  return { ...link, entraObjectId: holder.objectId, linkedAt: ports.now().toISOString() };
}

// Is the account still ours? The reservation decides, whatever the link remembers. One that was interrupted is made; an
// account that was taken over leaves the link as if it had never been joined.
function owned(link: Link, holder: string | null): { link: Link; claim: Look["claim"] } {
  const { entraObjectId, drupalUuid, pending } = link;
  if (entraObjectId === null || holder === drupalUuid) return { link, claim: null };
  const takesOver = pending?.operation === "link" && pending.takesOverFrom === holder;
  if (holder !== null && !takesOver) return { link: unlinked(link), claim: null };
  return { link, claim: { entraObjectId, replacing: holder ?? undefined } };
}

// Only who is, or is to be, let in is looked for.
async function matchFor(
  { link, nominee, configuration }: LookOrder,
  drupal: DrupalUser | null,
  ports: LookPorts,
): Promise<FoundMatch> {
  if (drupal === null || isJoined(link) || link.pending !== null) return NO_MATCH;
  const isWanted = drupal.enabled || link.blocks.drupal === "ours";
  return isWanted ? findMatch(drupal, nominee, configuration, ports) : NO_MATCH;
}

// An order that waited on the queue while an operator took the pair apart is over.
function joinsOf({ joins, receivedAt }: ProvisionRequest, { takenApart }: Link): string | null {
  return joins !== undefined && receivedAt > (takenApart?.at ?? "") ? joins : null;
}

async function grantsOf(
  { objectId }: EntraUser,
  configuration: SyncConfiguration,
  isFresh: boolean,
  ports: LookPorts,
): Promise<Grants | null> {
  if (!needsGrants(configuration)) return null;
  return (await ports.grants.current(configuration, isFresh))(objectId);
}

// Only what this direction wrote, where only one was asked for.
async function pastOf(
  { undoes, direction }: ProvisionRequest,
  { drupalUuid }: Link,
  ports: LookPorts,
): Promise<PastCycle | null> {
  if (undoes === undefined) return null;
  const writes = await ports.reversals.of(undoes, drupalUuid);
  const isAsked = (way: string | undefined) => direction === undefined || way === direction;
  return { cycleId: undoes, writes: writes.filter((write) => isAsked(write.direction)) };
}

/** Looks at one user. Throws TransientError where a side cannot be read, or does not show yet what must be there. */
export async function lookAtUser(order: LookOrder, ports: LookPorts): Promise<Look> {
  const { nominee, request, configuration } = order;
  const askedAt = ports.now();
  const service = await ports.drupal.serviceAccount();
  const known = await withCreated(order, ports);
  const { entraObjectId, drupalUuid } = known;
  const [drupal, imported, holder] = await Promise.all([
    importDrupalUser(drupalUuid, request, configuration, ports),
    importEntraUser(known, configuration, ports),
    entraObjectId === null ? null : ports.links.holderOf(entraObjectId),
  ]);
  const { link: ours, claim } = owned(known, holder);
  const entra = ours.entraObjectId === null ? null : imported.entra;
  const now = ports.now();
  const seen = { drupal, entra, fields: configuration.fields, now };
  const { link: settled, confirmed, uncertain } = settlePending(ours, seen);
  const { match, predecessor } = await matchFor({ ...order, link: settled }, drupal, ports);
  const named = request.joins === undefined ? (nominee?.entra ?? null) : null;
  const other = match.kind === "one" ? match.user : (entra ?? named);
  const look = other === null ? null : lookAt(settled.known, other, now, askedAt);
  const link = look === null ? settled : { ...settled, known: look.known };
  // An operator who approves a cycle's plan asks for the plan, not for a user.
  const isAsked = request.cycleId === undefined && isAwaited(request);
  const isOperator = isAsked && request.bySite !== true;
  const grants = other === null ? null : await grantsOf(other, configuration, isOperator, ports);
  const hasManager = configuration.attributes.some((row) => row.entra === "manager");
  const references = hasManager
    ? await importReferences(drupal, other, configuration, ports)
    : NO_REFERENCES;
  const situation: Situation = {
    drupal,
    entra,
    isInBin: imported.isInBin,
    nominee: nominee?.entra ?? null,
    link,
    hidden: look?.hidden ?? {},
    uncertain,
    match,
    predecessor,
    isPartial: request.direction !== undefined,
    isPrivileged: null,
    byOperator: isOperator,
    joins: joinsOf(request, settled),
    grants,
    references,
    configuration,
    service,
    patience: isOperator
      ? PATIENCE.operator
      : request.byPerson
        ? PATIENCE.person
        : PATIENCE.program,
    notifiedAt: request.cause === "notification" ? request.receivedAt : null,
    now,
  };
  const believedAt = look?.believedAt ?? null;
  const { isUnproven } = imported;
  const undoing = await pastOf(request, link, ports);
  return { situation, claim, confirmed, believedAt, isEntraUnproven: isUnproven, undoing };
}

// An account that we deleted a moment ago: nothing can be said of it, as a read may still show it.
function refuseWhileDeleteSpreads({ situation: { entra, link, now } }: Look): void {
  const deletedAt = link.deletedByUs.entra;
  const leftMs =
    entra === null || deletedAt === null
      ? 0
      : Date.parse(deletedAt) + REPLICATION_WINDOW_MS - now.getTime();
  if (leftMs <= 0) return;
  const options = { system: "entra", code: "replicationPending", retryAfterMs: leftMs } as const;
  throw new TransientError("Entra still shows the account that the sync deleted", options);
}

/**
 * Decides, or plans what an undo sets back, and asks whether the Entra account holds admin roles only where the plan depends on it: it is one more request
 * for each user.
 */
export async function planFor(
  look: Look,
  ports: LookPorts,
): Promise<{ readonly situation: Situation; readonly plan: Plan }> {
  const { situation } = look;
  if (look.isEntraUnproven) {
    const options = { system: "entra", code: "replicationPending", retryAfterMs: 5000 } as const;
    throw new TransientError("Entra does not show the linked account, and a read may lag", options);
  }
  const { undoing } = look;
  if (undoing !== null) refuseWhileDeleteSpreads(look);
  const planned = undoing === null ? decide : (given: Situation) => planUndo(undoing, given);
  const plan = planned(situation);
  const { entra, nominee, match } = situation;
  const account = entra ?? (match.kind === "one" ? match.user : nominee);
  if (account === null || !dependsOnPrivilege(plan)) return { situation, plan };
  const isPrivileged = await ports.entra.isPrivileged(account.objectId);
  const known = { ...situation, isPrivileged };
  return { situation: known, plan: isPrivileged ? planned(known) : plan };
}
