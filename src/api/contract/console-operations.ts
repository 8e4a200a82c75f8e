// The contract of Drupal's console: what the site itself may ask, signed, where DRUPAL_CONSOLE is on.
import { z } from "zod";
import { auditPage } from "../answers/audit-page.ts";
import { explainedLink } from "../answers/link.ts";
import { consoleAuditParameters, consoleProvisionBody } from "../console-request.ts";
import { userId } from "../provision-body.ts";
import { jsonAnswer } from "./answers-of.ts";
import type { Operation } from "./operation.ts";
import { provisionAnswers } from "./provision-operations.ts";

const header = z.object({
  "webhook-id": z.string().describe("Of this request alone: it serves once."),
  "webhook-timestamp": z.string().describe("Unix seconds, at most 300 from now."),
});
const off = { notFound: "DRUPAL_CONSOLE is off." };
const forged = { 401: { signatureInvalid: "The request is not signed as expected." } };
const refused = { 422: { "*": "Drupal or Entra refuses the question." } };

/** Everything that the Drupal module may ask; all else is refused. */
export const consoleOperations: readonly Operation[] = [
  {
    id: "consoleAudit",
    method: "get",
    route: "console/audit",
    tag: "Drupal's console",
    summary: "Read the audit log from Drupal",
    description: "As GET audit, in JSON and page by page only.",
    who: ["console"],
    parameters: { query: consoleAuditParameters, header },
    answers: { 200: jsonAnswer("A page of entries.", auditPage) },
    problems: { ...forged, 404: off },
  },
  {
    id: "consoleUser",
    method: "get",
    route: "console/users/{drupalUuid}",
    tag: "Drupal's console",
    summary: "Explain a user to Drupal",
    description: "As GET links/{drupalUuid}, of Drupal users only.",
    who: ["console"],
    parameters: {
      path: z.object({ drupalUuid: userId.describe("The Drupal UUID.") }),
      header,
    },
    answers: { 200: jsonAnswer("The link, and the five steps.", explainedLink) },
    problems: {
      ...forged,
      404: { ...off, linkNotFound: "There is no such link, and no such user." },
      ...refused,
    },
  },
  {
    id: "consoleProvision",
    method: "post",
    route: "console/provision",
    tag: "Drupal's console",
    summary: "Provision one Drupal user now",
    description:
      "Both ways, by the saved configuration, and without an operator's powers: it joins nobody by name, makes no deleted account again, and lifts no conflict. The audit log has `drupal:user/<uid>` or `drupal:<name>` as the actor, as the site says.",
    who: ["console"],
    parameters: { header },
    body: consoleProvisionBody.meta({
      id: "ConsoleProvision",
      examples: [
        { drupalUuid: "6f1d3c0e-5a0b-4c8e-9d8e-3f2a1b0c9d8e", dryRun: true, actor: { uid: 17 } },
      ],
    }),
    answers: provisionAnswers,
    problems: { ...forged, 404: off, ...refused },
  },
];
