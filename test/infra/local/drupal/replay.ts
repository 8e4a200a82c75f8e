// Replays recorded exchanges in order against a fresh simulator and says where its answers differ from the recorded ones.
import {
  type DrupalSimulator,
  type DrupalSimulatorOptions,
  startDrupalSimulator,
} from "../../../../infra/local/drupal/start-drupal-simulator.ts";
import type { Preconditions, Tokens } from "./recorded-preconditions.ts";
import {
  errorDetails,
  idsOf,
  type Recording,
  recordedTime,
  sentBody,
  sentBytes,
  shapeOf,
  valuesOf,
} from "./recordings.ts";

const RECORDED_ORIGIN = "http://127.0.0.1:8888";
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const HEADERS = ["content-type", "www-authenticate", "allow", "link", "location", "cache-control"];

/** What became of one recording. */
export interface Comparison {
  readonly name: string;
  readonly outcome: "matched" | "refused" | "different";
  readonly expected?: unknown;
  readonly received?: unknown;
}

/** What to replay, and on which site. */
export interface ReplayPlan {
  readonly site: NonNullable<DrupalSimulatorOptions["site"]>;
  readonly recordings: readonly Recording[];
  readonly preconditions: Preconditions;
  /** Recordings whose values depend on what was not recorded. */
  readonly shapeOnly: readonly number[];
}

interface Replay {
  readonly simulator: DrupalSimulator;
  readonly plan: ReplayPlan;
  readonly tokens: Tokens;
  /** Recorded ids to the ids that the simulator gave to the same things. */
  readonly learnt: Map<string, string>;
}

const translated = ({ learnt }: Replay, text: string): string =>
  text.replace(UUID, (uuid) => learnt.get(uuid) ?? uuid);
const back = ({ simulator, learnt }: Replay, text: string): string => {
  const recorded = new Map([...learnt].map(([from, to]) => [to, from]));
  return text
    .replaceAll(simulator.url, RECORDED_ORIGIN)
    .replace(UUID, (uuid) => recorded.get(uuid) ?? uuid);
};

/** A recorded bearer token stands for the simulator's own; one that was tampered with is tampered with here. */
function authorization({ tokens }: Replay, recorded: string): string {
  const token = /^Bearer (\S+\.\S+\.(\S+))$/.exec(recorded);
  if (token?.[1] === undefined) return recorded;
  const payload = Buffer.from(token[1].split(".")[1] ?? "", "base64url").toString("utf8");
  const own = tokens.get(/"jti":"([0-9a-f]{8})/.exec(payload)?.[1] ?? "");
  if (own === undefined) return recorded;
  return `Bearer ${token[2]?.endsWith("AAAAAA") ? `${own.slice(0, -6)}AAAAAA` : own}`;
}

function setClock({ simulator }: Replay, recording: Recording): void {
  const time = recordedTime(recording);
  if (time !== undefined) simulator.simulation.site.settings.clockOffsetMs = time - Date.now();
}

async function send(replay: Replay, recording: Recording): Promise<Response> {
  const { method, path, headers, body } = recording.request;
  const bytes = sentBytes(body);
  const text = sentBody(body);
  const init = new Headers(headers);
  const given = init.get("authorization");
  if (given !== null) init.set("authorization", authorization(replay, given));
  const payload = bytes ?? (text === undefined ? undefined : Buffer.from(translated(replay, text)));
  return await fetch(`${replay.simulator.url}${translated(replay, path)}`, {
    method,
    headers: init,
    redirect: "manual",
    ...(payload === undefined || ["GET", "HEAD"].includes(method)
      ? {}
      : { body: new Uint8Array(payload) }),
  });
}

function learn({ learnt }: Replay, recorded: unknown, received: unknown): void {
  const ours = idsOf(received);
  const theirs = idsOf(recorded);
  if (ours.length === 1 && theirs.length === 1 && theirs[0] !== undefined && ours[0] !== undefined)
    learnt.set(theirs[0], ours[0]);
}

function learnToken({ tokens }: Replay, recording: Recording, received: unknown): void {
  const read = (body: unknown): string | undefined =>
    /"access_token":"([^"]+)"/.exec(JSON.stringify(body))?.[1];
  const recorded = read(recording.response.body);
  const own = read(received);
  if (recorded === undefined || own === undefined) return;
  const payload = Buffer.from(recorded.split(".")[1] ?? "", "base64url").toString("utf8");
  tokens.set(/"jti":"([0-9a-f]{8})/.exec(payload)?.[1] ?? "", own);
}

async function compare(replay: Replay, recording: Recording): Promise<Comparison> {
  const { simulator, plan, tokens } = replay;
  const name = `${String(recording.n).padStart(3, "0")}-${recording.name}`;
  setClock(replay, recording);
  await plan.preconditions[recording.n]?.(simulator.simulation.site, tokens);
  const response = await send(replay, recording);
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  const body: unknown = isJson && text !== "" ? JSON.parse(text) : text;
  if (response.headers.has("x-simulator-refused")) return { name, outcome: "refused" };
  learn(replay, recording.response.body, body);
  learnToken(replay, recording, body);
  const recorded = new Headers(recording.response.headers);
  const view = (status: number, headers: Headers, each: unknown) => ({
    status,
    shape: shapeOf(each),
    values: plan.shapeOnly.includes(recording.n) ? undefined : valuesOf(each),
    details: errorDetails(each),
    headers: HEADERS.map((header) =>
      headers.get(header)?.toLowerCase().replaceAll("; charset=utf-8", ""),
    ),
  });
  const expected = view(recording.response.status, recorded, recording.response.body);
  const ours = view(response.status, response.headers, body);
  const received = JSON.parse(back(replay, JSON.stringify(ours)));
  const same = JSON.stringify(received) === JSON.stringify(expected);
  return same ? { name, outcome: "matched" } : { name, outcome: "different", expected, received };
}

/** Replays everything; a simulator of its own is started and stopped. */
export async function replayRecordings(plan: ReplayPlan): Promise<Comparison[]> {
  const simulator = await startDrupalSimulator({ site: plan.site });
  const replay: Replay = { simulator, plan, tokens: new Map(), learnt: new Map() };
  try {
    const results: Comparison[] = [];
    for (const recording of plan.recordings) results.push(await compare(replay, recording));
    return results;
  } finally {
    await simulator.close();
  }
}

/** How the replay went, in one line. */
export function summaryOf(results: readonly Comparison[]): string {
  const count = (outcome: Comparison["outcome"]): number =>
    results.filter((each) => each.outcome === outcome).length;
  const refused = count("refused");
  return `modelled ${results.length - refused}, matched ${count("matched")}, refused ${refused} of ${results.length}`;
}
