// What a person sees of `npm start`: what runs where, and one line for each thing that happens.
import { z } from "zod";
import type { HostEvent, LogLevel } from "./host/host-events.ts";

const useColour = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
const paint = (code: number) => (text: string) =>
  useColour ? `\u001b[${code}m${text}\u001b[0m` : text;
const bold = paint(1);
const dim = paint(2);
const red = paint(31);
const green = paint(32);
const yellow = paint(33);
const cyan = paint(36);

/** Where everything is; null stands for a real system. */
export interface Places {
  readonly functionsUrl: string;
  readonly drupalUrl: string;
  readonly drupalIsSimulated: boolean;
  readonly graphUrl: string;
  readonly graphIsSimulated: boolean;
  readonly people: number;
  readonly dataFolder: string;
  readonly startedInMs: number;
}

/** The start screen; its last line begins with `Ready:`. */
export function startScreen(places: Places): string {
  const row = (name: string, url: string, what: string) =>
    `  ${bold(name.padEnd(10))} ${cyan(url.padEnd(42))} ${dim(what)}`;
  const { functionsUrl, drupalUrl, graphUrl, people } = places;
  const seeded = people === 0 ? "empty" : `${people} people`;
  return [
    "",
    bold("  Drupal and Microsoft Entra ID, in step"),
    "",
    row(
      "Dashboard",
      `${functionsUrl}/api/dashboard`,
      "how it stands, what was done and why; approve, map, explain",
    ),
    row(
      "Drupal",
      `${drupalUrl}/`,
      places.drupalIsSimulated
        ? `simulator, ${seeded}: add, edit, block, delete here`
        : "your own site",
    ),
    row(
      "Entra",
      `${graphUrl}/`,
      places.graphIsSimulated
        ? `simulator, ${seeded}: watch it follow, or edit here and provision`
        : "your own tenant",
    ),
    row(
      "Provision",
      `${functionsUrl}/api/provision`,
      'POST {"system":"entra","id":"…"}: one user, now',
    ),
    row(
      "Contract",
      `${functionsUrl}/api/openapi.json`,
      "all that the dashboard does, as OpenAPI 3.1",
    ),
    row("Webhook", `${functionsUrl}/api/webhooks/drupal`, "where Drupal sends its events"),
    "",
    dim(
      `  Data in ${places.dataFolder}. Ctrl-C stops everything. This is a stand-in host: README, "On Azure".`,
    ),
    `${green("Ready:")} edit someone at ${drupalUrl}/, and watch ${functionsUrl}/api/dashboard (${(places.startedInMs / 1000).toFixed(1)} s to start)`,
  ].join("\n");
}

const clock = (at: string): string => dim(new Date(at).toLocaleTimeString("en-GB"));

const told = z.looseObject({
  event: z.string(),
  outcome: z.string().default(""),
  operations: z.string().default(""),
  reason: z.string().default(""),
  user: z.string().optional(),
  entraUser: z.string().optional(),
  cycleId: z.string().default(""),
  job: z.string().default(""),
  kind: z.string().default(""),
  system: z.string().default(""),
  ageMs: z.number().optional(),
  waitMs: z.number().optional(),
  error: z.object({ name: z.string(), message: z.string() }).optional(),
});
type Told = z.infer<typeof told>;

/** What the app's own line says; null: someone else's line. */
function readLine(message: string): Told | null {
  try {
    return told.safeParse(JSON.parse(message)).data ?? null;
  } catch {
    return null;
  }
}

const COLOURS: Readonly<Record<string, (text: string) => string>> = {
  success: green,
  skipped: dim,
  inSync: dim,
  failure: red,
  failed: red,
};

function userLine(at: string, { outcome, operations, user, entraUser, ageMs, reason }: Told) {
  const columns = [
    (COLOURS[outcome] ?? yellow)(outcome.padEnd(8)),
    operations.padEnd(14),
    dim(user ?? entraUser ?? ""),
    (ageMs === undefined ? "" : `${ageMs} ms`).padStart(8),
  ];
  return `${clock(at)}  ${columns.join("  ")}  ${dim(reason)}`;
}

// What happens all the time says nothing to a person, and what the host tells itself need not be told twice.
const SILENT = ["webhook.received", "cycle.slice", "function.failed"];

function toldLine(at: string, level: LogLevel, line: Told): string | null {
  const { event, outcome, job, kind, cycleId, system, waitMs, error } = line;
  const other = (what: string, colour = dim) => `${clock(at)}  ${colour(what)}`;
  if (SILENT.includes(event)) return null;
  switch (event) {
    case "provision.done":
      return userLine(at, line);
    case "photo.done":
      return userLine(at, { ...line, operations: `photo ${line.operations}` });
    case "cycle.started":
      return outcome === "started" ? other(`cycle     ${job} ${kind} ${cycleId}`) : null;
    case "target.throttled":
      return other(
        `throttled ${system}${waitMs === undefined ? "" : `, for ${waitMs} ms`}`,
        yellow,
      );
    default:
      return other(
        `${event} ${error?.message ?? outcome} ${line.user ?? cycleId}`.trimEnd(),
        level === "information" ? dim : yellow,
      );
  }
}

/** The line for an event of the host, or null for what a person need not see. */
export function eventLine(event: HostEvent): string | null {
  if (event.kind === "end" && !event.success) {
    return `${clock(event.at)}  ${red("failed  ")}  ${event.function}: ${event.error ?? "no reason given"}`;
  }
  if (event.kind === "fatal") return `${clock(event.at)}  ${red(event.message)}`;
  if (event.kind !== "log") return null;
  const line = event.category === "user" ? readLine(event.message) : null;
  if (line !== null) return toldLine(event.at, event.level, line);
  const isWorthSeeing =
    event.level === "warning" || event.level === "error" || event.level === "critical";
  return isWorthSeeing
    ? `${clock(event.at)}  ${yellow(event.level.padEnd(8))}  ${event.message}`
    : null;
}
