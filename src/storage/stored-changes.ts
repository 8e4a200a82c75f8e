// The parts that links, cycles and jobs keep alike: systems, times, reasons.
import { z } from "zod";
import type { Reason } from "../rules/plan.ts";

/** One of the two connected systems. */
export const systemSchema = z.enum(["drupal", "entra"]);

/** One of the two directions. */
export const directionSchema = z.enum(["drupalToEntra", "entraToDrupal"]);

/** A stored moment, null where an earlier release knew none. */
export const timeSchema = z.string().nullable().default(null);

/** A stored reason. */
export const reasonSchema: z.ZodType<Reason> = z.object({ code: z.string(), message: z.string() });
