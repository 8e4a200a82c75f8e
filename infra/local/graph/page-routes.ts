// The page of the simulator: Entra's users and groups as a person sees them, served with a strict policy.
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { syncPictures } from "../sync-pictures.ts";
import { requestDenied, resourceNotFound } from "./graph-error.ts";
import type { GraphReply } from "./graph-message.ts";
import { listPage } from "./page-lists.ts";
import { userAt, writePage } from "./page-writes.ts";
import type { SimulatorLife } from "./simulator-life.ts";

const CSS = "text/css; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";
const ASSETS: Readonly<Record<string, readonly [string, string]>> = {
  "/": ["users-page.html", "text/html; charset=utf-8"],
  "/_page/users-page.css": ["users-page.css", CSS],
  "/_page/users-table.css": ["users-table.css", CSS],
  "/_page/users-dialog.css": ["users-dialog.css", CSS],
  "/_page/users-page.js": ["users-page.js", SCRIPT],
  "/_page/users-rows.js": ["users-rows.js", SCRIPT],
  "/_page/users-editor.js": ["users-editor.js", SCRIPT],
  "/_page/users-send.js": ["users-send.js", SCRIPT],
  "/_page/users-sync.js": ["users-sync.js", SCRIPT],
};

const SECURITY = {
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

const photoOf = (life: SimulatorLife, id: string): GraphReply => {
  const { users } = life.tenant;
  const { photo } = users.get(id) ?? userAt(life.tenant, id, true);
  if (photo === undefined) throw resourceNotFound(id);
  const headers = { ...SECURITY, "Content-Type": photo.contentType };
  return { status: 200, headers, body: photo.bytes };
};

// Browsers name the page a write comes from; other sites' pages must not write here.
const requireSameOrigin = (request: IncomingMessage): void => {
  const { origin, host } = request.headers;
  const isSame = origin === `http://${host}` && request.headers["sec-fetch-site"] !== "cross-site";
  if (!isSame) throw requestDenied();
};

const sync = async (life: SimulatorLife): Promise<GraphReply> => {
  const { status, message } = await syncPictures(life.productUrl());
  const body = status < 300 ? { message } : { error: { message } };
  return { status, headers: SECURITY, body };
};

/** Answers the page's own requests; undefined for everything else. */
export function answerPage(
  life: SimulatorLife,
  request: IncomingMessage,
  target: string,
  body: Buffer,
): GraphReply | Promise<GraphReply> | undefined {
  const [path = "/", search = ""] = target.split("?");
  const method = request.method ?? "GET";
  const asset = method === "GET" ? ASSETS[path] : undefined;
  if (asset !== undefined) {
    const headers = { ...SECURITY, "Content-Type": asset[1] };
    return { status: 200, headers, body: readFileSync(join(import.meta.dirname, asset[0])) };
  }
  if (!path.startsWith("/_page/")) return undefined;
  if (method === "GET" && path === "/_page/users") {
    return { status: 200, headers: SECURITY, body: listPage(life, new URLSearchParams(search)) };
  }
  const pictured =
    method === "GET" ? /^\/_page\/users\/([0-9a-f-]+)\/photo$/.exec(path)?.[1] : undefined;
  if (pictured !== undefined) return photoOf(life, pictured);
  requireSameOrigin(request);
  if (method === "POST" && path === "/_page/sync-pictures") return sync(life);
  const type = request.headers["content-type"] ?? "";
  const reply = writePage(life.tenant, method, path, body, type);
  return { ...reply, headers: SECURITY };
}
