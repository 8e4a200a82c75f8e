// GET audit: the columns and rows of its files.
import type { AuditEntry } from "../rules/audit-entry.ts";
import { valueText } from "./value-text.ts";

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
