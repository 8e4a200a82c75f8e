// The resource types that a site has, as GET /jsonapi lists them.
import type { Site } from "./site.ts";

/** The types of the observed site (contract/drupal 134). */
const STANDARD: readonly string[] = (
  "action--action base_field_override--base_field_override block--block block_content--basic " +
  "block_content_type--block_content_type comment--comment comment_type--comment_type " +
  "contact_form--contact_form contact_message--feedback contact_message--personal " +
  "date_format--date_format editor--editor entity_form_display--entity_form_display " +
  "entity_form_mode--entity_form_mode entity_view_display--entity_view_display " +
  "entity_view_mode--entity_view_mode field_config--field_config " +
  "field_storage_config--field_storage_config file--file filter_format--filter_format " +
  "image_style--image_style menu--menu menu_link_content--menu_link_content node--article " +
  "node--page node_type--node_type path_alias--path_alias search_page--search_page " +
  "shortcut--default shortcut_set--shortcut_set taxonomy_term--tags " +
  "taxonomy_vocabulary--taxonomy_vocabulary user--user user_role--user_role view--view"
).split(" ");

/** All types, those of the terms of its own vocabularies among them. */
export function resourceTypes(site: Site): readonly string[] {
  const own = site.taxonomy.vocabularies.map(({ id }) => `taxonomy_term--${id}`);
  return [...new Set([...STANDARD, ...own])];
}
