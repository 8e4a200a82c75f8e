// The end of a host waits for what runs, and not for ever: an invocation that never ends is given up. The real host is a .NET host,
// whose HostOptions.ShutdownTimeout is 30 s; after that its process is ended, whatever still runs in it.
import { type Report, reportHost } from "./host-events.ts";

/** How long the real host waits. */
export const SHUTDOWN_MS = 30_000;

/** Waits until all has stopped, for at most `ms`. `unfinished` names what still runs then, for the line that says so. Answers whether it
 * came to its end. */
export async function withinShutdown(
  stopped: Promise<unknown>,
  {
    ms,
    unfinished,
    report,
  }: {
    readonly ms: number;
    readonly unfinished: () => readonly string[];
    readonly report: Report;
  },
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const isDone = await Promise.race([stopped.then(() => true), late]).finally(() =>
    clearTimeout(timer),
  );
  if (isDone) return true;
  // Whatever comes of it later is nobody's business any more.
  stopped.catch(() => undefined);
  const names = unfinished();
  const what = names.length === 0 ? "something of the host itself" : names.join(", ");
  reportHost(
    report,
    "error",
    `GIVEN UP: the host was to stop ${ms / 1000} s ago, and this still runs: ${what}. It ends here, in the middle of its work.`,
  );
  return false;
}
