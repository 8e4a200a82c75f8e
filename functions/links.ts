// GET /api/links: the links page by page; with conflicts=true those that wait for an operator, with user=… the one of a user.
import { app } from "@azure/functions";
import type { linkPage } from "../src/api/answers/link.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { shownLink } from "../src/api/link-answer.ts";
import { linksParameters } from "../src/api/links-request.ts";
import { parseQuery } from "../src/api/query.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("links", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "links",
  handler: respond(async (request) => {
    const { authorize, links } = currentApp();
    await authorize(request, "Audit.Read");
    const { conflicts, user, limit, continuation } = parseQuery(linksParameters, request.query);
    if (user !== undefined) {
      const id = user.toLowerCase();
      const stored = await links.get((await links.holderOf(id)) ?? id);
      const items = stored === null ? [] : [shownLink(stored.link)];
      return jsonOf<typeof linkPage>()(200, { items, continuation: null });
    }
    const read = conflicts === "true" ? links.conflicts : links.page;
    const page = await read(limit, continuation);
    return jsonOf<typeof linkPage>()(200, {
      items: page.links.map(shownLink),
      continuation: page.continuation,
    });
  }),
});
