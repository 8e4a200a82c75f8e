// GET /api/users?search=…: people of both systems by how they are called, or by an id; each pair as one.
import { app } from "@azure/functions";
import { jsonOf } from "../src/api/json-of.ts";
import { parseQuery } from "../src/api/query.ts";
import { respond } from "../src/api/respond.ts";
import { type userSearchAnswer, userSearchParameters } from "../src/api/user-search.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("users", {
  methods: ["GET"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "users",
  handler: respond(async (request) => {
    const { authorize, searchUsers } = currentApp();
    await authorize(request, "Audit.Read");
    const { search, limit } = parseQuery(userSearchParameters, request.query);
    const found = await searchUsers({ text: search, limit });
    return jsonOf<typeof userSearchAnswer>()(200, found);
  }),
});
