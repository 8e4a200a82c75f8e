// Each minute: cycles whose host is gone, or whose message was lost, are queued again.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";

app.timer("cycle-watch-timer", {
  schedule: "30 * * * * *",
  handler: async (_timer, context) => {
    const queued = await currentApp().cycles.watch();
    if (queued > 0) context.warn(`${queued} cycle(s) had stopped and go on`);
  },
});
