// GET on taxonomy terms: the collection with its few filters, and one term.
import { notModelled, refusal } from "./drupal-error.ts";
import { documentReply, type Reply } from "./drupal-http.ts";
import { type Column, parseFilter } from "./filter.ts";
import { document } from "./json-api-document.ts";
import { matches } from "./match-filter.ts";
import { pageLinks } from "./page-links.ts";
import { arrayParameter, checkParameters, readPage } from "./read-parameters.ts";
import { maySeeTerm, TERM_WITHHELD } from "./references.ts";
import { entityUrl, link } from "./resource-objects.ts";
import { type Call, JSON_API_TYPE, ownUrl, requireContentType, viewOf } from "./route-tools.ts";
import { pause } from "./site.ts";
import type { Term } from "./taxonomy.ts";
import { termResource } from "./term-resource.ts";

/** What can be asked of terms; everything else was not measured. */
function termColumn(path: string): Column<Term> {
  if (path !== "name" && path !== "id") throw notModelled(`filtering terms by ${path}`);
  const read = (term: Term): readonly string[] => [path === "id" ? term.uuid : term.name];
  return { field: path, kind: "text", many: false, joins: false, read };
}

/**
 * GET /jsonapi/taxonomy_term/{vocabulary}. Without a filter the terms that may not be seen take up their places and
 * are named in `meta.omitted`; with one they are not found at all (contract/drupal-fields 063, 068, 070).
 */
export async function listTerms(call: Call, vocabulary: string): Promise<Reply> {
  const { site, request, who } = call;
  checkParameters(request.query);
  if (request.query.has("sort") || request.query.has("include"))
    throw notModelled("sorting terms, or including what they refer to");
  const given = arrayParameter(request.query, "filter");
  const filter = given.size === 0 ? undefined : parseFilter(given, termColumn);
  const { offset, limit } = readPage(request.query);
  await pause(site.settings.latencyMs);
  const found = site.taxonomy
    .inOrder(vocabulary)
    .filter((term) => filter === undefined || (matches(term, filter) && maySeeTerm(who, term)));
  const page = found.slice(offset, offset + limit);
  const view = viewOf(call);
  const omitted = page
    .filter((term) => !maySeeTerm(who, term))
    .map((term) => ({
      href: entityUrl(request.origin, `taxonomy_term--${vocabulary}`, term.uuid),
      reason: TERM_WITHHELD,
    }));
  const data = page.filter((term) => maySeeTerm(who, term)).map((term) => termResource(view, term));
  const links = pageLinks(call, offset, limit, found.length > offset + limit);
  return documentReply(200, document({ data, omitted, links }));
}

/** GET /jsonapi/taxonomy_term/{vocabulary}/{uuid} (contract/drupal-fields 071-073). */
export async function getTerm(call: Call, vocabulary: string, uuid: string): Promise<Reply> {
  const { site, request, who } = call;
  checkParameters(request.query);
  if (request.query.has("include")) throw notModelled("including what terms refer to");
  await pause(site.settings.latencyMs);
  // Unlike in a reference, the case of the UUID does not matter here.
  const term = site.taxonomy.byUuid(uuid.toLowerCase());
  if (term === undefined)
    throw refusal(
      404,
      `The "entity" parameter was not converted for the path "/jsonapi/taxonomy_term/${vocabulary}/{entity}" (route name: "jsonapi.taxonomy_term--${vocabulary}.individual")`,
    );
  if (!maySeeTerm(who, term)) throw refusal(403, TERM_WITHHELD, "/data");
  if (!site.taxonomy.vocabularies.some(({ id }) => id === term.vocabulary))
    throw notModelled(`the vocabulary ${term.vocabulary}`);
  const links = { self: link(ownUrl(request)) };
  return documentReply(200, document({ data: termResource(viewOf(call), term), links }));
}

/** POST: nobody here may create terms but an administrator of the taxonomy (contract/drupal-fields 074). */
export async function createTerm(call: Call, vocabulary: string): Promise<Reply> {
  requireContentType(call.request, JSON_API_TYPE);
  if (call.who.may("administer taxonomy")) throw notModelled("creating terms");
  throw refusal(
    403,
    `The following permissions are required: 'create terms in ${vocabulary}' OR 'administer taxonomy'.`,
  );
}
