// The host as a process of its own: one line per event, a graceful end on SIGINT, SIGTERM or a lost parent.

import { parseArgs } from "node:util";
import { z } from "zod";
import { formatEvent } from "./format-event.ts";
import { describeIssues, HostError, messageOf } from "./host-error.ts";
import type { HostEvent } from "./host-events.ts";
import { type HostOptions, startHost } from "./start-host.ts";

const USAGE =
  "usage: main.ts --app <directory> [--port 7071] [--hostname 127.0.0.1] [--settings-file <file>]\n" +
  "       [--log text|json] [--queue-lease-ms 600000] [--timer-recovery-ms 60000]\n" +
  "       [--shutdown-ms 30000]\n" +
  'Keys are checked when HOST_KEYS is set: {"master":"…","host":["…"],"functions":{"name":["…"]}}';

const Flags = z.strictObject({
  app: z.string(USAGE),
  port: z.coerce.number().int().min(0).max(65535).default(7071),
  hostname: z.string().default("127.0.0.1"),
  "settings-file": z.string().optional(),
  log: z.enum(["text", "json"]).default("text"),
  "queue-lease-ms": z.coerce.number().int().min(1000).optional(),
  "timer-recovery-ms": z.coerce.number().int().min(1).optional(),
  "shutdown-ms": z.coerce.number().int().min(1).optional(),
});

const Keys = z.strictObject({
  master: z.string().min(1),
  host: z.array(z.string().min(1)).default([]),
  functions: z.record(z.string(), z.array(z.string().min(1))).default({}),
});

function readFlags(): z.output<typeof Flags> {
  const text = { type: "string" } as const;
  try {
    const { values } = parseArgs({
      options: {
        app: text,
        port: text,
        hostname: text,
        "settings-file": text,
        log: text,
        "queue-lease-ms": text,
        "timer-recovery-ms": text,
        "shutdown-ms": text,
      },
    });
    return Flags.parse(values);
  } catch (error) {
    throw new HostError(
      error instanceof z.ZodError ? describeIssues(error.issues) : messageOf(error),
    );
  }
}

function readKeys(): Pick<HostOptions, "keys"> {
  const text = process.env.HOST_KEYS;
  // The app must not see the keys of its host.
  delete process.env.HOST_KEYS;
  if (text === undefined) return {};
  try {
    return { keys: Keys.parse(JSON.parse(text)) };
  } catch {
    throw new HostError("HOST_KEYS is not valid.");
  }
}

async function main(): Promise<void> {
  const flags = readFlags();
  const log = (event: HostEvent): void => {
    const line = flags.log === "json" ? JSON.stringify(event) : formatEvent(event);
    if (line !== undefined) process.stdout.write(`${line}\n`);
    // A timed-out function still runs in this process; as on Azure the process is given up.
    if (event.kind === "fatal") setTimeout(() => process.exit(1), 500);
  };
  const host = await startHost({
    appDirectory: flags.app,
    port: flags.port,
    hostname: flags.hostname,
    log,
    ...readKeys(),
    ...(flags["settings-file"] === undefined ? {} : { settingsFile: flags["settings-file"] }),
    ...(flags["queue-lease-ms"] === undefined ? {} : { queueLeaseMs: flags["queue-lease-ms"] }),
    ...(flags["timer-recovery-ms"] === undefined
      ? {}
      : { timerRecoveryMs: flags["timer-recovery-ms"] }),
    ...(flags["shutdown-ms"] === undefined ? {} : { shutdownMs: flags["shutdown-ms"] }),
  });
  process.stdout.write(`Host ready on ${host.url}\n`);

  let asked = false;
  const stop = (): void => {
    // A second request does not wait.
    if (asked) process.exit(130);
    asked = true;
    host.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${messageOf(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  if (process.channel) {
    process.once("disconnect", stop);
    process.channel.unref();
  }
}

main().catch((error: unknown) => {
  const unexpected = error instanceof Error && !(error instanceof HostError) && error.stack;
  process.stderr.write(`${unexpected || messageOf(error)}\n`);
  process.exit(1);
});
