// Programs of PHP that the machine has. There may be none: then what needs them is skipped, and says so.
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

/** The folder of the module. */
export const MODULE = resolve(import.meta.dirname, "../../../infra/drupal/entra_user_sync");

/** Runs a program in the module's folder; null where the machine does not have it. */
export function runIn(program: string, args: readonly string[], input = "") {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd: MODULE,
    encoding: "utf8",
    input,
    maxBuffer: 50_000_000,
  });
  return error === undefined ? { status, output: `${stdout}${stderr}` } : null;
}

const has = (program: string): boolean => {
  const isThere = runIn(program, ["--version"]) !== null;
  if (!isThere) console.warn(`SKIPPED: what needs ${program}, which this machine does not have.`);
  return isThere;
};

/** Which of them are there. */
export const HAS = { php: has("php"), phpunit: has("phpunit") };
