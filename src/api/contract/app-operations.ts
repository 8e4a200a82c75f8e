// The contract of the app itself: its health, and this contract.
import { health } from "../answers/health.ts";
import { openApi } from "../answers/open-api.ts";
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
    id: "openapi",
    method: "get",
    route: "openapi.json",
    tag: "Service",
    summary: "This contract",
    who: ["anyone"],
    answers: { 200: jsonAnswer("An OpenAPI 3.1 document.", openApi) },
  },
];
