// The envelope around resource objects: version, links, omitted resources, errors.
import { createHash } from "node:crypto";
import { type ErrorForm, infoLink, reasonOf } from "./drupal-error.ts";
import { link } from "./resource-objects.ts";

const JSON_API = {
  version: "1.0",
  meta: { links: { self: { href: "http://jsonapi.org/format/1.0/" } } },
};

/** A resource that was left out, and why. */
export interface Omission {
  readonly href: string;
  readonly reason: string;
}

/** The parts of a document that differ from answer to answer. */
export interface DocumentParts {
  readonly data: unknown;
  readonly included?: readonly unknown[];
  readonly omitted?: readonly Omission[];
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly links: Readonly<Record<string, { readonly href: string }>>;
}

const HELP = "https://www.drupal.org/docs/8/modules/json-api/filtering#filters-access-control";

/** `meta.omitted`: link names are opaque hashes, the href is what matters (contract/drupal 002). */
function omittedMeta(omitted: readonly Omission[]): unknown {
  const items = omitted.map(({ href, reason }) => {
    const hash = createHash("sha256").update(`${href} ${reason}`).digest("base64url").slice(0, 7);
    return [`item--${hash}`, { href, meta: { rel: "item", detail: reason } }];
  });
  return {
    detail: "Some resources have been omitted because of insufficient authorization.",
    links: { help: link(HELP), ...Object.fromEntries(items) },
  };
}

/** Assembles a document; `included` and `meta` are absent when there is nothing to say (contract/drupal 119). */
export function document(parts: DocumentParts): Record<string, unknown> {
  const { data, included = [], omitted = [], meta = {}, links } = parts;
  const allMeta = omitted.length === 0 ? meta : { ...meta, omitted: omittedMeta(omitted) };
  return {
    jsonapi: JSON_API,
    data,
    ...(included.length === 0 ? {} : { included }),
    ...(Object.keys(allMeta).length === 0 ? {} : { meta: allMeta }),
    links,
  };
}

/** An error document; `via` is the request's own normalised URL. */
export function errorDocument(form: ErrorForm, via: string): Record<string, unknown> {
  const info = form.headers?.Link ?? infoLink(form.status);
  const links = { via: link(via), ...(info === undefined ? {} : { info: link(info) }) };
  const errors = form.items.map(({ detail, pointer }) => ({
    title: reasonOf(form.status),
    status: String(form.status),
    detail,
    ...(form.links === false ? {} : { links }),
    ...(pointer === undefined ? {} : { source: { pointer } }),
  }));
  return { jsonapi: JSON_API, errors };
}
