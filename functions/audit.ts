// GET /api/audit: the audit log, newest first, by the filters of the public contract; a page, or all that fits as a file.
import { app } from "@azure/functions";
import type { auditPage } from "../src/api/answers/audit-page.ts";
import { AUDIT_COLUMNS, auditRecords } from "../src/api/audit-answer.ts";
import { auditQuestion } from "../src/api/audit-question.ts";
import { parseAuditRequest } from "../src/api/audit-request.ts";
import { csvResponse } from "../src/api/csv.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { ndjsonResponse } from "../src/api/ndjson.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("audit", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "audit",
  handler: respond(async (request) => {
    const { authorize, audit, links } = currentApp();
    await authorize(request, "Audit.Read");
    const { request: asked, continuationOf } = parseAuditRequest(request.query);
    const { user, format, bom, limit } = asked;
    const question = auditQuestion(asked, user && ((await links.holderOf(user)) ?? user));
    if (format === "csv") {
      const rows = auditRecords(audit.each(question));
      return csvResponse("audit.csv", AUDIT_COLUMNS, rows, { bom: bom === "true" });
    }
    if (format === "ndjson") return ndjsonResponse("audit.ndjson", audit.each(question));
    const { entries, next } = await audit.page({ ...question, limit });
    const continuation = next === null ? null : continuationOf(next);
    return jsonOf<typeof auditPage>()(200, { items: entries, continuation });
  }),
});
