// Asks site.php, in a PHP process of its own: what a test needs beside the doors of the site.
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { WEBHOOK_SECRET } from "../e2e/site-under-test.ts";

const SCRIPT = resolve(import.meta.dirname, "site.php");

/** For every process of PHP: the module's secret, and mail that goes nowhere. */
export const PHP_ENVIRONMENT = { ...process.env, ENTRA_USER_SYNC_SECRETS: WEBHOOK_SECRET };
/** Flags of every process of PHP. */
export const PHP_FLAGS = ["-d", "sendmail_path=/bin/true", "-d", "memory_limit=512M"];

/** Runs a command of site.php; rejects with what PHP wrote to its error stream when it fails. */
export async function callSite(docroot: string, command: string, input: object = {}) {
  const child = spawn("php", [...PHP_FLAGS, SCRIPT, docroot, command, JSON.stringify(input)], {
    env: PHP_ENVIRONMENT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const code = await new Promise<number | null>((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  });
  if (code !== 0) throw new Error(`${command}: ${errors.trim() || output.trim()}`);
  const answer: unknown = JSON.parse(output);
  return answer;
}
