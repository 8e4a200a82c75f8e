// GET /api/console/audit: Drupal's console reads the audit log, page by page, newest first.
import { app } from "@azure/functions";
import type { auditPage } from "../src/api/answers/audit-page.ts";
import { auditQuestion } from "../src/api/audit-question.ts";
import { parseConsoleAudit } from "../src/api/console-request.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("console-audit", {
  methods: ["GET"],
  authLevel: "anonymous", // the signature is the credential
  route: "console/audit",
  handler: respond(async (request) => {
    const { authorizeConsole, audit, links } = currentApp();
    await authorizeConsole(request);
    const { request: asked, continuationOf } = parseConsoleAudit(request.query);
    const { user, limit } = asked;
    const question = auditQuestion(asked, user && ((await links.holderOf(user)) ?? user));
    const { entries, next } = await audit.page({ ...question, limit });
    const continuation = next === null ? null : continuationOf(next);
    return jsonOf<typeof auditPage>()(200, { items: entries, continuation });
  }),
});
