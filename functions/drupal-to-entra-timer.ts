// By the schedule of the app settings: the users of Drupal who changed, or everyone where that is due.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { cycleEvent } from "../src/rules/cycle-event.ts";
import { logLine } from "../src/rules/log-line.ts";

app.timer("drupal-to-entra-timer", {
  schedule: "%DRUPAL_TO_ENTRA_SCHEDULE%",
  handler: async (_timer, context) => {
    const started = await currentApp().cycles.start({ direction: "drupalToEntra", actor: null });
    context.info(logLine(cycleEvent("drupalToEntra", started)));
  },
});
