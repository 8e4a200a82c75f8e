// By the schedule of the app settings: the users of Entra who changed, or everyone where that is due.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { cycleEvent } from "../src/rules/cycle-event.ts";
import { logLine } from "../src/rules/log-line.ts";

app.timer("entra-to-drupal-timer", {
  schedule: "%ENTRA_TO_DRUPAL_SCHEDULE%",
  handler: async (_timer, context) => {
    const started = await currentApp().cycles.start({ direction: "entraToDrupal", actor: null });
    context.info(logLine(cycleEvent("entraToDrupal", started)));
  },
});
