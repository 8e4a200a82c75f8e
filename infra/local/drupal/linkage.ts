// The relationships of a user document, resolved as Drupal does it: UUIDs become numbers before any field is looked at.
import { z } from "zod";
import { notModelled, refusal } from "./drupal-error.ts";
import { resourceTypes } from "./resource-types.ts";
import type { Site } from "./site.ts";
import { type FieldName, isReference } from "./user-fields.ts";

/** A picture that a document names. */
export interface LinkedPicture {
  readonly target: string;
  readonly alt: string | null;
  readonly title: string | null;
}

/** What the relationships of a document say; what is undefined or missing was not named. */
export interface Linkage {
  readonly roles: readonly string[] | undefined;
  readonly picture: LinkedPicture | null | undefined;
  readonly references: ReadonlyMap<FieldName, readonly number[]>;
  /** Names that are no relationships; without data an attribute is emptied all the same. */
  readonly others: readonly { readonly name: string; readonly isEmpty: boolean }[];
}

const record = z.record(z.string(), z.unknown());
const asRecord = (value: unknown): Record<string, unknown> => record.safeParse(value).data ?? {};

interface Identifier {
  readonly type: string;
  readonly id: string;
  readonly meta: Readonly<Record<string, unknown>>;
}

/** PHP's empty(). */
function isEmpty(data: unknown): boolean {
  if (data === null || data === undefined || data === "") return true;
  return typeof data === "object" && Object.keys(data).length === 0;
}

const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

/** One identifier is a list of one; only the first one's type is looked at (contract/drupal-fields 042-048). */
function identifiersOf(site: Site, data: unknown): readonly Identifier[] {
  if (isEmpty(data)) return [];
  const single = asRecord(data);
  const list: readonly unknown[] = Array.isArray(data)
    ? data
    : single.type !== undefined && single.id !== undefined
      ? [data]
      : [];
  const identifiers = list.map((item) => {
    const { type, id, meta } = asRecord(item);
    return { type: textOf(type), id: textOf(id), meta: asRecord(meta) };
  });
  const [first] = identifiers;
  if (first === undefined || first.id === "")
    throw refusal(400, "No ID specified for related resource");
  if (first.type === "") throw refusal(400, "No type specified for related resource");
  if (!resourceTypes(site).includes(first.type))
    throw refusal(400, `Invalid type specified for related resource: '${first.type}'`);
  return identifiers;
}

const missing = ({ type, id }: Identifier): Error =>
  refusal(
    404,
    `The resource identified by \`${type}:${id}\` (given as a relationship item) could not be found.`,
  );

/** The number behind a UUID, in the case it is stored in. */
function numberOf(site: Site, type: string, id: string): number | undefined {
  if (type.startsWith("taxonomy_term--")) return site.taxonomy.byUuid(id)?.tid;
  if (type !== "user--user") throw notModelled(`a reference to a ${type}`);
  const user = site.users.get(id);
  return user?.uuid === id ? user.uid : undefined;
}

/** The table is that of the given type, whatever the field refers to (contract/drupal-fields 045, 109). */
function numbersOf(site: Site, identifiers: readonly Identifier[]): number[] {
  const type = identifiers[0]?.type ?? "";
  return identifiers.flatMap((identifier) => {
    const number = numberOf(site, type, identifier.id);
    // The id of the parent of a root term is skipped wherever it is sent.
    if (number === undefined && identifier.id === "virtual") return [];
    if (number === undefined) throw missing(identifier);
    return number;
  });
}

/** Machine names of roles; an unknown id is a 404 (contract/drupal 007). */
function rolesOf(site: Site, identifiers: readonly Identifier[]): string[] {
  if (identifiers[0]?.type !== "user_role--user_role")
    return numbersOf(site, identifiers).map(String);
  return identifiers.map((identifier) => {
    const role = site.roles.find((each) => each.uuid === identifier.id);
    if (role === undefined) throw missing(identifier);
    return role.id;
  });
}

function pictureOf(site: Site, identifiers: readonly Identifier[]): LinkedPicture | null {
  const [first, second] = identifiers;
  if (first === undefined) return null;
  if (second !== undefined || first.type !== "file--file")
    throw notModelled("a picture that is not one file--file");
  if (site.files.get(first.id) === undefined) throw missing(first);
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return { target: first.id, alt: text(first.meta.alt), title: text(first.meta.title) };
}

/** Reads `data.relationships`. */
export function readLinkage(site: Site, given: unknown): Linkage {
  const all = Object.entries(asRecord(given)).map(
    ([name, each]) => [name, identifiersOf(site, asRecord(each).data)] as const,
  );
  const named = new Map(all);
  const roles = named.get("roles");
  const picture = named.get("user_picture");
  const references = new Map(
    site.fields.filter(isReference).flatMap(({ name, type }): [FieldName, readonly number[]][] => {
      const identifiers = named.get(name);
      if (identifiers === undefined) return [];
      const numbers = numbersOf(site, identifiers);
      if (type === "term" && numbers.includes(0)) throw notModelled("Anonymous for a term");
      return [[name, numbers]];
    }),
  );
  const isKnown = (name: string): boolean =>
    name === "roles" ||
    name === "user_picture" ||
    [...references.keys()].some((each) => each === name);
  const others = all
    .filter(([name]) => !isKnown(name))
    .map(([name, identifiers]) => ({
      name,
      isEmpty: numbersOf(site, identifiers).length === 0,
    }));
  return {
    roles: roles === undefined ? undefined : rolesOf(site, roles),
    picture: picture === undefined ? undefined : pictureOf(site, picture),
    references,
    others,
  };
}
