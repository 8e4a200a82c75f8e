// What came of asking for a cycle, as the log tells it.
import type { StartedCycle } from "./cycle-orders.ts";
import type { JobName } from "./job.ts";
import type { LogEvent } from "./log-line.ts";

/** The event of a schedule's, or an operator's, wish for a cycle. */
export function cycleEvent(job: JobName, started: StartedCycle): LogEvent {
  const event = { event: "cycle.started", job, outcome: started.kind } as const;
  switch (started.kind) {
    case "started":
      return { ...event, cycleId: started.cycle.id, kind: started.cycle.kind };
    case "active":
      return { ...event, cycleId: started.cycleId };
    case "notNow":
      return { ...event, reason: started.reason.code };
  }
}
