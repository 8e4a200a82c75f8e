// All rows of a query as the service answers them: page by page, each failure named, and a table that was removed is an empty one.
import type { TableEntityQueryOptions } from "@azure/data-tables";
import { isGoing, type Table } from "./tables.ts";

/** The rows of the query in the order of their keys, up to `maxPageSize` (at most 1,000) to a request. Stops asking when nobody
 * takes more. */
export async function* entityPages(
  table: Table,
  queryOptions: TableEntityQueryOptions,
  maxPageSize: number,
): AsyncGenerator<readonly object[]> {
  const query = async () =>
    table.run(async (client) => client.listEntities({ queryOptions }).byPage({ maxPageSize }));
  const pages = await query().catch(nullIfGoing);
  while (pages !== null) {
    const page = await table.run(() => pages.next()).catch(nullIfGoing);
    if (page === null || page.done) return;
    yield page.value;
  }
}

function nullIfGoing(error: unknown): null {
  if (isGoing(error)) return null;
  throw error;
}
