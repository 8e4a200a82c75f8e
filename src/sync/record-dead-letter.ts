// A message that failed in a way without a name ends here: as an audit row and an escrow row, never in silence.
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { AuditLog, EscrowStore, Surroundings } from "./ports.ts";
import { escrowKey } from "./react-to-failure.ts";

const REASON = {
  code: "unexpectedFailure",
  message:
    "the request failed five times in an unexpected way; the log of the function has the details",
};

/** Records what the poison queue holds. `request` is null for a message that is not one of ours. */
export async function recordDeadLetter(
  request: ProvisionRequest | null,
  ports: Surroundings & { readonly audit: AuditLog; readonly escrow: EscrowStore },
): Promise<void> {
  const at = ports.now().toISOString();
  const reason =
    request === null
      ? { code: "unreadableMessage", message: "a message is not a request" }
      : REASON;
  await ports.audit.append({
    id: ports.newId(),
    at,
    operation: "none",
    resourceType: "user",
    status: "failure",
    system: "entra",
    direction: "drupalToEntra",
    cause: request?.cause ?? "webhook",
    drupalUuid: request?.drupalUuid,
    entraId: request?.entraObjectId,
    changes: [],
    reason,
    durationMs: 0,
  });
  if (request === null) return;
  const drupalUuid = escrowKey(request);
  // Whoever waits for a return from escrow already goes on waiting for it: another row would void it.
  if ((await ports.escrow.lastAt(drupalUuid)) !== null) return;
  await ports.escrow.put({ drupalUuid, system: "storage", reason, at });
}
