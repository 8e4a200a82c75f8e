// Starts hosts as child processes: several can share one storage, and one can be killed like a crash.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { HostError } from "./host-error.ts";
import type { HostEvent } from "./host-events.ts";
import type { HostKeys } from "./keys.ts";

/** How to start a host process. */
export interface SpawnOptions {
  readonly appDirectory: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** The environment of the process, on top of this one's. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly settingsFile?: string;
  readonly keys?: HostKeys;
  readonly queueLeaseMs?: number;
  readonly timerRecoveryMs?: number;
  readonly shutdownMs?: number;
  readonly log?: (event: HostEvent) => void;
  /** Lines that the app wrote itself. */
  readonly output?: (line: string) => void;
}

/** A host in a process of its own. */
export interface SpawnedHost {
  readonly url: string;
  readonly process: ChildProcess;
  /** All events so far. */
  readonly events: readonly HostEvent[];
  /** Ends gracefully and tells the exit code. */
  close(): Promise<number | null>;
  /** Ends like a crash. */
  kill(): Promise<void>;
}

const Event = z.custom<HostEvent>(
  (value) => z.object({ kind: z.string(), at: z.string() }).safeParse(value).success,
);

/** Starts a host process and waits until it is ready; rejects with its error lines when it stops instead. */
export async function spawnHost(options: SpawnOptions): Promise<SpawnedHost> {
  const flag = (name: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [`--${name}`, String(value)];
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL("./main.ts", import.meta.url)),
      ...flag("app", options.appDirectory),
      ...flag("port", options.port ?? 0),
      ...flag("log", "json"),
      ...flag("settings-file", options.settingsFile),
      ...flag("queue-lease-ms", options.queueLeaseMs),
      ...flag("timer-recovery-ms", options.timerRecoveryMs),
      ...flag("shutdown-ms", options.shutdownMs),
    ],
    {
      // The channel carries nothing: its end tells the host that its parent is gone.
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        ...process.env,
        ...options.settings,
        ...(options.keys ? { HOST_KEYS: JSON.stringify(options.keys) } : {}),
      },
    },
  );
  const events: HostEvent[] = [];
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
    options.output?.(text.trimEnd());
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once("close", (code) =>
      reject(new HostError(errors.trim() || `The host ended with code ${code}.`)),
    );
    child.once("error", reject);
    onLines(child, (line) => {
      const event = readEvent(line);
      if (event) {
        events.push(event);
        options.log?.(event);
        if (event.kind === "ready") resolve(event.url);
      } else if (!line.startsWith("Host ready on ")) options.output?.(line);
    });
  });
  return {
    url,
    process: child,
    events,
    close: async () => {
      if (child.exitCode === null) child.kill("SIGTERM");
      return exited;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function onLines(child: ChildProcess, take: (line: string) => void): void {
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  });
}

function readEvent(line: string): HostEvent | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return Event.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
