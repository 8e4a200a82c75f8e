// Query parameters: each given once, each known, and every fault told at once.
import { z } from "zod";
import { Problem } from "./problem.ts";

/** The parameters by a schema; a Problem 400 `invalidQuery` with every fault. */
export function parseQuery<T>(schema: z.ZodType<T>, query: URLSearchParams): T {
  const repeated = [...query.keys()].find((key) => query.getAll(key).length > 1);
  if (repeated !== undefined) {
    const faults = [{ path: repeated, message: "must be given once" }];
    throw new Problem(400, "invalidQuery", "The query has faults.", { faults });
  }
  const parsed = schema.safeParse(Object.fromEntries(query));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => ({
    path: issue.path.join("."),
    message: issue.message,
  }));
  throw new Problem(400, "invalidQuery", "The query has faults.", { faults });
}

/** The parameters of a listing that is read page by page. */
export const pageParameters = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe("How many on a page."),
  continuation: z
    .string()
    .max(1024)
    .optional()
    .describe(
      "Where the page begins: the `continuation` of the page before, asked with the same filters.",
    ),
});
