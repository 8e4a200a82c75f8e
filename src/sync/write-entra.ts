// One step written to Entra. Graph's answers are trusted over re-reads, which may lag.
import { isWrittenAlone } from "../rules/entra-limits.ts";
import type { AttributeFailure, Change, Step } from "../rules/plan.ts";
import { createEntraAccount } from "./create-entra-account.ts";
import { type Announce, type ExportJob, WRITTEN, type Written } from "./export-job.ts";
import { patchAccepted } from "./patch-accepted.ts";

// Graph refuses the whole PATCH when it may not write one sensitive property (users#who-can-perform-sensitive-actions).
async function update(
  objectId: string,
  changes: readonly Change[],
  { held, ports }: ExportJob,
): Promise<AttributeFailure[]> {
  const patch = (values: Parameters<typeof ports.entra.updateUser>[1]) =>
    ports.entra.updateUser(objectId, values);
  const isAlone = ({ attribute }: Change) => isWrittenAlone(attribute);
  const plain = changes.filter((change) => !isAlone(change));
  const failures = await patchAccepted(plain, held, patch);
  for (const change of changes.filter(isAlone)) {
    await held.save({});
    failures.push(...(await patchAccepted([change], held, patch)));
  }
  return failures;
}

/** Writes a step to Entra, announced first. */
export async function writeEntra(step: Step, job: ExportJob, announce: Announce): Promise<Written> {
  if (step.operation === "create") return createEntraAccount(step, job, announce);
  const { held, ports } = job;
  await announce(null);
  const { entraObjectId } = held.link;
  if (entraObjectId === null) throw new Error(`${step.operation} without a linked account`);
  switch (step.operation) {
    case "update":
      return { failures: await update(entraObjectId, step.changes, job) };
    case "disable":
    case "enable":
      held.assertHeld();
      await ports.entra.updateUser(entraObjectId, {
        accountEnabled: step.operation === "enable",
      });
      return WRITTEN;
    case "delete":
      held.assertHeld();
      await ports.entra.deleteUser(entraObjectId);
      return WRITTEN;
    case "restore":
      held.assertHeld();
      await ports.entra.restoreUser(entraObjectId);
      return WRITTEN;
    default:
      throw new Error(`no plan asks for ${step.operation} in Entra`);
  }
}
