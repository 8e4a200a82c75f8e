// The error that stops the host at start-up: one line that says what is wrong and where.

/** Something in the app or its settings that this host does not run. `message` is one clear line. */
export class HostError extends Error {
  override name = "HostError";
}

/** Makes the message of an unknown thrown value readable. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
