// Each minute: cycles whose host is gone, or whose message was lost, are queued again; whose approval did not come in time, end.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";
import { logLine } from "../src/rules/log-line.ts";

app.timer("cycle-watch-timer", {
  schedule: "30 * * * * *",
  handler: async (_timer, context) => {
    const { resumed, expired } = await currentApp().cycles.watch();
    if (resumed > 0) context.warn(logLine({ event: "cycle.resumed", count: resumed }));
    if (expired > 0) context.warn(logLine({ event: "cycle.expired", count: expired }));
  },
});
