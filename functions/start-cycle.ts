// POST /api/cycles: everyone, or what changed, of one side; with dryRun only the plan, with canary a few users first.
import { app } from "@azure/functions";
import { startedAnswer } from "../src/api/cycle-answer.ts";
import { parseStartBody } from "../src/api/cycle-request.ts";
import { readJson } from "../src/api/read-json.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";
import { cycleEvent } from "../src/rules/cycle-event.ts";
import { logLine } from "../src/rules/log-line.ts";

const MAX_BODY_BYTES = 16 * 1024;

app.http("start-cycle", {
  methods: ["POST"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "cycles",
  handler: respond(async (request, context) => {
    const { authorize, cycles } = currentApp();
    const { actor } = await authorize(request, "Sync.Operate");
    const body = parseStartBody(await readJson(request, MAX_BODY_BYTES));
    const { direction, kind, dryRun: isDryRun, canary } = body;
    const started = await cycles.start({ direction, kind, isDryRun, canary, actor });
    context.info(logLine(cycleEvent(kind === "photos" ? kind : direction, started)));
    return startedAnswer(started, new Date());
  }),
});
