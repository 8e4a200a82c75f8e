// npm run test:drupal -- <docroot>: the whole product against a real Drupal, a site that may be thrown away.
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const MODULE = join(ROOT, "infra/drupal/entra_user_sync");

/** Runs a program in the foreground; the process ends with its code when it fails. */
function run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): void {
  const { status, error } = spawnSync(program, args, {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  if (error !== undefined) stop(`${program} cannot be run: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function stop(why: string): never {
  console.error(why);
  process.exit(1);
}

/** The site must find this very module, and not a copy that is older. */
function linkModule(docroot: string): void {
  const place = join(docroot, "modules/custom/entra_user_sync");
  const isThere = lstatSync(place, { throwIfNoEntry: false }) !== undefined;
  if (isThere && realpathSync(place) !== realpathSync(MODULE))
    stop(`${place} is another module than this repository's: take it away first.`);
  if (isThere) return;
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(MODULE, place, "dir");
}

const [given, ...more] = process.argv.slice(2);
if (given === undefined) {
  console.log(
    "The tests against a real Drupal were not run: they need the docroot of a throw-away site (npm run test:drupal -- /path/to/web).",
  );
  process.exit(0);
}
const docroot = resolve(process.env.INIT_CWD ?? process.cwd(), given);
for (const file of ["core/lib/Drupal.php", "autoload.php", ".ht.router.php"])
  if (!existsSync(join(docroot, file)))
    stop(`${docroot} is no docroot of an installed Drupal: ${file} is missing.`);
linkModule(docroot);
run("npm", ["run", "--silent", "build"]);
run(
  process.execPath,
  [
    join(ROOT, "node_modules/vitest/vitest.mjs"),
    "run",
    "--config",
    join(import.meta.dirname, "vitest.config.ts"),
    ...more,
  ],
  { DRUPAL_DOCROOT: docroot },
);
