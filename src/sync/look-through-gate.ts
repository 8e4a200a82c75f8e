// Reads for someone who waits for the answer: they respect the quarantine and add to it, but take nobody's turn to try again.
import { AccessError, mayBeOfDraft, TransientError } from "../rules/errors.ts";
import type { System } from "../rules/users.ts";
import type { QuarantineStore, Surroundings } from "./ports.ts";

/** What a look needs to know of the quarantine. */
export interface Gate extends Pick<Surroundings, "now"> {
  readonly quarantine: Pick<QuarantineStore, "state" | "close">;
}

/**
 * The quarantine for looks by a configuration that nobody has saved: a permission that only such a draft asks for closes nothing
 * for the others. Refused credentials close the system all the same: each knock with a wrong password counts.
 */
export const closedByNoDraft = <Q extends Gate["quarantine"]>(quarantine: Q): Q => ({
  ...quarantine,
  close: async (system, reason, now) => {
    if (!mayBeOfDraft(reason)) await quarantine.close(system, reason, now);
  },
});

const BOTH: readonly System[] = ["drupal", "entra"];

/** Does the reading unless a system that it asks is closed (TransientError `quarantine`); one that refuses us is closed. */
export async function lookThroughGate<T>(
  gate: Gate,
  read: () => Promise<T>,
  asked: readonly System[] = BOTH,
): Promise<T> {
  const { quarantine, now } = gate;
  for (const system of asked) {
    const closed = await quarantine.state(system);
    if (closed === null) continue;
    const retryAfterMs = Math.max(1000, closed.until.getTime() - now().getTime());
    const message = `${system} does not let us in, and is asked again later: ${closed.reason.message}`;
    throw new TransientError(message, { system, code: "quarantine", retryAfterMs });
  }
  try {
    return await read();
  } catch (error) {
    if (error instanceof AccessError) {
      const { system, code, message } = error;
      await quarantine.close(system, { code, message }, now());
    }
    throw error;
  }
}
