// What the index of links costs: `npm run bench:index`. Builds it from pages of rows as the table answers them, without a
// table, and looks some users up. Prints a table; asserts nothing. Options: --links 100000 (again and again)
import { parseArgs } from "node:util";
import { createCompactLinks } from "../../src/storage/compact-links.ts";
import { type IndexRow, indexRowSchema } from "../../src/storage/link-row.ts";

const { values } = parseArgs({
  options: { links: { type: "string", multiple: true, default: ["100000", "1000000"] } },
});

const PAGE = 1000;
const LOOKED_UP = 20;
const MIB = 1024 * 1024;
// 16 characters, without garbage that would count as the index's.
const print = (): string => crypto.randomUUID().slice(19).replace("-", "");

const pageOf = (): string =>
  JSON.stringify(
    Array.from({ length: PAGE }, () => ({
      rowKey: crypto.randomUUID(),
      entraObjectId: crypto.randomUUID(),
      isJoined: true,
      restDrupal: print(),
      restEntra: `${print()}.${print().slice(0, 6)}`,
    })),
  );
// One by one, as they come from the table's client.
function* rowsOf(page: string): Iterable<IndexRow> {
  const rows: unknown[] = JSON.parse(page);
  for (const row of rows) yield indexRowSchema.parse(row);
}
// Of this process: the machine may have other work.
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function measure(links: number) {
  const index = createCompactLinks();
  const kept: string[] = [];
  let built = 0;
  for (let pages = 0; pages < links / PAGE; pages += 1) {
    const page = pageOf();
    if (kept.length < LOOKED_UP) kept.push(page);
    const began = cpuMs();
    for (const row of rowsOf(page)) index.add(row);
    built += cpuMs() - began;
  }
  const { rss, heapTotal, arrayBuffers } = process.memoryUsage();
  const users = kept.flatMap((page) => [...rowsOf(page)]);
  let atRest = 0;
  const began = cpuMs();
  for (const { entraObjectId, rest } of users) {
    index.mark("entra", entraObjectId ?? "");
    const link = index.find("entra", entraObjectId ?? "");
    atRest += link?.isAtRest("entra", rest.entra) ? 1 : 0;
  }
  const found = cpuMs() - began;
  return {
    links: index.joined,
    "looked up": users.length,
    "at rest": atRest,
    "build CPU s": (built / 1000).toFixed(2),
    "look-up CPU µs": ((found * 1000) / users.length).toFixed(2),
    "arrays MiB": Math.round(arrayBuffers / MIB),
    "heap MiB": Math.round(heapTotal / MIB),
    "RSS MiB": Math.round(rss / MIB),
  };
}

console.table(values.links.map((links) => measure(Number(links))));
