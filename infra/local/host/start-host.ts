// Starts a Functions host for one compiled app: loads it, checks it, and listens for HTTP, queues and timers.

import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { createAdminApi, manualQueueMetadata } from "./admin-api.ts";
import { applyAppSettings, resolveConnection } from "./app-settings.ts";
import { createClock } from "./clock.ts";
import { installCoreSeam } from "./core-seam.ts";
import { describeFunction, type FunctionDefinition, type Trigger } from "./describe-function.ts";
import { executeTimer } from "./execute-timer.ts";
import { HostError } from "./host-error.ts";
import { createReport, type FunctionSummary, type HostEvent } from "./host-events.ts";
import { readHostJson } from "./host-json.ts";
import { planRoutes, startHttpServer } from "./http-server.ts";
import { createInvoke, FunctionTimeoutError, type Invoke } from "./invoke.ts";
import type { HostKeys } from "./keys.ts";
import { loadApp } from "./load-app.ts";
import { poisonQueueName, startQueueListener } from "./queue-listener.ts";
import { triggerMetadataOf } from "./queue-message.ts";
import { createQueueOutputs } from "./queue-outputs.ts";
import { openSingletonLeases } from "./singleton-lease.ts";
import { openQueue } from "./storage-queue.ts";
import { startTimerListener, type TimerListener } from "./timer-listener.ts";
import { parseTimerSchedule } from "./timer-schedule.ts";
import { openTimerStatusStore } from "./timer-status-blob.ts";

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
}

/** A started host. */
export interface RunningHost {
  readonly url: string;
  readonly functions: readonly FunctionSummary[];
  /** Takes no more work, waits for what runs, runs the appTerminate hooks. */
  close(): Promise<void>;
}

const of =
  <K extends Trigger["kind"]>(kind: K) =>
  (
    definition: FunctionDefinition,
  ): definition is FunctionDefinition<Extract<Trigger, { kind: K }>> =>
    definition.trigger.kind === kind;

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
  const clock = createClock(options.now);

  const seam = installCoreSeam((level, category, message) =>
    report({ kind: "log", level, category, message }),
  );
  const app = await loadApp(appDirectory, seam);
  const definitions = seam.registrations.map(describeFunction);
  const routes = planRoutes(definitions.filter(of("http")));
  const timers = definitions.filter(of("timer")).map((definition) => ({
    definition,
    schedule: parseTimerSchedule(definition.trigger.schedule, `Function "${definition.name}"`),
  }));

  const running = new Set<Promise<unknown>>();
  const rawInvoke = createInvoke({ app, seam, report, timeoutMs: hostJson.functionTimeoutMs });
  const invoke: Invoke = (request) => {
    const work = rawInvoke(request)
      .catch((error: unknown) => {
        // The real host then restarts the worker process, whatever else runs in it.
        if (error instanceof FunctionTimeoutError)
          report({ kind: "fatal", message: `${error.message} The worker has to be restarted.` });
        throw error;
      })
      .finally(() => running.delete(work));
    running.add(work);
    return work;
  };
  const writeOutputs = createQueueOutputs(hostJson.queues.messageEncoding, (queueName) => {
    for (const listener of queueListeners) if (listener.queueName === queueName) listener.notify();
  });

  const executeMessage = (
    definition: FunctionDefinition,
    reason: string,
    body: string,
    triggerMetadata: ReturnType<typeof triggerMetadataOf>,
  ): Promise<unknown> =>
    invoke({
      definition,
      reason,
      input: { string: body },
      triggerMetadata,
      afterwards: (response) => writeOutputs(definition, response),
    });

  const timerListeners = new Map<string, TimerListener>();
  const aborted = new AbortController();
  const server = await startHttpServer({
    functions: routes,
    http: hostJson.http,
    keys: options.keys,
    streamPort: app.streamPort,
    invoke: (request) =>
      invoke({
        ...request,
        afterwards: (response) => writeOutputs(request.definition, response),
      }),
    admin: createAdminApi({
      hostId,
      keys: options.keys,
      report,
      runByHand: (name, input) => {
        const definition = definitions.find(
          (candidate) => candidate.name.toLowerCase() === name.toLowerCase(),
        );
        if (!definition) return undefined;
        if (of("queue")(definition)) {
          const metadata = manualQueueMetadata(input);
          return async () => void (await executeMessage(definition, "by hand", input, metadata));
        }
        const timer = timers.find((candidate) => candidate.definition === definition);
        if (!timer) return undefined;
        return async () => {
          const status = await timerListeners.get(definition.name)?.status();
          await executeTimer({
            ...timer,
            run: { status, isPastDue: false },
            reason: "by hand",
            invoke,
            writeOutputs,
            signal: aborted.signal,
          });
        };
      },
    }),
    report,
    hostname: options.hostname ?? "127.0.0.1",
    port: options.port,
  });

  const queueListeners = definitions
    .filter(of("queue"))
    .filter(({ disabled }) => !disabled)
    .map((definition) => {
      const { queueName, connectionString } = definition.trigger;
      const poison = poisonQueueName(queueName);
      return startQueueListener({
        functionName: definition.name,
        queue: openQueue(connectionString, queueName),
        poisonQueue: poison === undefined ? undefined : openQueue(connectionString, poison),
        settings: hostJson.queues,
        leaseMs: options.queueLeaseMs ?? 600_000,
        report,
        execute: async (message, body) => {
          const reason = `message on ${queueName}, attempt ${message.dequeueCount}`;
          await executeMessage(definition, reason, body, triggerMetadataOf(message, body));
        },
      });
    });

  const activeTimers = timers.filter(({ definition }) => !definition.disabled);
  if (activeTimers.length > 0) {
    const storage = resolveConnection(undefined, "Timers");
    const store = openTimerStatusStore(storage, hostId);
    const takeLease = openSingletonLeases(storage, hostId);
    for (const { definition, schedule } of activeTimers) {
      const monitored = definition.trigger.useMonitor && schedule.canBeMonitored;
      const listener = startTimerListener({
        functionName: definition.name,
        schedule,
        runOnStartup: definition.trigger.runOnStartup,
        store: monitored ? store : undefined,
        takeLease,
        recoveryMs: options.timerRecoveryMs ?? 60_000,
        clock,
        report,
        execute: (run, signal) =>
          executeTimer({
            definition,
            schedule,
            run,
            reason: run.isPastDue ? "timer, past due" : "timer",
            invoke,
            writeOutputs,
            signal,
          }),
      });
      timerListeners.set(definition.name, listener);
    }
  }

  const url = `http://${options.hostname ?? "127.0.0.1"}:${server.port}`;
  const functions = definitions.map((definition) =>
    summaryOf(definition, `${url}/${hostJson.http.routePrefix}`),
  );
  report({ kind: "ready", url, functions });

  let closing: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    aborted.abort();
    await Promise.all([
      server.close(),
      ...queueListeners.map((listener) => listener.stop()),
      ...[...timerListeners.values()].map((listener) => listener.stop()),
    ]);
    await Promise.allSettled(running);
    await seam.runHooks("appTerminate", { hookData: {}, appHookData: app.appHookData });
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
