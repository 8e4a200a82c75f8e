// An operator takes two accounts apart: neither is changed, and only an operator joins them again.
import { unlinked } from "../rules/link.ts";
import { holdLink } from "./hold-link.ts";
import type { AuditLog, LinkStore, Surroundings } from "./ports.ts";

// An operator waits for the answer.
const PATIENCE_MS = 5000;

/** Takes the link apart and records it. Idempotent; false where there is nothing to take apart. ConcurrencyError while a
 * worker holds the user. */
export async function unlinkUser(
  drupalUuid: string,
  actor: string,
  ports: Surroundings & { readonly links: LinkStore; readonly audit: AuditLog },
): Promise<boolean> {
  const stored = await ports.links.get(drupalUuid);
  if (stored === null || stored.link.entraObjectId === null) return false;
  const held = await holdLink(drupalUuid, ports, PATIENCE_MS);
  const { entraObjectId } = held.link;
  if (entraObjectId === null) {
    await held.release();
    return false;
  }
  const at = ports.now();
  const { madeByUs, blocks } = held.link;
  const known = { madeByUs: madeByUs.entra, block: blocks.entra };
  const takenApart = { entraObjectId, at: at.toISOString(), ...known };
  // The reservation first: one that no link names would keep the Entra user out for ever.
  await ports.links.release(entraObjectId, drupalUuid);
  await held.save({ ...unlinked(held.link), takenApart });
  await ports.audit.append({
    id: ports.newId(),
    at: at.toISOString(),
    operation: "unlink",
    resourceType: "user",
    status: "success",
    system: "entra",
    direction: "drupalToEntra",
    cause: "onDemand",
    drupalUuid,
    entraId: entraObjectId,
    changes: [],
    reason: { code: "unlinkedByOperator", message: "an operator took the two accounts apart" },
    actor,
    durationMs: ports.now().getTime() - at.getTime(),
  });
  await held.release();
  return true;
}
