// Starts Azurite, the storage emulator, as a child process with its own ports and data folder.

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";

/** Ports of the three services; 0 takes a free one. */
export interface AzuritePorts {
  readonly blob: number;
  readonly queue: number;
  readonly table: number;
}

/** A running Azurite. */
export interface Azurite {
  /** With explicit endpoints, for `AzureWebJobsStorage`. */
  readonly connectionString: string;
  readonly ports: AzuritePorts;
  /** Saves to disk and stops. Never kill Azurite otherwise: it saves only every few seconds. */
  close(): Promise<void>;
}

// The account that every emulator has; its key is public (Azurite README, "Default Storage Account").
const ACCOUNT = "devstoreaccount1";
const ACCOUNT_KEY =
  "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

// Azurite itself outlives a parent that is killed, and then holds its ports. With this it saves and stops.
const END_WITH_PARENT =
  "data:text/javascript,process.once('disconnect',()=>process.kill(process.pid,'SIGTERM'))";

const SERVICES = ["blob", "queue", "table"] as const;
const START_MS = 30_000;

/** Starts Azurite and waits until all three services listen. */
export async function startAzurite(options: {
  /** The data folder, made when missing. */
  readonly directory: string;
  readonly ports?: AzuritePorts;
  /** Keeps nothing on disk. */
  readonly inMemory?: boolean;
}): Promise<Azurite> {
  await mkdir(options.directory, { recursive: true });
  const wanted = options.ports ?? { blob: 0, queue: 0, table: 0 };
  const child = spawn(
    process.execPath,
    [
      `--import=${END_WITH_PARENT}`,
      azuriteFile(),
      // Today's SDKs send a newer x-ms-version than Azurite knows.
      "--skipApiVersionCheck",
      "--silent",
      "--disableTelemetry",
      ...(options.inMemory ? ["--inMemoryPersistence"] : ["--location", options.directory]),
      ...SERVICES.flatMap((name) => [
        `--${name}Host`,
        "127.0.0.1",
        `--${name}Port`,
        String(wanted[name]),
      ]),
    ],
    { cwd: options.directory, stdio: ["ignore", "pipe", "pipe", "ipc"] },
  );
  // Not "close": that does not come for a child whose channel was closed here.
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const close = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    await exited;
  };
  try {
    const ports = await portsOf(child, wanted);
    return { ports, connectionString: connectionStringOf(ports), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Reads the ports from the lines that Azurite prints when a service listens. */
function portsOf(child: ChildProcess, wanted: AzuritePorts): Promise<AzuritePorts> {
  return new Promise((resolve, reject) => {
    const found = new Map<string, number>();
    let text = "";
    const fail = (message: string): void => {
      clearTimeout(timer);
      reject(new Error(message));
    };
    const timer = setTimeout(() => fail(`Azurite did not start within ${START_MS} ms.`), START_MS);
    const read = (chunk: unknown): void => {
      text += String(chunk);
      const used = /EADDRINUSE[^\n]*?:(\d+)/.exec(text);
      if (used) fail(portInUse(Number(used[1]), wanted));
      for (const [, name = "", port] of text.matchAll(
        /Azurite (Blob|Queue|Table) service is successfully listening at \S+:(\d+)\s/g,
      ))
        found.set(name.toLowerCase(), Number(port));
      const [blob, queue, table] = SERVICES.map((name) => found.get(name));
      if (blob && queue && table) {
        clearTimeout(timer);
        resolve({ blob, queue, table });
      }
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", (error) => fail(`Azurite cannot be started: ${error.message}`));
    child.once("close", () => fail(`Azurite stopped: ${text.trim().split("\n").at(-1) ?? ""}`));
  });
}

function portInUse(port: number, wanted: AzuritePorts): string {
  const service = SERVICES.find((name) => wanted[name] === port) ?? "storage";
  return `Port ${port} for the ${service} service of Azurite is in use.`;
}

function connectionStringOf(ports: AzuritePorts): string {
  const endpoint = (port: number): string => `http://127.0.0.1:${port}/${ACCOUNT}`;
  return [
    "DefaultEndpointsProtocol=http",
    `AccountName=${ACCOUNT}`,
    `AccountKey=${ACCOUNT_KEY}`,
    `BlobEndpoint=${endpoint(ports.blob)}`,
    `QueueEndpoint=${endpoint(ports.queue)}`,
    `TableEndpoint=${endpoint(ports.table)}`,
    "",
  ].join(";");
}

function azuriteFile(): string {
  const file = createRequire(import.meta.url).resolve("azurite/package.json");
  const { bin } = z
    .object({ bin: z.object({ azurite: z.string() }) })
    .parse(JSON.parse(readFileSync(file, "utf8")));
  return join(dirname(file), bin.azurite);
}
