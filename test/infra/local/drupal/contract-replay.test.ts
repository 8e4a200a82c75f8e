// Replays what a real Drupal was asked, in order, and compares the simulator's answers with the recorded ones.
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type DrupalSimulator,
  startDrupalSimulator,
} from "../../../../infra/local/drupal/start-drupal-simulator.ts";
import { PRECONDITIONS, type Tokens } from "./recorded-preconditions.ts";
import {
  errorDetails,
  idsOf,
  type Recording,
  readRecordings,
  recordedTime,
  sentBody,
  sentBytes,
  shapeOf,
  valuesOf,
} from "./recordings.ts";

const RECORDED_ORIGIN = "http://127.0.0.1:8888";
let simulator: DrupalSimulator;
const tokens: Tokens = new Map();
/** Recorded ids to the ids that the simulator gave to the same things. */
const learnt = new Map<string, string>();

beforeAll(async () => {
  simulator = await startDrupalSimulator({ site: "observed" });
});
afterAll(() => simulator.close());

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const translated = (text: string): string => text.replace(UUID, (uuid) => learnt.get(uuid) ?? uuid);
const back = (text: string): string => {
  const recorded = new Map([...learnt].map(([from, to]) => [to, from]));
  return text
    .replaceAll(simulator.url, RECORDED_ORIGIN)
    .replace(UUID, (uuid) => recorded.get(uuid) ?? uuid);
};

/** A recorded bearer token stands for the simulator's own; one that was tampered with is tampered with here. */
function authorization(recorded: string): string {
  const token = /^Bearer (\S+\.\S+\.(\S+))$/.exec(recorded);
  if (token?.[1] === undefined) return recorded;
  const payload = Buffer.from(token[1].split(".")[1] ?? "", "base64url").toString("utf8");
  const own = tokens.get(/"jti":"([0-9a-f]{8})/.exec(payload)?.[1] ?? "");
  if (own === undefined) return recorded;
  return `Bearer ${token[2]?.endsWith("AAAAAA") ? `${own.slice(0, -6)}AAAAAA` : own}`;
}

function setClock(recording: Recording): void {
  const time = recordedTime(recording);
  if (time !== undefined) simulator.simulation.site.settings.clockOffsetMs = time - Date.now();
}

async function send(recording: Recording): Promise<Response> {
  const { method, path, headers, body } = recording.request;
  const bytes = sentBytes(body);
  const text = sentBody(body);
  const init = new Headers(headers);
  const given = init.get("authorization");
  if (given !== null) init.set("authorization", authorization(given));
  const payload = bytes ?? (text === undefined ? undefined : Buffer.from(translated(text)));
  return await fetch(`${simulator.url}${translated(path)}`, {
    method,
    headers: init,
    redirect: "manual",
    ...(payload === undefined || ["GET", "HEAD"].includes(method)
      ? {}
      : { body: new Uint8Array(payload) }),
  });
}

function learn(recorded: unknown, received: unknown): void {
  const ours = idsOf(received);
  const theirs = idsOf(recorded);
  if (ours.length === 1 && theirs.length === 1 && theirs[0] !== undefined && ours[0] !== undefined)
    learnt.set(theirs[0], ours[0]);
}

function learnToken(recording: Recording, received: unknown): void {
  const read = (body: unknown): string | undefined =>
    /"access_token":"([^"]+)"/.exec(JSON.stringify(body))?.[1];
  const recorded = read(recording.response.body);
  const own = read(received);
  if (recorded === undefined || own === undefined) return;
  const payload = Buffer.from(recorded.split(".")[1] ?? "", "base64url").toString("utf8");
  tokens.set(/"jti":"([0-9a-f]{8})/.exec(payload)?.[1] ?? "", own);
}

interface Comparison {
  readonly name: string;
  readonly outcome: "matched" | "refused" | "different";
  readonly expected?: unknown;
  readonly received?: unknown;
}

/** Its users were left by a benchmark that is not part of the recordings. */
const SHAPE_ONLY = [349];
const HEADERS = ["content-type", "www-authenticate", "allow", "link", "location", "cache-control"];

async function compare(recording: Recording): Promise<Comparison> {
  const name = `${String(recording.n).padStart(3, "0")}-${recording.name}`;
  setClock(recording);
  await PRECONDITIONS[recording.n]?.(simulator.simulation.site, tokens);
  const response = await send(recording);
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  const body: unknown = isJson && text !== "" ? JSON.parse(text) : text;
  if (response.headers.has("x-simulator-refused")) return { name, outcome: "refused" };
  learn(recording.response.body, body);
  learnToken(recording, body);
  const recorded = new Headers(recording.response.headers);
  const view = (status: number, headers: Headers, each: unknown) => ({
    status,
    shape: shapeOf(each),
    values: SHAPE_ONLY.includes(recording.n) ? undefined : valuesOf(each),
    details: errorDetails(each),
    headers: HEADERS.map((header) =>
      headers.get(header)?.toLowerCase().replaceAll("; charset=utf-8", ""),
    ),
  });
  const expected = view(recording.response.status, recorded, recording.response.body);
  const ours = view(response.status, response.headers, body);
  const received = JSON.parse(back(JSON.stringify(ours)));
  const same = JSON.stringify(received) === JSON.stringify(expected);
  return same ? { name, outcome: "matched" } : { name, outcome: "different", expected, received };
}

test("every recorded exchange that the simulator models gets the recorded status, errors, headers and shape", async () => {
  const recordings = readRecordings();
  const results: Comparison[] = [];
  for (const recording of recordings) results.push(await compare(recording));
  const refused = results.filter(({ outcome }) => outcome === "refused").map(({ name }) => name);
  const different = results.filter(({ outcome }) => outcome === "different");
  const matched = results.length - refused.length - different.length;
  const modelled = results.length - refused.length;
  console.log(
    `modelled ${modelled}, matched ${matched}, refused ${refused.length} of ${results.length}`,
  );
  expect(different).toEqual([]);
  expect(modelled / results.length).toBeGreaterThanOrEqual(0.9);
});
