// The request document of a user: each value in the form that its declared field takes.
import { RejectedError } from "../../rules/errors.ts";
import { type DrupalField, drupalFieldOf } from "../../rules/field-types.ts";
import { isUuid } from "../../rules/matching.ts";
import type { Attributes, AttributeValue } from "../../rules/users.ts";
import type { DrupalFields } from "../../sync/ports.ts";
import type { SentWrite } from "./answers.ts";
import type { ResourceIdentifier, Terms } from "./terms.ts";
import { isReference } from "./wire.ts";

/** A document ready to send. */
export interface UserDocument extends SentWrite {
  readonly body: string;
}

const textsOf = (value: AttributeValue): readonly string[] => {
  if (value === null || value === "") return [];
  return typeof value === "object" ? value : [String(value)];
};

// `null` empties every type, empty text does not (contract/drupal-fields 019, 030).
function attributeForm(value: AttributeValue, field: DrupalField): unknown {
  const texts = textsOf(value);
  if (texts.length === 0) return null;
  const isBoolean = field.type === "boolean";
  if (typeof value === "object") {
    // A boolean field takes true, false, 1 and 0, and none of the words (contract/drupal-fields 018).
    const items = isBoolean ? texts.map((text) => text === "true") : texts;
    return field.multiple ? items : items.length === 1 ? items[0] : items;
  }
  if (isBoolean && typeof value === "string") return value === "true";
  return value;
}

const identifierOf = async (
  name: string,
  field: DrupalField,
  text: string,
  terms: Terms,
): Promise<ResourceIdentifier> => {
  const refused = (code: string, message: string) =>
    new RejectedError(message, { system: "drupal", code, attribute: name });
  if (field.type === "user") {
    if (isUuid(text)) return { type: "user--user", id: text.toLowerCase() };
    throw refused("invalidValue", `${name} takes the UUID of an account`);
  }
  if (field.vocabulary === undefined)
    throw refused("vocabularyUnknown", `the field ${name} is declared without its vocabulary`);
  return terms.find(name, field.vocabulary, text);
};

/** A user's document with exactly these values; looks up the terms that they refer to. */
export async function toUserDocument(
  uuid: string,
  values: Attributes,
  fields: DrupalFields,
  terms: Terms,
): Promise<UserDocument> {
  const attributes: Record<string, unknown> = {};
  const relationships: Record<string, unknown> = {};
  const sent = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(values)) {
    const field = drupalFieldOf(name, fields);
    const texts = textsOf(value);
    if (!isReference(field)) {
      attributes[name] = attributeForm(value, field);
      sent.set(name, texts);
      continue;
    }
    const targets = await Promise.all(texts.map((text) => identifierOf(name, field, text, terms)));
    relationships[name] = { data: field.multiple ? targets : (targets[0] ?? null) };
    sent.set(
      name,
      targets.map(({ id }) => id),
    );
  }
  // Upper-case letters in an id are refused (contract/drupal-fields 105).
  const data = {
    type: "user--user",
    id: uuid.toLowerCase(),
    ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
    ...(Object.keys(relationships).length > 0 ? { relationships } : {}),
  };
  return { body: JSON.stringify({ data }), sent };
}
