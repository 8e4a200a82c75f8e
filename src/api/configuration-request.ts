// GET and PUT configuration: what may be asked of them.
import { z } from "zod";

/** The query of GET configuration. */
export const readConfigurationParameters = z.strictObject({
  effective: z
    .enum(["true", "false"])
    .default("false")
    .describe("true: with every default filled in, as the sync understands it."),
});

/** The query of PUT configuration. Whoever asks for a preview must not get a save: what is neither true nor false is refused. */
export const changeConfigurationParameters = z.strictObject({
  preview: z
    .enum(["true", "false"])
    .default("false")
    .describe("true: saves nothing, and answers what the change would do."),
});
