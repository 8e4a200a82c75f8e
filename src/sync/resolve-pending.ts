// After a crash: finds out whether the announced export arrived, and completes its record (rule 4).
import type { AuditEntry } from "../rules/audit-entry.ts";
import type { SyncConfiguration } from "../rules/configuration.ts";
import type { Link, PendingExport } from "../rules/link.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { Attributes, EntraUser } from "../rules/users.ts";
import { fingerprint } from "../rules/values.ts";
import type { HeldLink } from "./hold-link.ts";
import { selectedAttributes } from "./import-users.ts";
import type { ProvisionPorts } from "./ports.ts";
import { reserve } from "./reserve-account.ts";

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

function arrived(pending: PendingExport, entra: EntraUser | null): boolean {
  if (entra === null) return pending.operation === "delete";
  if (pending.operation === "delete") return false;
  const seen: Attributes = { ...entra.attributes, accountEnabled: entra.enabled };
  return Object.entries(pending.after).every(([name, after]) => fingerprint(seen[name]) === after);
}

async function findCreated(
  pending: PendingExport,
  configuration: SyncConfiguration,
  held: HeldLink,
  ports: ProvisionPorts,
): Promise<boolean> {
  if (pending.userPrincipalName === null) return false;
  const { marker } = configuration.account;
  const holder = await ports.entra.getUserByPrincipalName(pending.userPrincipalName, [marker]);
  if (holder?.attributes[marker] !== held.link.drupalUuid) return false;
  await ports.links.claim(holder.objectId, held.link.drupalUuid);
  held.note({
    entraObjectId: holder.objectId,
    linkedAt: ports.now().toISOString(),
    createdByUs: true,
  });
  return true;
}

/**
 * Resolves the link's pending export: arrived, it is confirmed (base, own block, audit row under the announced id);
 * not arrived, the plan is made again. A create that cannot be found stays pending: its name must be tried first.
 */
export async function resolvePending(
  held: HeldLink,
  request: ProvisionRequest,
  configuration: SyncConfiguration,
  ports: ProvisionPorts,
): Promise<void> {
  const { pending, entraObjectId } = held.link;
  if (pending === null) return;
  if (pending.operation === "create" && entraObjectId === null) {
    if (!(await findCreated(pending, configuration, held, ports))) return;
  } else if (pending.operation === "link") {
    await reserve(held, pending.takesOverFrom, ports);
  } else {
    const selected = selectedAttributes(configuration);
    const entra =
      entraObjectId === null ? null : await ports.entra.getUser(entraObjectId, selected);
    if (!arrived(pending, entra)) {
      held.note({ pending: null });
      return;
    }
    if (pending.operation === "disable") held.note({ disabledByUs: true });
    if (pending.operation === "enable") held.note({ disabledByUs: false });
  }
  await ports.audit.append(confirmation(pending, held.link, request, ports.now()));
  held.note({ pending: null, base: { ...held.link.base, ...pending.after } });
}
