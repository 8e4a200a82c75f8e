// GET /api/cycles: the cycles, newest first, and how the job of each feed stands.
import { app } from "@azure/functions";
import type { cycleList } from "../src/api/answers/cycle-list.ts";
import { shownCycle, shownJob } from "../src/api/cycle-answer.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { pageParameters, parseQuery } from "../src/api/query.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";
import type { Cycle } from "../src/rules/cycle.ts";

app.http("cycles", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "cycles",
  handler: respond(async (request) => {
    const { authorize, cycles, scheduleOf } = currentApp();
    await authorize(request, "Audit.Read");
    const { limit, continuation } = parseQuery(pageParameters, request.query);
    const [page, jobs, waiting] = await Promise.all([
      cycles.page(limit, continuation),
      cycles.jobs(),
      // With the first page only: whoever reads on knows them.
      continuation === undefined ? cycles.waiting() : [],
    ]);
    const now = new Date();
    const shown = (cycle: Cycle) => shownCycle(cycle, null, now);
    const standing = jobs.map(({ job, last }) => shownJob(job, last, scheduleOf(job.name), now));
    return jsonOf<typeof cycleList>()(200, {
      jobs: standing,
      waiting: waiting.map(shown),
      items: page.cycles.map(shown),
      continuation: page.continuation,
    });
  }),
});
