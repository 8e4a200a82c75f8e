// The contract of the app itself: its health, and this contract.
import { health } from "../answers/health.ts";
import { openApi } from "../answers/open-api.ts";
import { metricsAnswerSchema, metricsParameters } from "../metrics-answer.ts";
import { sessionSchema } from "../session-answer.ts";
import { jsonAnswer } from "./answers-of.ts";
import type { Operation } from "./operation.ts";

/** Everything about the app itself. */
export const appOperations: readonly Operation[] = [
  {
    id: "health",
    method: "get",
    route: "health",
    tag: "Service",
    summary: "Whether the sync works",
    description: "Anyone is told the status; readers are told what is wrong, and what mends it.",
    who: ["anyone", "Audit.Read"],
    answers: {
      200: jsonAnswer("All is well.", health),
      503: jsonAnswer("Something that the sync needs cannot be used.", health),
    },
  },
  {
    id: "metrics",
    method: "get",
    route: "metrics",
    tag: "Service",
    summary: "Count what was done",
    description:
      "Writes, outcomes, throttling, event-to-write latency and queue age by quarters of an hour. Counts are near the truth, for charts: a crash may count something twice or lose the last seconds. What was written is in the audit log.",
    who: ["Audit.Read"],
    parameters: { query: metricsParameters },
    answers: { 200: jsonAnswer("The counts.", metricsAnswerSchema.meta({ id: "Metrics" })) },
  },
  {
    id: "session",
    method: "get",
    route: "session",
    tag: "Service",
    summary: "Who is signed in",
    description:
      "And what they may, for a page to show itself by; nobody is an answer, too, and the one for another site's page.",
    who: ["anyone"],
    answers: { 200: jsonAnswer("The session.", sessionSchema.meta({ id: "Session" })) },
  },
  {
    id: "openapi",
    method: "get",
    route: "openapi.json",
    tag: "Service",
    summary: "This contract",
    who: ["anyone"],
    answers: { 200: jsonAnswer("An OpenAPI 3.1 document.", openApi) },
  },
];
