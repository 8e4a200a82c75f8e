// How a request for one user ended, as the log tells it.
import type { LogEvent } from "./log-line.ts";
import type { Outcome } from "./outcome.ts";
import type { ProvisionRequest } from "./provision-request.ts";
import { pseudonym } from "./pseudonym.ts";

const named = (id: string | null | undefined) => (id ? pseudonym(id) : undefined);

/** Whom a request is about, as far as it says so itself. */
export const requestedUser = ({
  drupalUuid,
  entraObjectId,
}: Pick<ProvisionRequest, "drupalUuid" | "entraObjectId">): Pick<
  LogEvent,
  "user" | "entraUser"
> => ({
  user: named(drupalUuid),
  entraUser: named(entraObjectId),
});

/** The event of an outcome. `startedAt` is when the request was picked up. */
export function provisionEvent(
  request: ProvisionRequest,
  outcome: Outcome,
  startedAt: Date,
  now: Date,
): LogEvent {
  const explanation = outcome.kind === "deferred" ? null : outcome.explanation;
  const operations = outcome.kind === "done" ? outcome.operations.join("+") : "";
  return {
    event: "provision.done",
    outcome: outcome.kind === "done" ? outcome.status : outcome.kind,
    operations: operations || "none",
    reason: outcome.reason.code,
    cause: request.cause,
    cycleId: request.cycleId,
    user: named(request.drupalUuid ?? explanation?.drupalUuid),
    entraUser: named(request.entraObjectId ?? explanation?.entraObjectId),
    attempt: request.attempt,
    ageMs: now.getTime() - Date.parse(request.receivedAt),
    durationMs: now.getTime() - startedAt.getTime(),
  };
}
