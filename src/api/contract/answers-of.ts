// The forms of answers that several routes share: JSON, a CSV file, and the headers that go with them.
import { z } from "zod";
import type { Answer } from "./operation.ts";

/** A JSON answer. */
export const jsonAnswer = (
  description: string,
  schema: z.ZodType,
  headers?: Answer["headers"],
): Answer => ({
  description,
  content: { "application/json": schema },
  ...(headers === undefined ? {} : { headers }),
});

/** A JSON page, or, with `format=csv`, a CSV file of everything. */
export const pageOrCsv = (
  description: string,
  page: z.ZodType,
  columns: readonly string[],
): Answer => ({
  description,
  content: {
    "application/json": page,
    "text/csv": z
      .string()
      .describe(
        `A file (RFC 4180) with the columns ${columns.join(", ")}. Texts that a spreadsheet could take for a formula begin with an apostrophe. It streams: one that breaks off is not complete.`,
      ),
  },
  headers: { "Content-Disposition": "Of a file: its name." },
});

/** Where to look at a cycle. */
export const LOCATION = { Location: "`/api/cycles/{id}` of the cycle." };

/** Which version is told of. */
export const ETAG = { ETag: "Names the version, for If-Match and If-None-Match." };

/** When to ask again. */
export const RETRY_AFTER = { "Retry-After": "When to ask again, in seconds." };
