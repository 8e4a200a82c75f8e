// Reads the rows of an audit question in order, newest first. Every query names its partition, or the first and last of a few
// days in a row: none makes the service look at rows that were not asked for.
import { odata } from "@azure/data-tables";
import { z } from "zod";
import {
  type AuditScope,
  dayOf,
  dayOfKey,
  dayPartition,
  rowKeysAt,
  singlePlace,
} from "./audit-keys.ts";
import type { AuditTables } from "./audit-tables.ts";
import { entityPages } from "./entity-pages.ts";
import type { Table } from "./tables.ts";

/** Which rows, and from where on. */
export interface AuditRange {
  readonly scope: AuditScope;
  /** Both ends are included. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** The row key after which to go on. */
  readonly after?: string | undefined;
}

const auditRow = z.looseObject({ rowKey: z.string(), entry: z.string() });
/** A row, with the columns that a question may name. */
export type AuditRow = z.infer<typeof auditRow>;

async function* rowsIn(table: Table, filter: string, pageSize: number) {
  for await (const page of entityPages(table, { filter }, pageSize))
    for (const row of page) yield auditRow.parse(row);
}

// Row keys are times: those of one day's partition and of the next are one sequence, and one pair of ends serves them all.
function endsOf({ from, to, after }: AuditRange): string {
  const newest = to === undefined ? "" : odata` and RowKey ge ${rowKeysAt(to.getTime()).first}`;
  const start = after === undefined ? newest : odata` and RowKey gt ${after}`;
  const end = from === undefined ? "" : odata` and RowKey le ${rowKeysAt(from.getTime()).past}`;
  return `${start}${end}`;
}

interface Days {
  readonly newest: number;
  readonly oldest: number;
}

// The first day of a walk is asked for alone: there a page begins, and within one partition the service seeks its row. Days
// that had little are followed by more of them at once, so that a log of a few entries a month is soon read to its end; and
// full ones by one, as an emulator sorts all rows that fit before it answers a page of them.
const MORE_DAYS = 4;

async function* rowsByDay(
  tables: AuditTables,
  kind: "all" | "failures",
  range: AuditRange,
  pageSize: number,
  today: number,
) {
  const { from, to, after } = range;
  const start = after === undefined ? dayOf(to?.getTime() ?? Number.MAX_VALUE) : dayOfKey(after);
  const end = dayOf(from?.getTime() ?? 0);
  let days = 1;
  for (const { table, first, last } of (await tables.months()).toReversed()) {
    const oldest = Math.max(first, end);
    for (let newest = Math.min(last, start); newest >= oldest; ) {
      // The days that are still to come have nothing, or what a clock that is fast wrote.
      const until = Math.max(oldest, Math.min(newest, today) - days + 1);
      const filter = filterOf(kind, { newest, oldest: until }) + endsOf(range);
      let found = 0;
      for await (const row of rowsIn(tables.open(table), filter, pageSize)) {
        found += 1;
        yield row;
      }
      days = found < pageSize ? days * MORE_DAYS : 1;
      newest = until - 1;
    }
  }
}

function filterOf(kind: "all" | "failures", { newest, oldest }: Days): string {
  const [first, last] = [dayPartition(kind, newest), dayPartition(kind, oldest)];
  return first === last
    ? odata`PartitionKey eq ${first}`
    : odata`PartitionKey ge ${first} and PartitionKey le ${last}`;
}

/** The rows of the range, newest first, `pageSize` to a request (at most 1,000). `today` is the day's number. */
export async function* auditRows(
  tables: AuditTables,
  range: AuditRange,
  pageSize: number,
  today: number,
): AsyncGenerator<AuditRow> {
  const { scope } = range;
  if (scope.kind === "all" || scope.kind === "failures") {
    yield* rowsByDay(tables, scope.kind, range, pageSize, today);
    return;
  }
  const { table, partitionKey } = singlePlace(scope);
  const filter = odata`PartitionKey eq ${partitionKey}` + endsOf(range);
  yield* rowsIn(tables.open(table), filter, pageSize);
}
