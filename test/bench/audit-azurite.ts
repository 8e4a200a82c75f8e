// Loaded into Azurite by the bench of the audit log (`--import`): puts rows straight into its memory. Through its HTTP a million
// entries take an hour on a small machine. Everything that is measured goes through HTTP.
import { createRequire } from "node:module";
import { auditRowsOf } from "../../src/storage/audit-log.ts";
import { type AuditFilling, auditEntryOf, FILLING_TABLE } from "./fill-audit.ts";

interface Doc {
  readonly PartitionKey: string;
  readonly RowKey: string;
  readonly properties: Readonly<Record<string, unknown>>;
}
interface Collection {
  readonly data: readonly Doc[];
  insert(doc: Doc): void;
}
// What is used of LokiTableMetadataStore (azurite 3.35).
interface Store {
  readonly db: { getCollection(name: string): Collection | null };
  getTableCollectionName(account: string, table: string): string;
  createTable(context: unknown, model: { account: string; table: string }): Promise<void>;
}

const FILE = "azurite/dist/src/table/persistence/LokiTableMetadataStore.js";
const filling: AuditFilling = JSON.parse(process.env.AUDIT_FILLING ?? "{}");
const prototype: Store = createRequire(import.meta.url)(FILE).default.prototype;
const original = prototype.createTable;

prototype.createTable = async function createTable(this: Store, context, model) {
  const { account, table: asked } = model;
  const [, from, end] = FILLING_TABLE.exec(asked) ?? [];
  if (from === undefined || end === undefined) return original.call(this, context, model);
  const collectionOf = (table: string) =>
    this.db.getCollection(this.getTableCollectionName(account, table));
  const [first] = auditRowsOf(auditEntryOf(filling, 0));
  const pattern = collectionOf(first?.table ?? "")?.data[0];
  if (pattern === undefined) throw new Error("there is no row to go by");
  for (let number = Number(from); number < Number(end); number += 1)
    for (const { table, row } of auditRowsOf(auditEntryOf(filling, number))) {
      if (collectionOf(table) === null) await original.call(this, context, { account, table });
      const { partitionKey: PartitionKey, rowKey: RowKey, ...columns } = row;
      const { $loki: _id, meta: _meta, ...shape } = { $loki: 0, meta: {}, ...pattern };
      const keys = { PartitionKey, RowKey };
      const known = "PartitionKey" in shape.properties ? keys : {};
      const properties = { ...shape.properties, ...columns, ...known };
      collectionOf(table)?.insert({ ...shape, ...keys, properties });
    }
};
