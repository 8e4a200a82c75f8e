// All rows of a query as the service answers them: page by page, each failure named, and a table that was removed is an empty one.
import type { TableEntityQueryOptions } from "@azure/data-tables";
import { isGone, type Table } from "./tables.ts";

/** The rows of the query in the order of their keys, up to `maxPageSize` (at most 1,000) to a request. Stops asking when nobody
 * takes more. */
export async function* entityPages(
  table: Table,
  queryOptions: TableEntityQueryOptions,
  maxPageSize: number,
): AsyncGenerator<readonly object[]> {
  const pages = await table.run(async (client) =>
    client.listEntities({ queryOptions }).byPage({ maxPageSize }),
  );
  for (;;) {
    const page = await table
      .run(() => pages.next())
      .catch((error: unknown) => {
        if (isGone(error)) return { done: true } as const;
        throw error;
      });
    if (page.done) return;
    yield page.value;
  }
}
