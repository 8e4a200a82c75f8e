// Once a day: deletes audit rows and cycles that are older than AUDIT_RETENTION_DAYS.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";

app.timer("retention-timer", {
  schedule: "%RETENTION_SCHEDULE%",
  handler: async (_timer, context) => {
    const { before, auditEntries, cycles, isComplete } = await currentApp().applyRetention();
    context.info(
      `retention before=${before.toISOString()} auditEntries=${auditEntries} cycles=${cycles} complete=${isComplete}`,
    );
  },
});
