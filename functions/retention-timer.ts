// Once a day: deletes audit rows and cycles that are older than AUDIT_RETENTION_DAYS, and counts that are older than a week.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { logLine } from "../src/rules/log-line.ts";

app.timer("retention-timer", {
  schedule: "%RETENTION_SCHEDULE%",
  handler: async (_timer, context) => {
    const { before, ...removed } = await currentApp().applyRetention();
    context.info(logLine({ event: "retention.done", before: before.toISOString(), ...removed }));
  },
});
