// The contract of the links: find, explain, see the picture, settle a conflict, unlink.
import { z } from "zod";
import { explainedLink, linkPage } from "../answers/link.ts";
import { linksParameters } from "../links-request.ts";
import { settleBody, userId } from "../provision-body.ts";
import { userSearchAnswer, userSearchParameters } from "../user-search.ts";
import { ETAG, jsonAnswer } from "./answers-of.ts";
import type { Operation } from "./operation.ts";
import { provisionAnswers } from "./provision-operations.ts";

const EITHER = "The Drupal UUID; the Entra object id will do, too.";
const path = z.object({ drupalUuid: userId.describe(EITHER) });
const ownPath = z.object({ drupalUuid: userId.describe("The Drupal UUID.") });
const refused = { 422: { "*": "Drupal or Entra refuses the question." } };

/** Everything about links. */
export const linkOperations: readonly Operation[] = [
  {
    id: "users",
    method: "get",
    route: "users",
    tag: "Links",
    summary: "Search for people",
    description:
      "People of both systems whose name, mail or user principal name begins with the text, or whose id it is. A linked pair is one item; a side that does not answer does not hide the other.",
    who: ["Audit.Read"],
    parameters: { query: userSearchParameters },
    answers: {
      200: jsonAnswer("The people who were found.", userSearchAnswer.meta({ id: "FoundPeople" })),
    },
  },
  {
    id: "links",
    method: "get",
    route: "links",
    tag: "Links",
    summary: "List links",
    who: ["Audit.Read"],
    parameters: { query: linksParameters },
    answers: { 200: jsonAnswer("A page of links.", linkPage) },
  },
  {
    id: "link",
    method: "get",
    route: "links/{drupalUuid}",
    tag: "Links",
    summary: "Explain a user",
    description:
      "Both sides as they are now, what the next look would do, and why. It reads, and writes nothing. A user who has no link yet is explained, too.",
    who: ["Audit.Read"],
    parameters: { path },
    answers: { 200: jsonAnswer("The link, and the five steps.", explainedLink) },
    problems: {
      404: { linkNotFound: "There is no such link, and no such user." },
      ...refused,
    },
  },
  {
    id: "linkPhoto",
    method: "get",
    route: "links/{drupalUuid}/photo",
    tag: "Links",
    summary: "See the picture that is kept of a user",
    who: ["Audit.Read"],
    parameters: {
      path,
      header: z.object({
        "If-None-Match": z.string().optional().describe("The ETag of the picture at hand."),
      }),
    },
    answers: {
      200: {
        description: "The picture.",
        content: { "image/jpeg": null, "image/png": null, "image/gif": null, "image/webp": null },
        headers: ETAG,
      },
      304: { description: "It is the one at hand.", headers: ETAG },
    },
    problems: {
      404: {
        photoNotFound: "No picture of this user is kept.",
        linkNotFound: "This is no id of a user.",
      },
    },
  },
  {
    id: "settleConflict",
    method: "post",
    route: "links/{drupalUuid}/conflicts",
    tag: "Links",
    summary: "Settle a conflict",
    description:
      "Takes one side's value for a row that waits for an operator, and provisions the user by it at once.",
    who: ["Sync.Operate"],
    parameters: { path: ownPath },
    body: settleBody.meta({
      id: "SettleConflict",
      examples: [{ attribute: "department", take: "entra" }],
    }),
    answers: provisionAnswers,
    problems: {
      404: {
        conflictNotFound: "This attribute has no open conflict.",
        linkNotFound: "This is no id of a user.",
      },
      409: { conflictMoved: "The values changed since they were shown." },
      ...refused,
    },
  },
  {
    id: "unlink",
    method: "delete",
    route: "links/{drupalUuid}",
    tag: "Links",
    summary: "Unlink two accounts",
    description:
      "Takes them apart; neither is changed. Only an operator joins the two again (POST provision with `joins`).",
    who: ["Sync.Operate"],
    parameters: { path: ownPath },
    answers: { 204: { description: "They are taken apart." } },
    problems: { 404: { linkNotFound: "There is no such link." } },
  },
];
