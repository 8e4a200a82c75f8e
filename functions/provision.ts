// POST /api/provision: one user now, both ways or one; with dryRun only the five steps, and nothing is written.
import { app } from "@azure/functions";
import {
  ambiguous,
  candidateOf,
  explainedAnswer,
  notFound,
  outcomeAnswer,
  parseProvisionBody,
  refusalOfDraft,
} from "../src/api/provision-body.ts";
import { readJson } from "../src/api/read-json.ts";
import { respond } from "../src/api/respond.ts";
import { currentApp } from "../src/composition-root.ts";
import { logLine } from "../src/rules/log-line.ts";
import { provisionEvent } from "../src/rules/provision-event.ts";

const MAX_BODY_BYTES = 272 * 1024; // a configuration and some words about whom

app.http("provision", {
  methods: ["POST"],
  authLevel: "anonymous", // admin access is checked in the handler
  route: "provision",
  handler: respond(async (request, context) => {
    const { authorize, findUser, provision, explain } = currentApp();
    const { actor } = await authorize(request, "Sync.Operate");
    const body = await readJson(request, MAX_BODY_BYTES);
    const { system, id, direction, joins, dryRun, configuration } = parseProvisionBody(body);
    const candidate = candidateOf(configuration);
    const found = await findUser({ system, id });
    if (found.kind === "none") throw notFound();
    if (found.kind === "several") throw ambiguous(found.ids);
    const startedAt = new Date();
    const receivedAt = startedAt.toISOString();
    const asked = { ...(direction && { direction }), ...(joins && { joins }) };
    const whom = { ...found.pointer, ...asked };
    const order = { ...whom, cause: "onDemand", attempt: 0, receivedAt, actor } as const;
    if (!dryRun) {
      const outcome = await provision(order);
      context.info(logLine(provisionEvent(order, outcome, startedAt, new Date())));
      return outcomeAnswer(outcome);
    }
    const explained = await explain(order, candidate).catch((error: unknown) => {
      throw candidate === null ? error : refusalOfDraft(error);
    });
    const explanation = explained.kind === "explained" ? explained.explanation : null;
    return explainedAnswer(explained.reason, explanation);
  }),
});
