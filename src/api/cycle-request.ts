// POST cycles and its relatives: what an operator may ask of cycles, checked.
import { z } from "zod";
import { parseBody } from "./parse-body.ts";
import { Problem } from "./problem.ts";

const canary = z
  .int()
  .min(1)
  .max(1_000_000)
  .describe("How many users are written before someone must look.");

const options = {
  dryRun: z.boolean().default(false).describe("true: only a plan, which may be approved."),
  canary: canary.optional(),
};

/** The body of POST cycles. */
export const startBody = z.union([
  z.strictObject({
    kind: z.literal("photos"),
    direction: z
      .literal("entraToDrupal")
      .default("entraToDrupal")
      .describe("The only way that pictures go."),
    ...options,
  }),
  z.strictObject({
    direction: z
      .enum(["drupalToEntra", "entraToDrupal"])
      .describe("Whose users are looked through; what is written is decided by the configuration."),
    kind: z
      .enum(["initial", "incremental"])
      .optional()
      .describe("Left out: what the schedule would start."),
    ...options,
  }),
]);

/** The body of POST cycles/{id}/approve. */
export const approveBody = z.strictObject({
  plan: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe("The print of the plan that was looked at; only a canary goes on without."),
  canary: canary.optional(),
});

/** The body of POST cycles; a Problem 400 with every fault. */
export const parseStartBody = (body: unknown) => parseBody(startBody, body);

/** The body of POST cycles/{id}/approve; a Problem 400 with every fault. */
export const parseApproveBody = (body: unknown) => parseBody(approveBody, body);

/** The id of a cycle. */
export const cycleId = z.guid();

/** The id of a cycle from the route; a Problem 404 for anything that cannot be one. */
export function requireCycleId(text: string | undefined): string {
  const id = cycleId.safeParse(text);
  if (!id.success) throw noSuchCycle();
  return id.data.toLowerCase();
}

/** There is no such cycle. */
export const noSuchCycle = () => new Problem(404, "cycleNotFound", "There is no such cycle.");
