// A message that failed in a way without a name ends here: as an audit row, and in escrow, from where the user returns by
// itself like any other, never in silence.
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { AuditLog, Surroundings } from "./ports.ts";
import { type EscrowPorts, isVoidReturn, putInEscrow } from "./put-in-escrow.ts";

const REASON = {
  code: "unexpectedFailure",
  message:
    "the request failed five times in an unexpected way; the log of the function has the details",
};

/** Records what the poison queue holds. `request` is null for a message that is not one of ours. */
export async function recordDeadLetter(
  request: ProvisionRequest | null,
  ports: Surroundings & EscrowPorts & { readonly audit: AuditLog },
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
    actor: request?.actor,
    durationMs: 0,
  });
  // An undo comes back with an operator, or not at all: a normal look would do the opposite.
  if (request === null || request.undoes !== undefined) return;
  // A return that the row has moved on from tells nothing of the user: another one is on its way, or none is needed.
  if (await isVoidReturn(request, ports.escrow)) return;
  await putInEscrow({ request, system: "storage", reason }, ports);
}
