// How long POST provision takes, with the latencies of real systems: `npm run bench:provision`. Prints a table; asserts
// nothing. Options: --graph-ms 100 --drupal-ms 70 --rounds 30
import { parseArgs } from "node:util";
import { eventually, startStack } from "../e2e/stack.ts";

const { values } = parseArgs({
  options: {
    "graph-ms": { type: "string", default: "100" },
    "drupal-ms": { type: "string", default: "70" },
    rounds: { type: "string", default: "30" },
  },
});

const stack = await startStack();
await stack.control("graph", { latencyMs: Number(values["graph-ms"]) });
await stack.control("drupal", { latencyMs: Number(values["drupal-ms"]) });
const samples = new Map<string, number[]>();

async function timed(what: string, operations: string, body: object): Promise<void> {
  const from = performance.now();
  const { outcome } = await stack.provision(body);
  const ms = performance.now() - from;
  const done = outcome?.operations.join("+") ?? "";
  if (done !== operations)
    throw new Error(`${what}: expected "${operations}", not "${done}" (${outcome?.reason.code})`);
  samples.set(what, [...(samples.get(what) ?? []), ms]);
}

for (let round = 0; round < Number(values.rounds); round += 1) {
  const name = `bench.user${round}`;
  const id = await stack.createEntraUser(name, { surname: name });
  await timed("create in Drupal, by UPN", "create", {
    system: "entra",
    id: `${name}@contoso.example`,
  });
  await timed("nothing to do, by object id", "", { system: "entra", id });
  await timed("dry run, by name", "", { system: "drupal", id: name, dryRun: true });
  const drupalName = `bench.drupal${round}`;
  const uuid = await stack.createDrupalUser(drupalName, { field_department: "R&D" });
  const upn = `${drupalName}@contoso.example`;
  const account = await eventually("created", () => stack.entraUser(upn), 30_000);
  await stack.editEntraUser(account.id, { department: "Legal" });
  await timed("update in Drupal, by object id", "update", { system: "entra", id: account.id });
  await stack.control("drupal", { webhook: { url: "http://127.0.0.1:9/" } });
  await stack.editDrupalUser(uuid, { field_last_name: "Byron" });
  await stack.hook(stack.host);
  await timed("update in Entra, by UUID", "update", { system: "drupal", id: uuid });
}
await stack.close();

const at = (list: readonly number[], share: number): number =>
  Math.round(list.toSorted((a, b) => a - b)[Math.floor(list.length * share)] ?? 0);
console.log(
  `Graph ${values["graph-ms"]} ms, Drupal ${values["drupal-ms"]} ms, ${values.rounds} rounds`,
);
console.table(
  Object.fromEntries(
    [...samples].map(([what, list]) => [
      what,
      { "p50 ms": at(list, 0.5), "p95 ms": at(list, 0.95), n: list.length },
    ]),
  ),
);
process.exit(0);
