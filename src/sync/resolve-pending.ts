// After a crash or a lost answer: finds out whether the announced export arrived, and completes its record (rule 4).
import type { AuditEntry } from "../rules/audit-entry.ts";
import type { SyncConfiguration } from "../rules/configuration.ts";
import type { Link, PendingExport } from "../rules/link.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import { REPLICATION_WINDOW_MS } from "../rules/recent-writes.ts";
import type { Attributes, EntraUser } from "../rules/users.ts";
import { fingerprint } from "../rules/values.ts";
import type { HeldLink } from "./hold-link.ts";
import type { ProvisionPorts } from "./ports.ts";

const CONFIRMED = {
  code: "confirmedAfterInterruption",
  message: "the write was interrupted and found to have arrived",
};

function confirmation(
  pending: PendingExport,
  link: Link,
  request: ProvisionRequest,
  now: Date,
): AuditEntry {
  return {
    id: pending.operationId,
    at: pending.at,
    operation: pending.operation,
    resourceType: "user",
    status: "success",
    system: "entra",
    direction: "drupalToEntra",
    cause: request.cause,
    drupalUuid: link.drupalUuid,
    entraId: link.entraObjectId ?? undefined,
    changes: pending.changes,
    reason: CONFIRMED,
    durationMs: Math.max(0, now.getTime() - Date.parse(pending.at)),
  };
}

/**
 * Looks for the account of an announced create by its name and marker, and notes its id in the link. A create that
 * cannot be found stays pending: its name must be tried before any other.
 */
export async function findCreated(
  held: HeldLink,
  configuration: SyncConfiguration,
  ports: ProvisionPorts,
): Promise<void> {
  const { pending, entraObjectId, drupalUuid } = held.link;
  if (
    pending?.operation !== "create" ||
    entraObjectId !== null ||
    pending.userPrincipalName === null
  )
    return;
  const { marker } = configuration.account;
  const holder = await ports.entra.getUserByPrincipalName(pending.userPrincipalName, [marker]);
  if (holder?.attributes[marker] !== drupalUuid) return;
  held.note({
    entraObjectId: holder.objectId,
    linkedAt: ports.now().toISOString(),
    createdByUs: true,
  });
}

function hasArrived(pending: PendingExport, link: Link, entra: EntraUser | null): boolean {
  switch (pending.operation) {
    case "create":
    case "link":
      return link.entraObjectId !== null;
    case "delete":
      return entra === null;
    default: {
      if (entra === null) return false;
      const seen: Attributes = { ...entra.attributes, accountEnabled: entra.enabled };
      return Object.entries(pending.after).every(
        ([name, after]) => fingerprint(seen[name]) === after,
      );
    }
  }
}

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Resolves the link's pending export against the read that the plan will be made from. Arrived: it is confirmed (base,
 * own block, audit row under the announced id). Not seen: answers its attributes, which may or may not have arrived and
 * must be written again; after the replication window the read is believed.
 */
export async function resolvePending(
  held: HeldLink,
  entra: EntraUser | null,
  request: ProvisionRequest,
  ports: ProvisionPorts,
): Promise<ReadonlySet<string>> {
  const { pending } = held.link;
  if (pending === null) return NOTHING;
  if (hasArrived(pending, held.link, entra)) {
    if (pending.operation === "disable") held.note({ disabledByUs: true });
    if (pending.operation === "enable") held.note({ disabledByUs: false });
    await ports.audit.append(confirmation(pending, held.link, request, ports.now()));
    held.note({ pending: null, base: { ...held.link.base, ...pending.after } });
    return NOTHING;
  }
  if (pending.operation === "create") return NOTHING;
  held.note({ pending: null });
  const isRecent = ports.now().getTime() - Date.parse(pending.at) < REPLICATION_WINDOW_MS;
  return isRecent ? new Set(Object.keys(pending.after)) : NOTHING;
}
