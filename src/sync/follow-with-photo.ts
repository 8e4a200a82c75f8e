// A picture follows its user: whoever was joined a moment ago, and whom an operator provisions, is asked for on the photo queue.
import { SyncFailure } from "../rules/errors.ts";
import type { Outcome } from "../rules/outcome.ts";
import type { Operation } from "../rules/plan.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import type { PhotoQueue } from "./photo-ports.ts";
import type { ConfigurationSource } from "./ports.ts";
import { photoSettings } from "./provision-photo.ts";

const JOINS: readonly Operation[] = ["create", "link", "restore"];

/** The user whose picture is to be looked at; null: nobody's. */
function followedBy(request: ProvisionRequest, outcome: Outcome): string | null {
  if (outcome.kind !== "done" || outcome.status === "failure") return null;
  const isJoined = outcome.operations.some((operation) => JOINS.includes(operation));
  if (!isJoined && request.cause !== "onDemand") return null;
  return request.drupalUuid ?? outcome.explanation?.import.drupal?.uuid ?? null;
}

/** Provisions, and lets the picture follow. */
export async function followWithPhoto(
  request: ProvisionRequest,
  provision: (request: ProvisionRequest) => Promise<Outcome>,
  ports: { readonly configuration: ConfigurationSource; readonly photoQueue: PhotoQueue },
): Promise<Outcome> {
  const outcome = await provision(request);
  const drupalUuid = followedBy(request, outcome);
  if (drupalUuid === null || (await photoSettings(ports)) === null) return outcome;
  const { cause, actor, cycleId } = request;
  const by = { ...(actor && { actor }), ...(cycleId && { cycleId }) };
  try {
    await ports.photoQueue.send({ drupalUuid, cause, attempt: 0, ...by });
  } catch (error) {
    // The user was served: their picture comes with the next cycle of pictures.
    if (!(error instanceof SyncFailure)) throw error;
  }
  return outcome;
}
