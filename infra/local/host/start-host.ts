// Starts a Functions host for one compiled app: loads it, checks it, and listens for HTTP, queues and timers.

import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { createAdminApi } from "./admin-api.ts";
import { applyAppSettings } from "./app-settings.ts";
import { createClock } from "./clock.ts";
import { installCoreSeam } from "./core-seam.ts";
import { describeFunction, type FunctionDefinition, hasTrigger } from "./describe-function.ts";
import { HostError } from "./host-error.ts";
import { createReport, type FunctionSummary, type HostEvent } from "./host-events.ts";
import { readHostJson } from "./host-json.ts";
import { planRoutes, startHttpServer } from "./http-server.ts";
import { createInvoke, FunctionTimeoutError, type Invoke } from "./invoke.ts";
import type { HostKeys } from "./keys.ts";
import { loadApp } from "./load-app.ts";
import { createQueueOutputs } from "./queue-outputs.ts";
import { manualMetadata, runQueues } from "./run-queues.ts";
import { planTimer, runTimers } from "./run-timers.ts";
import { SHUTDOWN_MS, withinShutdown } from "./within-shutdown.ts";

/** How to start the host. */
export interface HostOptions {
  /** The directory with package.json, host.json and the compiled files. */
  readonly appDirectory: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly hostname?: string;
  /** App settings that go before the environment and replace local.settings.json. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where local.settings.json is, when not in the app directory. */
  readonly settingsFile?: string;
  /** Checks keys as Azure does. Without it every call passes, as under Core Tools. */
  readonly keys?: HostKeys;
  /** The time of timers, for tests. */
  readonly now?: () => Date;
  readonly log?: (event: HostEvent) => void;
  /** How long a received queue message stays invisible: 10 minutes in the real host, fixed. */
  readonly queueLeaseMs?: number;
  /** How often a host tries to take over the timers of another: 1 minute in the real host. */
  readonly timerRecoveryMs?: number;
  /** How long the end of the host waits for what runs: 30 s in the real host. */
  readonly shutdownMs?: number;
}

/** A started host. */
export interface RunningHost {
  readonly url: string;
  readonly functions: readonly FunctionSummary[];
  /** Takes no more work, waits for what runs (not for ever), runs the appTerminate hooks. */
  close(): Promise<void>;
}

let started = false;

/**
 * Starts the host. One per process, for the library keeps its registrations per process; more hosts are
 * more processes, see spawn-host.ts. Rejects with a HostError when the app holds something not modelled.
 */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  if (started) throw new HostError("A process can run one Functions host: start another process.");
  started = true;
  const appDirectory = resolve(options.appDirectory);
  const report = createReport(options.log);
  applyAppSettings(
    options.settingsFile ?? join(appDirectory, "local.settings.json"),
    options.settings,
  );
  const hostJson = readHostJson(join(appDirectory, "host.json"));
  const hostId = hostIdOf(appDirectory);

  const seam = installCoreSeam((level, category, message) =>
    report({ kind: "log", level, category, message }),
  );
  const app = await loadApp(appDirectory, seam);
  const definitions = seam.registrations.map(describeFunction);
  const routes = planRoutes(definitions.filter(hasTrigger("http")));
  const timerFunctions = definitions.filter(hasTrigger("timer")).map(planTimer);

  const running = new Map<Promise<unknown>, string>();
  const invokeBare = createInvoke({ app, seam, report, timeoutMs: hostJson.functionTimeoutMs });
  const writeOutputs = createQueueOutputs(hostJson.queues.messageEncoding, (queueName) =>
    queues.notify(queueName),
  );
  const invoke: Invoke = (request) => {
    const { definition } = request;
    const work = invokeBare({
      ...request,
      afterwards: (response) => writeOutputs(definition, response),
    })
      .catch((error: unknown) => {
        // The real host then restarts the worker process, whatever else runs in it.
        if (error instanceof FunctionTimeoutError)
          report({ kind: "fatal", message: `${error.message} The worker has to be restarted.` });
        throw error;
      })
      .finally(() => running.delete(work));
    running.set(work, definition.name);
    return work;
  };

  const runByHand = (name: string, input: string): (() => Promise<unknown>) | undefined => {
    const sameName = (definition: FunctionDefinition): boolean =>
      definition.name.toLowerCase() === name.toLowerCase();
    const timer = timerFunctions.find(({ definition }) => sameName(definition));
    if (timer) return () => timers.runByHand(timer);
    const definition = definitions.filter(hasTrigger("queue")).find(sameName);
    if (!definition) return undefined;
    const triggerMetadata = manualMetadata(input);
    return () =>
      invoke({ definition, reason: "by hand", input: { string: input }, triggerMetadata });
  };

  const server = await startHttpServer({
    functions: routes,
    http: hostJson.http,
    keys: options.keys,
    streamPort: app.streamPort,
    invoke,
    admin: createAdminApi({ hostId, keys: options.keys, report, runByHand }),
    report,
    hostname: options.hostname ?? "127.0.0.1",
    port: options.port,
  });
  const queues = runQueues({
    functions: definitions.filter(hasTrigger("queue")),
    settings: hostJson.queues,
    leaseMs: options.queueLeaseMs ?? 600_000,
    invoke,
    report,
  });
  const timers = runTimers({
    timers: timerFunctions,
    hostId,
    recoveryMs: options.timerRecoveryMs ?? 60_000,
    clock: createClock(options.now),
    invoke,
    report,
  });

  const url = `http://${options.hostname ?? "127.0.0.1"}:${server.port}`;
  const functions = definitions.map((definition) =>
    summaryOf(definition, `${url}/${hostJson.http.routePrefix}`),
  );
  report({ kind: "ready", url, functions });

  let closing: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    const stopped = Promise.all([server.close(), queues.stop(), timers.stop()]);
    const isDone = await withinShutdown(
      stopped.then(() => Promise.allSettled(running.keys())),
      { ms: options.shutdownMs ?? SHUTDOWN_MS, unfinished: () => [...running.values()], report },
    );
    if (!isDone) server.breakOff();
    const hooks = seam.runHooks("appTerminate", { hookData: {}, appHookData: app.appHookData });
    const unfinished = () => ["a hook of appTerminate"];
    await withinShutdown(hooks, { ms: options.shutdownMs ?? SHUTDOWN_MS, unfinished, report });
    app.closeStreamServer();
    report({ kind: "stopped" });
  };
  return {
    url,
    functions,
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
}

// All hosts of one app share it, for they share its timers. On Azure it comes from the site's name.
function hostIdOf(appDirectory: string): string {
  const explicit = process.env.AzureFunctionsWebHost__hostid;
  if (explicit) return explicit;
  return `local-${createHash("sha256").update(appDirectory).digest("hex").slice(0, 16)}`;
}

function summaryOf({ name, trigger, disabled }: FunctionDefinition, base: string): FunctionSummary {
  const source = {
    http: () =>
      trigger.kind === "http"
        ? `${trigger.methods.join(",")} ${base.replace(/\/$/, "")}/${trigger.route}`
        : "",
    queue: () => (trigger.kind === "queue" ? trigger.queueName : ""),
    timer: () => (trigger.kind === "timer" ? trigger.schedule : ""),
  }[trigger.kind]();
  return { name, trigger: trigger.kind, source, disabled };
}
