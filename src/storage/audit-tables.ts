// The tables of the audit log: each opened once, and the months that there are.
import { daysOf, MONTH_TABLES } from "./audit-keys.ts";
import { listTables, openTable, type StorageAccount, type Table } from "./tables.ts";

/** The days (numbers since 1970) that a table of a month is for. */
export interface AuditMonth {
  readonly table: string;
  readonly first: number;
  readonly last: number;
}

/** Opens the tables of the log. */
export interface AuditTables {
  open(name: string): Table;
  /** The tables of months that there are, the oldest first. */
  months(): Promise<readonly AuditMonth[]>;
}

/** The tables of the log in an account. */
export function openAuditTables(account: StorageAccount): AuditTables {
  const opened = new Map<string, Table>();
  return {
    open: (name) => {
      const table = opened.get(name) ?? openTable(account, name);
      opened.set(name, table);
      return table;
    },
    months: async () =>
      (await listTables(account, MONTH_TABLES)).toSorted().flatMap((table) => {
        const days = daysOf(table);
        return days === null ? [] : [{ table, ...days }];
      }),
  };
}
