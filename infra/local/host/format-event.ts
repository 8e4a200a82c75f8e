// Host events as lines for people.

import type { HostEvent } from "./host-events.ts";

/** One line for an event; undefined for those that are said in another way. */
export function formatEvent(event: HostEvent): string | undefined {
  const time = event.at.slice(11, 23);
  switch (event.kind) {
    case "ready":
      return event.functions
        .map(
          ({ name, trigger, source, disabled }) =>
            `${time} ${trigger.padEnd(5)} ${name}: ${source}${disabled ? " (disabled)" : ""}`,
        )
        .join("\n");
    case "start":
      return `${time} > ${event.function} (${event.reason}) ${event.invocationId}`;
    case "end":
      return `${time} ${event.success ? "<" : "!"} ${event.function} ${event.durationMs} ms${
        event.error === undefined ? "" : `: ${event.error}`
      } ${event.invocationId}`;
    case "log":
      return event.level === "trace" || event.level === "debug"
        ? undefined
        : `${time}   ${event.function ?? event.category} [${event.level}] ${event.message}`;
    case "fatal":
      return `${time} ${event.message}`;
    case "stopped":
      return `${time} Host stopped`;
  }
}
