// The fields that a site has added to its users: what each is called, holds and allows.

/** Drupal's field types as far as they were measured (contract/drupal-fields). */
export type UserFieldType =
  | "string"
  | "integer"
  | "decimal"
  | "boolean"
  | "list_string"
  | "telephone"
  | "date"
  | "datetime"
  | "text_long"
  | "link"
  | "term"
  | "user";

/** The machine name of a field that somebody added. */
export type FieldName = `field_${string}`;

/** One added field. */
export interface UserFieldDefinition {
  readonly name: FieldName;
  readonly label: string;
  readonly type: UserFieldType;
  /** Holds any number of values; else one. */
  readonly many: boolean;
  readonly min?: number;
  readonly max?: number;
  /** The keys of a list field. */
  readonly allowed?: readonly string[];
  /** The vocabulary of a term field. */
  readonly vocabulary?: string;
}

/** A formatted text; the processed form is made when it is read. */
export interface FormattedText {
  readonly value: string;
  readonly format: string | null;
}

/** A link item. */
export interface LinkItem {
  readonly uri: string;
  readonly title: string | null;
}

/** A reference keeps the number, so it outlives its target (contract/drupal-fields 114). */
export interface ReferenceItem {
  readonly targetId: number;
}

/** One value of a field as it is stored. */
export type FieldItem = string | number | boolean | FormattedText | LinkItem | ReferenceItem;

/** What a user holds in one field; a field without values holds null, also when it could hold many. */
export type FieldValue = FieldItem | readonly FieldItem[] | null;

/** A field definition; texts of one value are the usual case. */
export function userField(
  name: FieldName,
  label: string,
  type: UserFieldType = "string",
  more: Partial<UserFieldDefinition> = {},
): UserFieldDefinition {
  return { name, label, type, many: false, ...more };
}

/** The three texts that every site here has. */
export const NAME_FIELDS: readonly UserFieldDefinition[] = [
  userField("field_department", "Department"),
  userField("field_first_name", "First name"),
  userField("field_last_name", "Last name"),
];

/** References are relationships, everything else is an attribute. */
export const isReference = (field: UserFieldDefinition): boolean =>
  field.type === "term" || field.type === "user";

const isList = (value: FieldValue): value is readonly FieldItem[] => Array.isArray(value);

/** The values of a field, whether it holds one or many. */
export function itemsOf(value: FieldValue | undefined): readonly FieldItem[] {
  if (value === null || value === undefined) return [];
  return isList(value) ? value : [value];
}

/** The targets of a reference field. */
export function targetsOf(value: FieldValue | undefined): readonly number[] {
  return itemsOf(value).flatMap((item) =>
    typeof item === "object" && "targetId" in item ? item.targetId : [],
  );
}

/** Values as a field of this kind stores them. */
export function storedValue(field: UserFieldDefinition, items: readonly FieldItem[]): FieldValue {
  const [first] = items;
  if (first === undefined) return null;
  return field.many ? items : first;
}
