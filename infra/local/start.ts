// `npm start`: storage, both simulators and the Functions host on this machine, until Ctrl-C.
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { startAzurite } from "./azurite.ts";
import { startDrupalSimulator } from "./drupal/start-drupal-simulator.ts";
import { startGraphSimulator } from "./graph/start-graph-simulator.ts";
import { spawnHost } from "./host/spawn-host.ts";
import { readStartOptions, StartFault, type StartOptions } from "./start-options.ts";
import { eventLine, startScreen } from "./start-screen.ts";
import type { ProductUrl } from "./sync-pictures.ts";

const APP_FOLDER = resolve(import.meta.dirname, "../..");

interface Part {
  close(): Promise<unknown>;
}

const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined;

// A port that is taken is the likeliest fault of all: named with the setting that changes it.
async function listening<T>(
  what: string,
  port: number,
  setting: string,
  start: () => Promise<T>,
): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const isTaken =
      codeOf(error) === "EADDRINUSE" ||
      (error instanceof Error && /EADDRINUSE|in use/.test(error.message));
    if (isTaken)
      throw new StartFault(
        `Port ${port} for ${what} is in use: free it, or set ${setting} to another.`,
      );
    throw error;
  }
}

async function startDrupal(
  options: StartOptions,
  parts: Part[],
  productUrl: ProductUrl,
): Promise<string> {
  const { settings, drupalPort: port, people } = options;
  if (!options.useDrupalSimulator) return (settings.DRUPAL_BASE_URL ?? "").replace(/\/$/, "");
  const log = (line: string) => console.error(line);
  const simulator = await listening("the Drupal simulator", port, "DRUPAL_PORT", () =>
    startDrupalSimulator({ port, people, log, productUrl }),
  );
  parts.push(simulator);
  return simulator.url;
}

// Only now is it known where the events go.
async function pointWebhooksAt(
  hostUrl: string,
  drupalUrl: string,
  options: StartOptions,
): Promise<void> {
  if (!options.useDrupalSimulator) return;
  const [secret = ""] = (options.settings.WEBHOOK_SECRETS ?? "").split(/[\s,]+/);
  const webhook = { url: `${hostUrl}/api/webhooks/drupal`, secret, formats: ["standard"] };
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ webhook });
  const answer = await fetch(`${drupalUrl}/_control`, { method: "PATCH", headers, body });
  if (!answer.ok)
    throw new Error(`the Drupal simulator refuses its webhook: ${await answer.text()}`);
}

async function startGraph(
  options: StartOptions,
  parts: Part[],
  productUrl: ProductUrl,
): Promise<string> {
  const { settings, graphPort: port, people } = options;
  if (!options.useGraphSimulator) return settings.GRAPH_BASE_URL ?? "https://graph.microsoft.com";
  const simulator = await listening("the Graph simulator", port, "GRAPH_PORT", () =>
    startGraphSimulator({ port, people, productUrl }),
  );
  parts.push(simulator);
  return simulator.url;
}

async function startStorage(options: StartOptions, parts: Part[]): Promise<string> {
  const directory = resolve(APP_FOLDER, options.dataFolder, "azurite");
  // The simulators begin anew each time: what was remembered of their users would be wrong.
  if (options.useDrupalSimulator || options.useGraphSimulator) {
    await rm(directory, { recursive: true, force: true });
  }
  const azurite = await startAzurite({ directory });
  parts.push(azurite);
  return azurite.connectionString;
}

async function start(parts: Part[]): Promise<void> {
  const startedAt = Date.now();
  const options = readStartOptions(process.argv.slice(2), process.env, APP_FOLDER);
  let hostUrl: string | undefined;
  const productUrl = () => hostUrl;
  console.log("Starting storage, Drupal, Entra and the Functions host …");
  const [storage, drupalUrl, graphUrl] = await Promise.all([
    startStorage(options, parts),
    startDrupal(options, parts, productUrl),
    startGraph(options, parts, productUrl),
  ]);
  const settings = {
    ...options.settings,
    AzureWebJobsStorage: storage,
    DRUPAL_BASE_URL: drupalUrl,
    GRAPH_BASE_URL: graphUrl,
  };
  const { functionsPort: port } = options;
  const host = await listening("the Functions host", port, "FUNCTIONS_PORT", () =>
    spawnHost({
      appDirectory: APP_FOLDER,
      port,
      settings,
      log: (event) => {
        const line = eventLine(event);
        if (line !== null) console.log(line);
      },
      output: (line) => console.log(line),
    }),
  );
  hostUrl = host.url;
  await pointWebhooksAt(host.url, drupalUrl, options);
  parts.unshift(host); // the host stops first, then what it speaks to
  host.process.once("exit", (code) => {
    if (stopping === null) void stop(parts, code ?? 1);
  });
  const {
    useDrupalSimulator: drupalIsSimulated,
    useGraphSimulator: graphIsSimulated,
    people,
  } = options;
  const places = { drupalUrl, drupalIsSimulated, graphUrl, graphIsSimulated, people };
  const dataFolder = join(options.dataFolder, "azurite");
  const startedInMs = Date.now() - startedAt;
  console.log(startScreen({ ...places, functionsUrl: host.url, dataFolder, startedInMs }));
}

let stopping: Promise<void> | null = null;

function stop(parts: readonly Part[], exitCode: number): Promise<void> {
  stopping ??= (async () => {
    for (const part of parts) await part.close().catch(() => undefined);
    process.exit(exitCode);
  })();
  return stopping;
}

const parts: Part[] = [];
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (stopping === null) console.log("\nStopping …");
    void stop(parts, 0);
  });
}
start(parts).catch(async (error: unknown) => {
  const isExpected =
    error instanceof StartFault || (error instanceof Error && error.name === "HostError");
  console.error(isExpected ? (error as Error).message : error);
  await stop(parts, 1);
});
