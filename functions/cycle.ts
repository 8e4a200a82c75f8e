// GET /api/cycles/{id}: how a cycle stands, and page by page the users that it told of; as CSV each of their changes.
import { app } from "@azure/functions";
import type { cycleWithUsers } from "../src/api/answers/cycle.ts";
import { csvResponse } from "../src/api/csv.ts";
import { shownCycle } from "../src/api/cycle-answer.ts";
import { noSuchCycle, requireCycleId } from "../src/api/cycle-request.ts";
import { CYCLE_COLUMNS, cycleParameters, cycleRows, pageOfUsers } from "../src/api/cycle-users.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { parseQuery } from "../src/api/query.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("cycle", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "cycles/{id}",
  handler: respond(async (request) => {
    const { authorize, cycles } = currentApp();
    await authorize(request, "Audit.Read");
    const query = parseQuery(cycleParameters, request.query);
    const found = await cycles.get(requireCycleId(request.params.id));
    if (found === null) throw noSuchCycle();
    const { cycle, expected } = found;
    if (query.format === "csv")
      return csvResponse(
        `cycle-${cycle.id}.csv`,
        CYCLE_COLUMNS,
        cycleRows(cycle, query.outcome, cycles.users),
        { bom: query.bom === "true" },
      );
    const users = await pageOfUsers(cycle, query, cycles.users);
    return jsonOf<typeof cycleWithUsers>()(200, {
      ...shownCycle(cycle, expected, new Date()),
      users,
    });
  }),
});
