// GET /api/audit: the audit log, newest first, by the filters of the public contract.
import { app } from "@azure/functions";
import type { auditPage } from "../src/api/answers/audit-page.ts";
import { parseAuditRequest } from "../src/api/audit-request.ts";
import { jsonOf } from "../src/api/json-of.ts";
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
    const { from, to, limit, user, cycle, position, status, ...columns } = asked;
    const drupalUuid = user && ((await links.holderOf(user)) ?? user);
    const scope =
      drupalUuid !== undefined
        ? ({ kind: "user", drupalUuid } as const)
        : cycle !== undefined
          ? ({ kind: "cycle", cycleId: cycle } as const)
          : status === "failure"
            ? ({ kind: "failures" } as const)
            : ({ kind: "all" } as const);
    const where = Object.fromEntries(
      Object.entries({ ...columns, status, cycleId: cycle }).filter(
        ([, value]) => value !== undefined,
      ),
    );
    const page = await audit.page({ scope, from, to, where, limit, after: position });
    const continuation = page.next === null ? null : continuationOf(page.next);
    return jsonOf<typeof auditPage>()(200, { items: page.entries, continuation });
  }),
});
