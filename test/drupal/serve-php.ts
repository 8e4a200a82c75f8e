// PHP's own server on a free port, with several workers: it ends with whoever started it, however that ends.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { PHP_ENVIRONMENT, PHP_FLAGS } from "./call-site.ts";

const WORKERS = "4";
const START_MS = 20_000;

/**
 * `php -S` forks its workers and does not notice that its parent is gone. So a shell leads a process group of its own,
 * and ends the group once its standard input, which the parent holds, is closed, or PHP itself has ended.
 */
const WITH_PARENT =
  'exec 3<&0; php "$@" </dev/null & php=$!; { cat <&3 >/dev/null; kill -KILL -$$; } & wait $php; exit $?';

/** A running server. */
export interface PhpServer {
  readonly port: number;
  /** Ends all workers at once, in the middle of whatever they do. May be called twice. */
  kill(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("no free port");
  return address.port;
}

async function isListening(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/core/misc/drupal.js`).catch(() => null);
  await response?.arrayBuffer();
  return response !== null;
}

/** Serves a docroot, and waits until it is listened to; rejects when PHP ends instead. */
export async function servePhp(docroot: string): Promise<PhpServer> {
  const port = await freePort();
  const router = join(docroot, ".ht.router.php");
  const php = [...PHP_FLAGS, "-S", `127.0.0.1:${port}`, "-t", docroot, router];
  const child = spawn("sh", ["-c", WITH_PARENT, "sh", ...php], {
    cwd: docroot,
    env: { ...PHP_ENVIRONMENT, PHP_CLI_SERVER_WORKERS: WORKERS },
    stdio: ["pipe", "ignore", "pipe"],
    detached: true,
  });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    words = `${words}${text}`.slice(-4000);
  });
  const ended = once(child, "exit");
  const kill = async () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
    await ended;
  };
  const end = Date.now() + START_MS;
  while (!(await isListening(port))) {
    if (child.exitCode !== null || Date.now() > end) {
      await kill();
      throw new Error(`php -S did not start: ${words.trim()}`);
    }
    await new Promise((later) => setTimeout(later, 50));
  }
  return { port, kill };
}
