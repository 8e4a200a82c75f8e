// Reads the recorded exchanges with a real Drupal and says what an answer must share with a recording.
import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";

const CONTRACT = new URL("../../../contract/", import.meta.url);

const recordingSchema = z.object({
  n: z.number(),
  name: z.string(),
  request: z.object({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.unknown(),
  }),
  ms: z.number(),
  response: z.object({
    status: z.number(),
    headers: z.record(z.string(), z.string()),
    body: z.unknown(),
  }),
});
/** One recorded exchange. */
export type Recording = z.infer<typeof recordingSchema>;

/** All recordings of a folder in the order in which they were made. */
export function readRecordings(folder: "drupal" | "drupal-fields"): Recording[] {
  const url = new URL(`${folder}/`, CONTRACT);
  return readdirSync(url)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => recordingSchema.parse(JSON.parse(readFileSync(new URL(name, url), "utf8"))));
}

const record = z.record(z.string(), z.unknown());
const asRecord = (value: unknown): Record<string, unknown> => record.safeParse(value).data ?? {};
const keys = (value: unknown): string[] => Object.keys(asRecord(value)).sort();

function resourceShape(value: unknown): unknown {
  const given = asRecord(value);
  return {
    type: given.type,
    members: keys(given),
    attributes: keys(given.attributes),
    links: keys(given.links),
    relationships: Object.entries(asRecord(given.relationships)).map(([name, each]) => {
      const { data, links } = asRecord(each);
      return [name, keys(each), keys(links), Array.isArray(data) ? "list" : keys(data)];
    }),
  };
}

function dataShape(data: unknown): unknown {
  if (!Array.isArray(data)) return data === null ? null : resourceShape(data);
  const kinds = data.map((item) => JSON.stringify(resourceShape(item)));
  return [...new Set(kinds)].sort();
}

/** Link names that are opaque hashes are compared by their kind only. */
const linkNames = (links: unknown): string[] => [
  ...new Set(keys(links).map((name) => name.replace(/^item--.*/, "item--*"))),
];

function metaShape(meta: unknown): unknown {
  const { omitted, links } = asRecord(meta);
  const items = Object.values(asRecord(asRecord(omitted).links));
  const details = items.map((item) => asRecord(asRecord(item).meta).detail);
  return {
    members: keys(meta),
    me: keys(links),
    omitted: linkNames(asRecord(omitted).links),
    details: [...new Set(details)].sort(),
  };
}

function errorShape(error: unknown): unknown {
  const { title, status, source, links } = asRecord(error);
  return { title, status, pointer: asRecord(source).pointer, links: keys(links) };
}

/** What must be the same: members, attribute and relationship names, links, errors with title and pointer. */
export function shapeOf(body: unknown): unknown {
  if (typeof body === "string")
    return body.startsWith("<!DOCTYPE html>") ? "a page" : "no document";
  const given = asRecord(body);
  const { data, errors, meta, links, included } = given;
  return {
    members: keys(body),
    data: data === undefined ? undefined : dataShape(data),
    included: included === undefined ? undefined : dataShape(included),
    errors: Array.isArray(errors) ? errors.map(errorShape) : undefined,
    links: linkNames(links),
    meta: metaShape(meta),
  };
}

/** The details of errors: prose, but Drupal's own, and equal where ids are not concerned. */
export function errorDetails(body: unknown): unknown[] {
  const { errors } = asRecord(body);
  return Array.isArray(errors) ? errors.map((error) => asRecord(error).detail) : [];
}

/** The ids in `data`, in order. */
export function idsOf(body: unknown): string[] {
  const { data } = asRecord(body);
  const list: unknown[] = Array.isArray(data) ? data : [data];
  return list.flatMap((item) => {
    const { id } = asRecord(item);
    return typeof id === "string" ? id : [];
  });
}

/** When the recorded site handled the request: its `changed` if that falls in between, else the time of the answer. */
export function recordedTime(recording: Recording): number | undefined {
  const { headers, body } = recording.response;
  const answered = Date.parse(headers.Date ?? "");
  const { changed } = asRecord(asRecord(asRecord(body).data).attributes);
  const saved = typeof changed === "string" ? Date.parse(changed) : Number.NaN;
  const isSave = ["POST", "PATCH"].includes(recording.request.method);
  if (isSave && saved <= answered && saved >= answered - recording.ms - 1000) return saved;
  return Number.isNaN(answered) ? undefined : answered;
}

/** The body of a POST or PATCH as it was sent. */
export const sentBody = (body: unknown): string | undefined =>
  body === null || body === undefined
    ? undefined
    : typeof body === "string"
      ? body
      : JSON.stringify(body);

/** Bytes of the size and beginning that a recorded upload had. */
export function sentBytes(body: unknown): Buffer | undefined {
  const binary = z.object({ $binary: z.string(), $head_hex: z.string() }).safeParse(body);
  if (!binary.success) return undefined;
  const size = Number.parseInt(binary.data.$binary, 10);
  const bytes = Buffer.alloc(size);
  Buffer.from(binary.data.$head_hex, "hex").copy(bytes);
  return bytes.subarray(0, size);
}

function values(item: unknown): unknown {
  const { id, attributes, relationships, links } = asRecord(item);
  const kept = Object.entries(asRecord(attributes)).filter(([name]) => !VOLATILE.includes(name));
  // The pictures of left-out uploads have sizes that nobody recorded.
  const targets = Object.entries(asRecord(relationships))
    .filter(([name]) => name !== "user_picture")
    .map(([name, each]) => [name, asRecord(each).data]);
  return { id, attributes: Object.fromEntries(kept.sort()), targets, links };
}

/** Attributes that depend on logins, on left-out uploads, or on modules that have nothing to do with users. */
const VOLATILE: readonly string[] = [
  "access",
  "login",
  "drupal_internal__fid",
  "dependencies",
  "permissions",
];

/** Everything that can be compared word for word: ids, attributes, and the links with their queries. */
export function valuesOf(body: unknown): unknown {
  const { data, links } = asRecord(body);
  if (!Array.isArray(data)) return { data: values(data), links };
  const isOrdered = asRecord(data[0]).type !== "user_role--user_role";
  const list = data.map(values);
  // Roles came in another order when they were not cached (contract/drupal 347).
  return { data: isOrdered ? list : list.map((item) => JSON.stringify(item)).sort(), links };
}
