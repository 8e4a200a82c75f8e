// The people page and its data: an administrator's view, whose writes take the same way as JSON:API's.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { syncPictures } from "../sync-pictures.ts";
import { identityOf } from "./authenticate.ts";
import { DrupalError } from "./drupal-error.ts";
import type { DrupalRequest, Identity, Reply } from "./drupal-http.ts";
import { blankUser, type DrupalUser } from "./drupal-user.ts";
import { isSameOrigin } from "./loopback.ts";
import { changePicture, pictureUrl } from "./page-pictures.ts";
import { isoTime } from "./resource-objects.ts";
import { cancelUser, exclusively, insertUser, updateUser } from "./save-user.ts";
import type { Simulation } from "./simulation.ts";
import type { Site } from "./site.ts";
import { applyDocument } from "./user-changes.ts";
import { type UserDocument, userDocument } from "./user-document.ts";
import { fold } from "./user-store.ts";

const PAGE_SIZE = 50;
const ASSETS: Readonly<Record<string, readonly [string, string]>> = {
  "/": ["people-page.html", "text/html; charset=utf-8"],
  "/_page/people-page.css": ["people-page.css", "text/css; charset=utf-8"],
  "/_page/people-table.css": ["people-table.css", "text/css; charset=utf-8"],
  "/_page/people-page.js": ["people-page.js", "text/javascript; charset=utf-8"],
  "/_page/people-send.js": ["people-send.js", "text/javascript; charset=utf-8"],
};
const SECURITY = {
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

const userInput = z.strictObject({
  name: z.string().optional(),
  mail: z.string().nullable().optional(),
  field_first_name: z.string().optional(),
  field_last_name: z.string().optional(),
  field_department: z.string().optional(),
  status: z.boolean().optional(),
});

const json = (status: number, value: unknown): Reply => ({
  status,
  headers: SECURITY,
  body: { kind: "json", value },
});

const foreign = (): Reply => json(403, { errors: [{ detail: "Only this page may write." }] });

const shown = (site: Site, user: DrupalUser): Record<string, unknown> => {
  const {
    uid,
    uuid,
    name,
    mail,
    status,
    roles,
    field_first_name,
    field_last_name,
    field_department,
  } = user;
  return {
    uid,
    uuid,
    name,
    mail,
    status,
    roles,
    field_first_name,
    field_last_name,
    field_department,
    picture: pictureUrl(site, user),
    changed: isoTime(user.changed),
  };
};

function listPage(simulation: Simulation, request: DrupalRequest): Reply {
  const { users } = simulation.site;
  const parameters = new URLSearchParams(request.rawQuery);
  const words = fold(parameters.get("q") ?? "").trim();
  const offset = Math.max(0, Number.parseInt(parameters.get("offset") ?? "0", 10) || 0);
  const canSync = simulation.productUrl() !== undefined;
  // The version names the data and the site it belongs to, so a reset is noticed too, and whether the host is up by now.
  const version = `${simulation.site.id}-${users.version}-${canSync}`;
  if (parameters.get("version") === version) return json(200, { version, unchanged: true });
  const found: DrupalUser[] = [];
  let total = 0;
  const list = users.inChangedOrder();
  for (let index = list.length - 1; index >= 0; index -= 1) {
    const user = list[index];
    if (user === undefined || user.uid === 0) continue;
    const texts = [
      user.name,
      user.mail,
      user.field_first_name,
      user.field_last_name,
      user.field_department,
    ];
    if (words !== "" && !texts.some((text) => text !== null && fold(text).includes(words)))
      continue;
    total += 1;
    if (total > offset && found.length < PAGE_SIZE) found.push(user);
  }
  const shownUsers = found.map((user) => shown(simulation.site, user));
  return json(200, { version, total, offset, pageSize: PAGE_SIZE, canSync, users: shownUsers });
}

const asDocument = (input: z.infer<typeof userInput>, id: string): UserDocument =>
  userDocument(id, { attributes: new Map(Object.entries(input)) });

async function write(
  simulation: Simulation,
  who: Identity,
  uuid: string | undefined,
  request: DrupalRequest,
): Promise<Reply> {
  const { site } = simulation;
  if (uuid === undefined) {
    const input = userInput.parse(JSON.parse(request.body.toString("utf8")));
    const start = blankUser(0, randomUUID(), site.now());
    const draft = applyDocument(site, who, start, undefined, asDocument(input, start.uuid));
    return json(201, shown(site, await insertUser(site, draft, who.user)));
  }
  return await exclusively(site, uuid, async () => {
    const before = site.users.get(uuid);
    if (before === undefined || before.uid === 0)
      return json(404, { errors: [{ detail: "This user is gone." }] });
    if (request.path.endsWith("/picture"))
      return json(200, shown(site, await changePicture(site, who, before, request)));
    if (request.method === "DELETE") {
      await cancelUser(site, before, who.user);
      return json(200, { cancelMethod: site.settings.cancelMethod });
    }
    const input = userInput.parse(JSON.parse(request.body.toString("utf8")));
    const after = applyDocument(site, who, before, before, asDocument(input, uuid));
    return json(200, shown(site, await updateUser(site, before, after, who.user)));
  });
}

async function writePage(
  simulation: Simulation,
  request: DrupalRequest,
): Promise<Reply | undefined> {
  const path = /^\/_page\/users(?:\/([0-9a-f-]{36})(\/picture)?)?$/.exec(request.path);
  const isPicture = path?.[2] !== undefined;
  const isCreate = path?.[1] === undefined && request.method === "POST";
  const methods = isPicture ? ["PUT", "DELETE"] : ["PATCH", "DELETE"];
  const isChange = path?.[1] !== undefined && methods.includes(request.method);
  if (path === null || !(isCreate || isChange)) return undefined;
  if (!isSameOrigin(request, "page")) return foreign();
  const isJson = request.headers.get("content-type") === "application/json";
  if (request.method !== "DELETE" && !isPicture && !isJson)
    return json(415, { errors: [{ detail: "Send application/json." }] });
  try {
    const who = identityOf(simulation.site, simulation.site.users.byUid(1) ?? null);
    return await write(simulation, who, path[1], request);
  } catch (error) {
    if (error instanceof DrupalError) return json(error.form.status, { errors: error.form.items });
    if (error instanceof z.ZodError || error instanceof SyntaxError)
      return json(400, { errors: [{ detail: error.message }] });
    throw error;
  }
}

async function sync(simulation: Simulation, request: DrupalRequest): Promise<Reply> {
  if (!isSameOrigin(request, "page")) return foreign();
  const { status, message } = await syncPictures(simulation.productUrl());
  return json(status, status < 300 ? { message } : { errors: [{ detail: message }] });
}

/** Answers `/` and `/_page/...`; undefined when there is no such route. */
export async function answerPage(
  simulation: Simulation,
  request: DrupalRequest,
): Promise<Reply | undefined> {
  const asset = ASSETS[request.path];
  if (asset !== undefined && request.method === "GET") {
    const bytes = await readFile(new URL(asset[0], import.meta.url));
    return { status: 200, headers: SECURITY, body: { kind: "bytes", type: asset[1], bytes } };
  }
  if (request.path === "/_page/users" && request.method === "GET")
    return listPage(simulation, request);
  if (request.path === "/_page/sync-pictures" && request.method === "POST")
    return await sync(simulation, request);
  return await writePage(simulation, request);
}
