// A request's JSON body by its schema, with every fault told at once.
import type { z } from "zod";
import { Problem } from "./problem.ts";

/** The body as the schema says; a Problem 400 `invalidRequest` with every fault. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => ({
    path: path.join("."),
    message,
  }));
  throw new Problem(400, "invalidRequest", "The body has faults.", { faults });
}
