// POST /api/escrow/replay: an operator has mended a cause, and those who wait are tried again now.
import { app } from "@azure/functions";
import type { replayed as replayedSchema } from "../src/api/answers/escrow.ts";
import { parseReplayBody } from "../src/api/escrow-request.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { Problem } from "../src/api/problem.ts";
import { readJson } from "../src/api/read-json.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

const MAX_BODY_BYTES = 16 * 1024;

app.http("replay-escrow", {
  methods: ["POST"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "escrow/replay",
  handler: respond(async (request) => {
    const { authorize, replay } = currentApp();
    const { actor } = await authorize(request, "Sync.Operate");
    const whom = parseReplayBody(await readJson(request, MAX_BODY_BYTES));
    const replayed = await replay({ whom, actor });
    if (replayed === 0 && "drupalUuid" in whom)
      throw new Problem(404, "notInEscrow", "This user does not wait in escrow.");
    return jsonOf<typeof replayedSchema>()(202, { replayed });
  }),
});
