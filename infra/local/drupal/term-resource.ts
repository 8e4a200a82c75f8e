// Taxonomy terms as JSON:API resource objects; being revisionable, their links name a revision (contract/drupal-fields 071).
import {
  entityUrl,
  isoTime,
  link,
  type ResourceObject,
  relationshipLinks,
  sparse,
  type View,
} from "./resource-objects.ts";
import type { Term } from "./taxonomy.ts";

const VIRTUAL = {
  links: {
    help: {
      href: "https://www.drupal.org/docs/8/modules/json-api/core-concepts#virtual",
      meta: { about: "Usage and meaning of the 'virtual' resource identifier." },
    },
  },
};

/** A term; its parent is the virtual root. */
export function termResource(view: View, term: Term): ResourceObject {
  const type = `taxonomy_term--${term.vocabulary}`;
  const base = entityUrl(view.origin, type, term.uuid);
  const revision = `resourceVersion=id%3A${term.revision}`;
  const vocabulary = view.site.taxonomy.vocabularies.find(({ id }) => id === term.vocabulary);
  const attributes = sparse(view, type, [
    ["drupal_internal__tid", term.tid],
    ["drupal_internal__revision_id", term.revision],
    ["langcode", "en"],
    ["revision_created", isoTime(term.changed)],
    ["status", term.published],
    ["name", term.name],
    ["description", null],
    ["weight", 0],
    ["changed", isoTime(term.changed)],
    ["default_langcode", true],
    ["revision_translation_affected", true],
    ["path", { alias: null, pid: null, langcode: "en" }],
  ]);
  const related = (name: string, data: unknown): [string, unknown] => {
    const links = Object.entries(relationshipLinks(base, name)).map(([key, { href }]) => [
      key,
      link(`${href}?${revision}`),
    ]);
    return [name, { data, links: Object.fromEntries(links) }];
  };
  const relationships = sparse(view, type, [
    related("vid", {
      type: "taxonomy_vocabulary--taxonomy_vocabulary",
      id: vocabulary?.uuid ?? "",
      meta: { drupal_internal__target_id: term.vocabulary },
    }),
    related("revision_user", null),
    related("parent", [{ type, id: "virtual", meta: VIRTUAL }]),
  ]);
  return {
    type,
    id: term.uuid,
    links: {
      self: link(`${base}?${revision}`),
      "working-copy": link(`${base}?resourceVersion=rel%3Aworking-copy`),
    },
    ...(attributes === undefined ? {} : { attributes }),
    ...(relationships === undefined ? {} : { relationships }),
  };
}
