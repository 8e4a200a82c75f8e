// GET /api/health: the state for anyone, what is wrong and how to mend it for readers.
import { app } from "@azure/functions";
import type { health as healthSchema } from "../src/api/answers/health.ts";
import { jsonOf } from "../src/api/json-of.ts";
import { Problem } from "../src/api/problem.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";

app.http("health", {
  methods: ["GET"],
  authLevel: "anonymous",
  route: "health",
  handler: respond(async (request) => {
    const { authorize, checkHealth } = currentApp();
    const health = await checkHealth();
    const httpStatus = health.status === "ok" ? 200 : 503;
    try {
      await authorize(request, "Audit.Read");
    } catch (error) {
      if (error instanceof Problem)
        return jsonOf<typeof healthSchema>()(httpStatus, { status: health.status });
      throw error;
    }
    return jsonOf<typeof healthSchema>()(httpStatus, health);
  }),
});
