// One user of a cycle of pictures.
import type { Cycle, CycleUser, Nomination } from "../rules/cycle.ts";
import { userTold } from "../rules/cycle-user.ts";
import { RejectedError } from "../rules/errors.ts";
import type { PhotoOutcome } from "../rules/photo.ts";
import type { CyclePorts } from "./cycle-ports.ts";

const outcomeOf = ({ status, isPlanned }: PhotoOutcome): CycleUser["outcome"] => {
  if (status !== "success") return status;
  return isPlanned === true ? "planned" : "written";
};

function told(nomination: Nomination, photo: PhotoOutcome): CycleUser {
  const { operation, reason, entraObjectId, isPlanned } = photo;
  const status = isPlanned === true ? "planned" : "success";
  const step = { system: "drupal", resource: "photo", changes: [], status, reason } as const;
  return {
    ...userTold(nomination, outcomeOf(photo), reason),
    entraObjectId,
    steps: operation === "none" ? [] : [{ ...step, operation }],
  };
}

/** Serves one user's picture. Throws what can be tried again. */
export async function servePhoto(
  { id, isDryRun, actor }: Cycle,
  nomination: Nomination,
  ports: Pick<CyclePorts, "photo">,
): Promise<CycleUser> {
  const { drupalUuid = "", attempt = 0 } = nomination;
  const by = actor === null ? {} : { actor };
  const request = { drupalUuid, cause: "cycle", cycleId: id, attempt, ...by } as const;
  try {
    return told(nomination, await ports.photo(request, isDryRun));
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    return userTold(nomination, "failed", { code: error.code, message: error.message });
  }
}
