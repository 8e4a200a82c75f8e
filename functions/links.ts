// GET /api/links: the links page by page; with conflicts=true those that wait for an operator, with user=… the one of a user.
import { app } from "@azure/functions";
import { z } from "zod";
import { shownLink } from "../src/api/link-answer.ts";
import { json } from "../src/api/problem.ts";
import { pageParameters, parseQuery } from "../src/api/query.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

const parameters = pageParameters.extend({
  conflicts: z.enum(["true", "false"]).default("false"),
  user: z.guid("must be a Drupal UUID or an Entra object id").optional(),
});

app.http("links", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "links",
  handler: respond(async (request) => {
    const { authorize, links } = currentApp();
    await authorize(request, "Audit.Read");
    const { conflicts, user, limit, continuation } = parseQuery(parameters, request.query);
    if (user !== undefined) {
      const id = user.toLowerCase();
      const stored = await links.get((await links.holderOf(id)) ?? id);
      const items = stored === null ? [] : [shownLink(stored.link)];
      return json(200, { items, continuation: null });
    }
    const read = conflicts === "true" ? links.conflicts : links.page;
    const page = await read(limit, continuation);
    return json(200, { items: page.links.map(shownLink), continuation: page.continuation });
  }),
});
