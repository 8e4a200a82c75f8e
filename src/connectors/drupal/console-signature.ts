// Tells whether a request of the console is Drupal's own: signed for this method, target and body, a moment ago, and not seen before.
import { type ConsoleRequest, consoleKey, consoleText } from "../../rules/console-signing.ts";
import { createExpiringMemory } from "./expiring-memory.ts";
import { isStandardGenuine } from "./standard-signature.ts";

// A signature from 300 seconds ahead is good until 300 after: for so long its id is remembered, and a second for the rounding.
const WINDOW_MS = 601_000;
// Only genuine requests get in: so many would be 16 a second from one site.
const MOST_IDS = 10_000;

/** What may be asked of a check. */
export interface ConsoleCheck {
  /** Never throws. An id serves once; of several processes each remembers its own. */
  isGenuine(request: ConsoleRequest): boolean;
}

/** The check for the secrets of WEBHOOK_SECRETS. */
export function createConsoleCheck(secrets: readonly string[], now: () => Date): ConsoleCheck {
  const keys = secrets.map(consoleKey);
  const seen = createExpiringMemory<true>(now, WINDOW_MS, MOST_IDS);
  return {
    isGenuine: (request) => {
      if (!isStandardGenuine(request.headers, consoleText(request), keys)) return false;
      const id = request.headers["webhook-id"] ?? "";
      if (seen.get(id) === true) return false;
      seen.put(id, true);
      return true;
    },
  };
}
