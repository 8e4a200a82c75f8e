// What `npm start` was asked for: flags, environment, and the settings that decide between a real system and its stand-in.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";

/** A fault of the start's own settings, said in one line. */
export class StartFault extends Error {}

export interface StartOptions {
  readonly functionsPort: number;
  readonly drupalPort: number;
  readonly graphPort: number;
  /** Folder of all local data. */
  readonly dataFolder: string;
  /** How many people both simulators begin with. */
  readonly people: number;
  /** App settings for the host: local.settings.json, or the sample where there is none. */
  readonly settings: Readonly<Record<string, string>>;
  readonly useDrupalSimulator: boolean;
  readonly useGraphSimulator: boolean;
}

const port = (name: string, fallback: number) =>
  z.coerce
    .number(`${name} must be a port number`)
    .int(`${name} must be a port number`)
    .min(0, `${name} must be between 0 and 65535`)
    .max(65535, `${name} must be between 0 and 65535`)
    .default(fallback);

const DRUPAL_DEFAULT_PORT = 8088;
const GRAPH_DEFAULT_PORT = 8089;

const environment = z.object({
  FUNCTIONS_PORT: port("FUNCTIONS_PORT", 7071),
  DRUPAL_PORT: port("DRUPAL_PORT", DRUPAL_DEFAULT_PORT),
  GRAPH_PORT: port("GRAPH_PORT", GRAPH_DEFAULT_PORT),
  LOCAL_DATA: z.string().min(1).default(".local"),
});

// The schedules that functions name as `%SETTING%`: without a value the host would not start them. A settings file of an
// earlier release knows none of them.
const SCHEDULES = {
  DRUPAL_TO_ENTRA_SCHEDULE: "0 */5 * * * *",
  ENTRA_TO_DRUPAL_SCHEDULE: "30 */5 * * * *",
  PHOTO_SCHEDULE: "15 */15 * * * *",
  RETENTION_SCHEDULE: "0 30 3 * * *",
};

const settingsFile = z.object({ Values: z.record(z.string(), z.string()) });
const MAX_PEOPLE = 100_000;

function readFlags(argv: readonly string[]): { readonly people: number } {
  let values: { empty?: boolean; users?: string };
  try {
    const options = { empty: { type: "boolean" }, users: { type: "string" } } as const;
    ({ values } = parseArgs({ args: [...argv], options }));
  } catch {
    throw new StartFault("Usage: npm start -- [--empty | --users N]");
  }
  if (values.empty) return { people: 0 };
  const people = Number(values.users ?? 50);
  if (Number.isInteger(people) && people >= 0 && people <= MAX_PEOPLE) return { people };
  throw new StartFault(`--users takes a whole number from 0 to ${MAX_PEOPLE}`);
}

function readSettings(appFolder: string): Record<string, string> {
  const own = join(appFolder, "local.settings.json");
  const file = existsSync(own) ? own : join(appFolder, "local.settings.sample.json");
  try {
    const given = settingsFile.parse(JSON.parse(readFileSync(file, "utf8"))).Values;
    return { ...SCHEDULES, ...given };
  } catch {
    throw new StartFault(`${file} is not a settings file: it needs an object "Values" of texts`);
  }
}

// The sample names the simulators at their usual ports; any other address is a real system, also on loopback.
function isOwnSimulator(address: string | undefined, ports: readonly number[]): boolean {
  if (address === undefined || address === "") return true;
  const url = URL.parse(address);
  return (
    url !== null &&
    ["127.0.0.1", "localhost"].includes(url.hostname) &&
    ports.includes(Number(url.port))
  );
}

/** Reads flags and environment. StartFault says what is wrong in one line. */
export function readStartOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  appFolder: string,
): StartOptions {
  const { people } = readFlags(argv);
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = environment.safeParse(given);
  if (!parsed.success)
    throw new StartFault(parsed.error.issues[0]?.message ?? "a setting is not valid");
  const { FUNCTIONS_PORT, DRUPAL_PORT, GRAPH_PORT, LOCAL_DATA } = parsed.data;
  const settings = readSettings(appFolder);
  const { GRAPH_BASE_URL: graph, ENTRA_TENANT_ID: tenant } = settings;
  return {
    functionsPort: FUNCTIONS_PORT,
    drupalPort: DRUPAL_PORT,
    graphPort: GRAPH_PORT,
    dataFolder: LOCAL_DATA,
    people,
    settings,
    useDrupalSimulator: isOwnSimulator(settings.DRUPAL_BASE_URL, [
      DRUPAL_PORT,
      DRUPAL_DEFAULT_PORT,
    ]),
    useGraphSimulator:
      (graph !== undefined || tenant === undefined) &&
      isOwnSimulator(graph, [GRAPH_PORT, GRAPH_DEFAULT_PORT]),
  };
}
