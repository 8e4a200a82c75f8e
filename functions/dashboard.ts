// GET /api/dashboard: the admin page and its files. They hold no data: what the page shows it asks for, with its reader's rights.
import { app } from "@azure/functions";
import { createDashboardFiles } from "../src/api/dashboard-files.ts";
import { respond } from "../src/api/respond.ts";

const fileAt = createDashboardFiles();

app.http("dashboard", {
  methods: ["GET"],
  authLevel: "anonymous", // for anyone: the page without data
  route: "dashboard/{*path}",
  handler: respond(async (request) =>
    fileAt(request.params.path ?? "", request.headers.get("accept-encoding")),
  ),
});
