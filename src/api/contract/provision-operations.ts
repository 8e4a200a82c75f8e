// The contract of provisioning on demand.
import { provisionResult } from "../answers/provision-result.ts";
import { provisionBody } from "../provision-body.ts";
import { jsonAnswer, RETRY_AFTER } from "./answers-of.ts";
import type { Operation } from "./operation.ts";

/** The answers of every route that provisions one user at once. */
export const provisionAnswers: Operation["answers"] = {
  200: jsonAnswer("What happened, or would happen, with the five steps.", provisionResult),
  202: jsonAnswer(
    "The user could not be served now, and is on the queue.",
    provisionResult,
    RETRY_AFTER,
  ),
};

/** Everything about one user now. */
export const provisionOperations: readonly Operation[] = [
  {
    id: "provision",
    method: "post",
    route: "provision",
    tag: "Provisioning",
    summary: "Provision one user now",
    description:
      "Both ways or one. With `dryRun` only the five steps are told, and nothing is written.",
    who: ["Sync.Operate"],
    body: provisionBody.meta({
      id: "Provision",
      examples: [{ system: "drupal", id: "ada.lovelace", dryRun: true }],
    }),
    answers: provisionAnswers,
    problems: {
      400: { invalidRequest: "The body has faults: each is told." },
      404: { userNotFound: "No user has this id, name or mail." },
      409: { ambiguousUser: "More than one user has this name: `faults` tells their ids." },
      422: {
        invalidConfiguration: "The configuration to plan by has faults: each is told.",
        "*": "Drupal or Entra refuses the question.",
      },
    },
  },
];
