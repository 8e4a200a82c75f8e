// By the schedule of the app settings: the pictures of everyone who has both accounts.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { cycleEvent } from "../src/rules/cycle-event.ts";
import { logLine } from "../src/rules/log-line.ts";

app.timer("photo-timer", {
  schedule: "%PHOTO_SCHEDULE%",
  handler: async (_timer, context) => {
    const order = { direction: "entraToDrupal", kind: "photos", actor: null } as const;
    const started = await currentApp().cycles.start(order);
    context.info(logLine(cycleEvent("photos", started)));
  },
});
