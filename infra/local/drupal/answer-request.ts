// Drupal's routing: which handler answers a path and method, and what is said when none does.
import { authenticate } from "./authenticate.ts";
import { getIndex, listUserFields, refuseType } from "./config-routes.ts";
import { DrupalError, notModelled } from "./drupal-error.ts";
import type { DrupalRequest, Reply } from "./drupal-http.ts";
import { relationshipFields } from "./field-access.ts";
import {
  deleteFile,
  downloadFile,
  getFile,
  uploadLoosePicture,
  uploadUserPicture,
} from "./file-routes.ts";
import { postToken } from "./oauth-routes.ts";
import { changeRelationship, getRelated, getRelationship } from "./relationship-routes.ts";
import { getRole, listRoles } from "./role-routes.ts";
import type { Call } from "./route-tools.ts";
import type { Site } from "./site.ts";
import { createTerm, getTerm, listTerms } from "./term-routes.ts";
import { changeUser, createUser, deleteUser, getUser, listUsers } from "./user-routes.ts";

type Handler = (call: Call) => Promise<Reply>;

/** A path Drupal knows, with a handler for each of its methods. */
interface Route {
  readonly template: string;
  readonly handlers: Readonly<Record<string, Handler>>;
}

const INDIVIDUAL_ALLOW = "POST, GET, HEAD, DELETE, PATCH";

/** A page, and its theme asks who may see it: while the site is down that is 503 as well (contract/drupal 360). */
function pathNotFound(site: Site): DrupalError {
  if (site.settings.down) return closedPage();
  return new DrupalError({ status: 404, items: [{ detail: "Page not found" }], html: true });
}

const closedPage = (): DrupalError =>
  new DrupalError({ status: 503, items: [{ detail: "Site under maintenance" }], html: true });

/** JSON:API in maintenance mode, whoever asks but an administrator (contract/drupal 357-359). */
function inMaintenance(site: Site): DrupalError {
  const detail = `${site.realm} is currently under maintenance. We should be back shortly. Thank you for your patience.`;
  // Any number of seconds from 5 to 10, so that clients do not come back all at once.
  const headers = { "Retry-After": String(5 + Math.floor(Math.random() * 6)) };
  return new DrupalError({ status: 503, items: [{ detail }], headers });
}

function userRoute(site: Site, parts: readonly string[]): Route | undefined {
  const [id, second, third] = parts;
  const base = "/jsonapi/user/user";
  if (id === undefined) return { template: base, handlers: { GET: listUsers, POST: createUser } };
  if (id === "user_picture" && second === undefined)
    return { template: `${base}/user_picture`, handlers: { POST: uploadLoosePicture } };
  if (second === undefined)
    return {
      template: `${base}/{uuid}`,
      handlers: {
        GET: (call) => getUser(call, id),
        PATCH: (call) => changeUser(call, id),
        DELETE: (call) => deleteUser(call, id),
      },
    };
  if (second === "relationships" && third !== undefined) {
    if (!relationshipFields(site).includes(third))
      throw notModelled(`the relationship ${third} of users`);
    const change: Handler = (call) => changeRelationship(call, id, third);
    return {
      template: `${base}/{uuid}/relationships/${third}`,
      handlers: {
        GET: (call) => getRelationship(call, id, third),
        POST: change,
        PATCH: change,
        DELETE: change,
      },
    };
  }
  if (third !== undefined) return undefined;
  if (second === "user_picture")
    return {
      template: `${base}/{uuid}/user_picture`,
      handlers: {
        GET: (call) => getRelated(call, id, second),
        POST: (call) => uploadUserPicture(call, id),
      },
    };
  if (relationshipFields(site).includes(second))
    return {
      template: `${base}/{uuid}/${second}`,
      handlers: { GET: (call) => getRelated(call, id, second) },
    };
  // Any name here is the upload route of a field, so a GET is 405, not 404 (contract/drupal 275).
  const upload: Handler = async () => {
    throw notModelled(`uploading to the field ${second}`);
  };
  return { template: `${base}/{uuid}/{field}`, handlers: { POST: upload } };
}

function fileRoute(parts: readonly string[]): Route | undefined {
  const [id, second] = parts;
  if (id === undefined || second !== undefined) return undefined;
  const template = "/jsonapi/file/file/{uuid}";
  return {
    template,
    handlers: { GET: (call) => getFile(call, id), DELETE: (call) => deleteFile(call, id) },
  };
}

function roleRoute(parts: readonly string[]): Route | undefined {
  const [id, second] = parts;
  const template = "/jsonapi/user_role/user_role";
  if (id === undefined) return { template, handlers: { GET: listRoles } };
  if (second !== undefined) return undefined;
  return { template: `${template}/{uuid}`, handlers: { GET: (call) => getRole(call, id) } };
}

function termRoute(site: Site, vocabulary: string, parts: readonly string[]): Route | undefined {
  if (!site.taxonomy.vocabularies.some(({ id }) => id === vocabulary)) return undefined;
  const [id, second] = parts;
  const template = `/jsonapi/taxonomy_term/${vocabulary}`;
  if (id === undefined)
    return {
      template,
      handlers: {
        GET: (call) => listTerms(call, vocabulary),
        POST: (call) => createTerm(call, vocabulary),
      },
    };
  if (second !== undefined) return undefined;
  const get: Handler = (call) => getTerm(call, vocabulary, id);
  return { template: `${template}/{uuid}`, handlers: { GET: get } };
}

function routeOf(site: Site, entity: string, bundle: string, rest: readonly string[]) {
  if (entity === "taxonomy_term") return termRoute(site, bundle, rest);
  switch (`${entity}--${bundle}`) {
    case "user--user":
      return userRoute(site, rest);
    case "file--file":
      return fileRoute(rest);
    case "user_role--user_role":
      return roleRoute(rest);
    case "field_config--field_config":
      return rest.length > 0
        ? undefined
        : { template: "/jsonapi/field_config/field_config", handlers: { GET: listUserFields } };
    default:
      return undefined;
  }
}

/** Finds the route of a JSON:API path; throws for what Drupal does not have and for what is not modelled. */
export function findRoute(site: Site, path: string): Route {
  const parts = path
    .split("/")
    .filter((part) => part !== "")
    .slice(1);
  const [entity, bundle, ...rest] = parts;
  if (entity === undefined) return { template: "/jsonapi", handlers: { GET: getIndex } };
  const route = routeOf(site, entity, bundle ?? "", rest);
  if (route !== undefined) return route;
  const refused = refuseType(site, `${entity}--${bundle ?? ""}`);
  throw refused instanceof DrupalError && refused.form.status === 404
    ? pathNotFound(site)
    : refused;
}

function methodNotAllowed(request: DrupalRequest, allow: string): DrupalError {
  const { method, origin, path } = request;
  const detail = `No route found for "${method} ${origin}${path}": Method Not Allowed (Allow: ${allow})`;
  return new DrupalError({ status: 405, items: [{ detail }], headers: { Allow: allow } });
}

function readOnly(request: DrupalRequest): DrupalError {
  const detail = `JSON:API is configured to accept only read operations. Site administrators can configure this at ${request.origin}/admin/config/services/jsonapi.`;
  return new DrupalError({ status: 405, items: [{ detail }], headers: { Allow: "GET" } });
}

/** 403 becomes 401 with a challenge only when no provider took any credentials (contract/drupal 009, 241). */
function challenged(site: Site, error: unknown): unknown {
  if (!(error instanceof DrupalError) || error.form.status !== 403) return error;
  return new DrupalError({
    status: 401,
    items: [{ detail: "No authentication credentials provided." }],
    headers: { "WWW-Authenticate": `Basic realm="${site.realm}"` },
  });
}

async function answerJsonApi(site: Site, request: DrupalRequest): Promise<Reply> {
  const route = findRoute(site, request.path);
  const isIndividual = route.template === "/jsonapi/user/user/{uuid}";
  if (request.method === "OPTIONS") {
    if (!isIndividual) throw notModelled(`OPTIONS on ${route.template}`);
    return {
      status: 200,
      headers: { Allow: "POST, GET, DELETE, PATCH" },
      body: { kind: "html", text: "" },
    };
  }
  const handler = route.handlers[request.method === "HEAD" ? "GET" : request.method];
  if (handler === undefined)
    throw methodNotAllowed(
      request,
      isIndividual ? INDIVIDUAL_ALLOW : Object.keys(route.handlers).join(", "),
    );
  const who = authenticate(site, request);
  if (site.settings.down && !who.may("access site in maintenance mode")) throw inMaintenance(site);
  if (site.settings.readOnly && !["GET", "HEAD"].includes(request.method)) throw readOnly(request);
  try {
    return await handler({ site, request, who });
  } catch (error) {
    throw who.credentialsSent ? error : challenged(site, error);
  }
}

/** Answers one request as Drupal would, or throws a DrupalError. */
export async function answerRequest(site: Site, request: DrupalRequest): Promise<Reply> {
  const { path, method } = request;
  if (path === "/jsonapi" || path.startsWith("/jsonapi/"))
    return await answerJsonApi(site, request);
  if (path.startsWith("/sites/default/files/") && method === "GET") {
    const file = downloadFile(site, path);
    if (file !== undefined) return file;
    throw pathNotFound(site);
  }
  if (path === "/oauth/token" && site.settings.simpleOauth) {
    if (method !== "POST") throw notModelled(`${method} /oauth/token`);
    if (site.settings.down) throw closedPage();
    return postToken(site, request);
  }
  if (/^\/(oauth|session|user|admin|node|core)(\/|$)/.test(path))
    throw notModelled(`the path ${path}`);
  // Everything else is a themed page (contract/drupal 322).
  throw pathNotFound(site);
}
