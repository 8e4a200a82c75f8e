// A refusal or a failure as it is answered: RFC 9457 problem details with a stable code.
import { z } from "zod";

/** The body of every answer that is an error. */
export const problemDetails = z
  .object({
    type: z.literal("about:blank"),
    title: z.string().describe("A sentence for people; it may change."),
    status: z.int().min(400).max(599),
    code: z.string().describe("Stable, in camelCase: for programs."),
    faults: z
      .array(
        z.object({
          path: z.string().describe("Where, with dots; empty for the whole."),
          pointer: z
            .string()
            .optional()
            .describe("The same place in a JSON body as a JSON Pointer (RFC 6901)."),
          message: z.string(),
        }),
      )
      .optional()
      .describe("Every fault of the request at once."),
  })
  .meta({
    id: "Problem",
    description: "Problem details (RFC 9457). They hold no stack, secret or value.",
    examples: [
      {
        type: "about:blank",
        title: "The query has faults.",
        status: 400,
        code: "invalidQuery",
        faults: [{ path: "limit", message: "Too big: expected number to be <=200" }],
      },
    ],
  });
