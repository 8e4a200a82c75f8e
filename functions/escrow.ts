// GET /api/escrow: who waits to be retried, by cause and user by user; with format=csv everyone of the filter as a file.
import { app } from "@azure/functions";
import type { escrowPage } from "../src/api/answers/escrow.ts";
import { csvResponse } from "../src/api/csv.ts";
import { ESCROW_COLUMNS, escrowParameters, escrowRecords } from "../src/api/escrow-request.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { parseQuery } from "../src/api/query.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("escrow", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "escrow",
  handler: respond(async (request) => {
    const { authorize, escrow } = currentApp();
    await authorize(request, "Audit.Read");
    const asked = parseQuery(escrowParameters, request.query);
    const { limit, continuation, format, bom, ...filter } = asked;
    if (format === "csv") {
      const rows = escrowRecords(escrow.each(filter));
      return csvResponse("escrow.csv", ESCROW_COLUMNS, rows, { bom: bom === "true" });
    }
    const [groups, page] = await Promise.all([
      escrow.groups(),
      escrow.page(filter, limit, continuation),
    ]);
    return jsonOf<typeof escrowPage>()(200, {
      groups,
      items: page.items,
      continuation: page.continuation,
    });
  }),
});
