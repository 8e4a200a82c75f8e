// GET escrow and POST escrow/replay: what may be asked, and a row in the public form.
import { z } from "zod";
import type { EscrowEntry } from "../rules/escrow.ts";
import { parseBody } from "./parse-body.ts";
import { pageParameters } from "./query.ts";

const code = z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,99}$/, "must be a code such as entraRefused");
const system = z.enum(["drupal", "entra", "storage"]);

/** The query of GET escrow. `limit` and `continuation` are for pages: a CSV file holds everyone of the filter. */
export const escrowParameters = pageParameters.extend({
  code: code.optional(),
  system: system.optional(),
  format: z
    .enum(["json", "csv"])
    .default("json")
    .describe("csv: everyone of the filter as a file."),
  bom: z
    .enum(["true", "false"])
    .default("false")
    .describe("true: the CSV file begins with a byte order mark, for Excel."),
});

/** The body of POST escrow/replay: exactly one of `drupalUuid`, `code` and `all`. */
export const replayBody = z
  .strictObject({
    drupalUuid: z.guid().toLowerCase().optional(),
    code: code.optional(),
    system: system.optional(),
    all: z.literal(true, "must be true").optional(),
  })
  .refine(
    (body) =>
      [body.drupalUuid, body.code, body.all].filter((one) => one !== undefined).length === 1,
    "needs exactly one of drupalUuid, code and all",
  )
  .refine((body) => body.system === undefined || body.code !== undefined, {
    path: ["system"],
    message: "goes with code",
  });

/** Who is to be replayed, from the body of POST escrow/replay; a Problem 400 with every fault. */
export function parseReplayBody(body: unknown) {
  const { drupalUuid, code, system } = parseBody(replayBody, body);
  return drupalUuid === undefined ? { code, system } : { drupalUuid };
}

/** The columns of the CSV file. */
export const ESCROW_COLUMNS = [
  "drupalUuid",
  "entraObjectId",
  "system",
  "code",
  "message",
  "attempts",
  "since",
  "at",
  "nextAt",
] as const;

/** The rows of the CSV file: the reason in two columns. */
export async function* escrowRecords(
  entries: AsyncIterable<EscrowEntry>,
): AsyncGenerator<Record<string, unknown>> {
  for await (const { reason, ...entry } of entries) yield { ...entry, ...reason };
}
