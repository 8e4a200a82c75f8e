// How long from a save in Drupal to the write in Entra, with the latencies of real systems: `npm run bench:latency`.
// Prints a table; asserts nothing. Options: --graph-ms 100 --drupal-ms 70 --edits 100 --format standard|contrib
import { parseArgs } from "node:util";
import { eventually, startStack } from "../e2e/stack.ts";

const { values } = parseArgs({
  options: {
    "graph-ms": { type: "string", default: "100" },
    "drupal-ms": { type: "string", default: "70" },
    edits: { type: "string", default: "100" },
    format: { type: "string", default: "standard" },
  },
});
const format = values.format === "contrib" ? "contrib" : "standard";
const edits = Number(values.edits);

const stack = await startStack({ webhookFormats: [format] });
await stack.control("graph", { latencyMs: Number(values["graph-ms"]) });
await stack.control("drupal", { latencyMs: Number(values["drupal-ms"]) });

const samples = new Map<string, number[]>();

// From the moment in which Drupal has answered the person's save to the moment in which Entra holds the new value.
async function timed(
  what: string,
  save: () => Promise<unknown>,
  arrived: () => boolean,
): Promise<void> {
  await save();
  const from = performance.now();
  await eventually(what, async () => arrived(), 30_000);
  samples.set(what, [...(samples.get(what) ?? []), performance.now() - from]);
}

const find = (name: string) =>
  stack.entraUsers().find((user) => user.userPrincipalName === `${name}@contoso.example`);
const pause = () => new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 250));

await stack.createDrupalUser("warm.up");
await eventually("warm", async () => find("warm.up"), 30_000);

for (let index = 0; index < edits; index += 1) {
  const name = `bench.user${index}`;
  let uuid = "";
  await timed(
    "create",
    async () => {
      uuid = await stack.createDrupalUser(name);
    },
    () => find(name) !== undefined,
  );
  await pause();
  await timed(
    "edit",
    () => stack.editDrupalUser(uuid, { field_department: "Legal" }),
    () => find(name)?.department === "Legal",
  );
  await pause();
  await timed(
    "block",
    () => stack.editDrupalUser(uuid, { status: false }),
    () => find(name)?.accountEnabled === false,
  );
  await pause();
  await timed(
    "unblock",
    () => stack.editDrupalUser(uuid, { status: true }),
    () => find(name)?.accountEnabled === true,
  );
  await pause();
  await timed(
    "delete",
    () => stack.deleteDrupalUser(uuid),
    () => find(name)?.accountEnabled === false,
  );
}
await stack.close();

const at = (sorted: readonly number[], share: number) =>
  Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
console.log(
  `save to write, ${format} webhooks, Graph ${values["graph-ms"]} ms, Drupal ${values["drupal-ms"]} ms, ${edits} of each`,
);
console.table(
  [...samples].map(([what, list]) => {
    const sorted = list.toSorted((a, b) => a - b);
    return { what, "p50 ms": at(sorted, 0.5), "p95 ms": at(sorted, 0.95), "max ms": at(sorted, 1) };
  }),
);
