// What the host tells about itself: one value per event, for log lines and for tests.

/** The log levels of the Functions worker protocol (RpcLog.Level). */
export type LogLevel = "trace" | "debug" | "information" | "warning" | "error" | "critical";

/** One function of the app, as shown when the host is ready. */
export interface FunctionSummary {
  readonly name: string;
  readonly trigger: "http" | "queue" | "timer";
  /** The URL with its methods, the queue name, or the schedule. */
  readonly source: string;
  readonly disabled: boolean;
}

/** One event of the host. `at` is an ISO 8601 time. */
export type HostEvent =
  | {
      readonly kind: "ready";
      readonly at: string;
      readonly url: string;
      readonly functions: readonly FunctionSummary[];
    }
  | {
      readonly kind: "start";
      readonly at: string;
      readonly function: string;
      readonly invocationId: string;
      readonly reason: string;
    }
  | {
      readonly kind: "end";
      readonly at: string;
      readonly function: string;
      readonly invocationId: string;
      readonly durationMs: number;
      readonly success: boolean;
      readonly error?: string;
    }
  | {
      readonly kind: "log";
      readonly at: string;
      readonly level: LogLevel;
      readonly category: "user" | "system" | "host";
      readonly message: string;
      readonly function?: string;
      readonly invocationId?: string;
    }
  | { readonly kind: "fatal"; readonly at: string; readonly message: string }
  | { readonly kind: "stopped"; readonly at: string };

type WithoutTime<T> = T extends unknown ? Omit<T, "at"> : never;

/** Reports an event; the time is added here. */
export type Report = (event: WithoutTime<HostEvent>) => void;

/** Adds the time of the wall clock to each event; a throwing listener never disturbs the host. */
export function createReport(listener: ((event: HostEvent) => void) | undefined): Report {
  return (event) => {
    try {
      listener?.({ ...event, at: new Date().toISOString() });
    } catch {
      // A log listener must not change what is logged.
    }
  };
}

/** Says one thing about the host itself. */
export function reportHost(report: Report, level: LogLevel, message: string): void {
  report({ kind: "log", level, category: "host", message });
}
