// Waits in tests until something is so.

import type { HostEvent } from "../../../../infra/local/host/host-events.ts";

/** Asks again and again until the answer is neither undefined nor false; fails after `ms`. */
export async function eventually<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  ms = 8000,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`It was not so within ${ms} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The user log lines of a function that are JSON, read. */
export function logged(events: readonly HostEvent[], functionName: string): unknown[] {
  return events.flatMap((event) =>
    event.kind === "log" && event.function === functionName && event.category === "user"
      ? [JSON.parse(event.message)]
      : [],
  );
}
