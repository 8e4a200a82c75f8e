// Azure Tables: how we open them, and what their refusals mean. The only place that knows the SDK's errors.
import type { TokenCredential } from "@azure/core-auth";
import {
  odata,
  RestError,
  TableClient,
  type TableEntity,
  TableServiceClient,
  type TransactionAction,
} from "@azure/data-tables";
import { z } from "zod";
import { AlreadyExistsError, ConcurrencyError, TransientError } from "../rules/errors.ts";

/** Where the storage account is: a connection string, or service addresses with an identity. */
export type StorageAccount =
  | { readonly kind: "connectionString"; readonly connectionString: string }
  | {
      readonly kind: "identity";
      readonly blobServiceUri: string;
      readonly queueServiceUri: string;
      readonly tableServiceUri: string;
      readonly credential: TokenCredential;
    };

/** A row as read: what the next save must still find is its `etag`. */
export interface Found<T> {
  readonly row: T;
  readonly etag: string;
}

/** A table that is made on first use, with failures named. */
export interface Table {
  readonly name: string;
  run<T>(work: (client: TableClient) => Promise<T>): Promise<T>;
  /** The row, or only some of its columns, with its ETag; or null on 404. */
  find<T>(
    schema: z.ZodType<T>,
    partitionKey: string,
    rowKey: string,
    select?: string[],
  ): Promise<Found<T> | null>;
  /** Inserts the row where `etag` is null, or replaces that version of it. Answers the new ETag; ConcurrencyError when
   * someone else was first. */
  save(row: TableEntity, etag: string | null): Promise<string>;
  /** The same for several rows of one partition, all of them or none; answers the ETag of the first. */
  saveTogether(actions: TransactionAction[]): Promise<string>;
  /** Removes a row, or with `etag` only that version of it; one that is gone already counts as removed. */
  remove(partitionKey: string, rowKey: string, etag?: string): Promise<void>;
}

const TABLE_GOING = "tableBeingDeleted";
// A table that retention has just dropped goes on going for a while (Table Storage: "Delete Table").
const isBeingDeleted = ({ code, details }: RestError): boolean =>
  JSON.stringify([code, details]).includes("TableBeingDeleted");

/** The named failure of an SDK's error, or the error itself where it is a fault of ours. Also for queues and blobs. */
export function nameStorageFailure(error: unknown): unknown {
  // No token for the account: the identity's endpoint is away, or the identity is not assigned yet.
  const isIdentity = error instanceof Error && /Credential|Authentication/.test(error.name);
  if (isIdentity) {
    const options = { system: "storage", code: "storageRefused", cause: error } as const;
    return new TransientError("no token for the storage account can be had", options);
  }
  if (!(error instanceof RestError)) return error;
  const { statusCode: status } = error;
  const storage = (code: string) => ({ system: "storage", code, cause: error }) as const;
  if (status === 401 || status === 403) {
    // Role assignments take minutes to spread.
    return new TransientError(
      "the storage account refuses the app's identity",
      storage("storageRefused"),
    );
  }
  if (status === 412)
    return new ConcurrencyError("someone else saved this row first", storage("rowChanged"));
  if (status === 409 && isBeingDeleted(error))
    return new TransientError("the table is being deleted", storage(TABLE_GOING));
  if (status === 409) return new AlreadyExistsError("the row exists already", storage("rowExists"));
  if (status === undefined || status === 408 || status === 429 || status >= 500) {
    return new TransientError("the storage account does not answer", storage("storageUnavailable"));
  }
  return error;
}

/** The row, or its table, is not there. */
export const isGone = (error: unknown): boolean =>
  error instanceof RestError && error.statusCode === 404;

/** The table is not there, or not for long. */
export const isGoing = (error: unknown): boolean =>
  isGone(error) || (error instanceof TransientError && error.code === TABLE_GOING);

function nullOn404(error: unknown): null {
  if (isGone(error)) return null;
  throw error;
}

/** Guarded writes: that the row exists already means that someone else made it. */
async function guarded<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (cause) {
    if (!(cause instanceof AlreadyExistsError)) throw cause;
    const options = { system: "storage", code: "rowChanged", cause } as const;
    throw new ConcurrencyError("someone else made this row first", options);
  }
}

const withEtag = z.object({ etag: z.string() });

// Azurite speaks http.
const INSECURE = { allowInsecureConnection: true };

/** The names of the tables that begin with `prefix`, of lower-case letters and digits. */
export async function listTables(account: StorageAccount, prefix: string): Promise<string[]> {
  const service =
    account.kind === "connectionString"
      ? TableServiceClient.fromConnectionString(account.connectionString, INSECURE)
      : new TableServiceClient(account.tableServiceUri, account.credential);
  // Past every name of the prefix: "z" is the last character of one.
  const filter = odata`TableName ge ${prefix} and TableName le ${`${prefix}zzz`}`;
  const names: string[] = [];
  try {
    for await (const { name } of service.listTables({ queryOptions: { filter } }))
      if (name !== undefined) names.push(name);
  } catch (error) {
    throw nameStorageFailure(error);
  }
  return names;
}

/** Opens a table of the account. */
export function openTable(account: StorageAccount, name: string): Table {
  // The SDK's own retries stay on: these are our own rows, guarded by ETags.
  const client =
    account.kind === "connectionString"
      ? TableClient.fromConnectionString(account.connectionString, name, INSECURE)
      : new TableClient(account.tableServiceUri, name, account.credential);
  let made: Promise<void> | null = null;
  const make = () => {
    made ??= client.createTable().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
  const run: Table["run"] = async (work) => {
    try {
      await make(); // the SDK takes TableAlreadyExists for success
      return await work(client);
    } catch (error) {
      if (isGone(error)) made = null; // the table itself, perhaps: whoever tries again makes it
      throw nameStorageFailure(error);
    }
  };
  return {
    name,
    run,
    find: async (schema, partitionKey, rowKey, select) => {
      const options = select === undefined ? {} : { queryOptions: { select } };
      const found = await run((table) =>
        table.getEntity(partitionKey, rowKey, options).catch(nullOn404),
      );
      return found === null ? null : { row: schema.parse(found), etag: withEtag.parse(found).etag };
    },
    save: async (row, etag) => {
      const write = (table: TableClient) =>
        etag === null ? table.createEntity(row) : table.updateEntity(row, "Replace", { etag });
      return (await guarded(run(write))).etag ?? "";
    },
    saveTogether: async (actions) => {
      const done = await guarded(run((table) => table.submitTransaction(actions)));
      return done.subResponses[0]?.etag ?? "";
    },
    remove: async (partitionKey, rowKey, etag = "*") => {
      await run((table) => table.deleteEntity(partitionKey, rowKey, { etag }).catch(nullOn404));
    },
  };
}
