// GET links: what a reader may ask.
import { z } from "zod";
import { pageParameters } from "./query.ts";

/** The query of GET links. */
export const linksParameters = pageParameters.extend({
  conflicts: z
    .enum(["true", "false"])
    .default("false")
    .describe("true: only links with rows that wait for an operator."),
  user: z
    .guid("must be a Drupal UUID or an Entra object id")
    .optional()
    .describe("Only the link of this user: a Drupal UUID or an Entra object id."),
});
