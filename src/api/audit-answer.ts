// GET audit: the answer as a page, and the columns and rows of its files.
import { z } from "zod";
import { type AuditEntry, auditEntrySchema } from "../rules/audit-entry.ts";
import { valueText } from "./value-text.ts";

/** A page. It may be short, or empty, and have a continuation: a search ends after so many rows, and goes on with the next. */
export const auditAnswerSchema = z.object({
  items: z.array(auditEntrySchema),
  /** Null when there is nothing more. */
  continuation: z.string().nullable(),
});
/** One of {@link auditAnswerSchema}. */
export type AuditAnswer = z.infer<typeof auditAnswerSchema>;

/** The columns of the CSV file. */
export const AUDIT_COLUMNS = [
  "at",
  "operation",
  "resourceType",
  "status",
  "system",
  "direction",
  "cause",
  "cycleId",
  "drupalUuid",
  "entraId",
  "displayName",
  "attribute",
  "before",
  "after",
  "why",
  "reasonCode",
  "reason",
  "actor",
  "durationMs",
  "id",
] as const;

/** Each change of each entry as a row; an entry without changes has one row. */
export async function* auditRecords(
  entries: AsyncIterable<AuditEntry>,
): AsyncGenerator<Record<string, string | number | undefined>> {
  for await (const { changes, reason, ...entry } of entries) {
    const common = { ...entry, reasonCode: reason?.code ?? "", reason: reason?.message ?? "" };
    if (changes.length === 0) yield common;
    for (const { attribute, before, after, why } of changes)
      yield { ...common, attribute, before: valueText(before), after: valueText(after), why };
  }
}
