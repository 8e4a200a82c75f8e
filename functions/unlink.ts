// DELETE /api/links/{drupalUuid}: takes two accounts apart; neither is changed.
import { app } from "@azure/functions";
import { Problem, SAFE_HEADERS } from "../src/api/problem.ts";
import { requireUuid } from "../src/api/provision-body.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("unlink", {
  methods: ["DELETE"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "links/{drupalUuid}",
  handler: respond(async (request) => {
    const { authorize, unlink } = currentApp();
    const { actor } = await authorize(request, "Sync.Operate");
    const isUnlinked = await unlink(requireUuid(request.params.drupalUuid), actor);
    if (!isUnlinked) throw new Problem(404, "linkNotFound", "There is no such link.");
    return { status: 204, headers: SAFE_HEADERS };
  }),
});
