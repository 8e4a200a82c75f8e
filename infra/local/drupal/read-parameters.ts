// The query parameters of JSON:API as Drupal takes them: page, sort, fields, include.
import { DrupalError, notModelled, refusal } from "./drupal-error.ts";
import type { DrupalUser } from "./drupal-user.ts";
import type { ColumnFinder } from "./filter.ts";
import type { SortKey } from "./find-users.ts";
import type { QueryMap, QueryValue } from "./php-query.ts";

const KNOWN = ["fields", "filter", "include", "page", "resourceVersion", "sort"];
const MAX_PAGE = 50;

/** Refuses parameters that JSON:API does not define (contract/drupal 276). */
export function checkParameters(query: QueryMap): void {
  const unknown = [...query.keys()].filter((name) => !KNOWN.includes(name));
  const [first] = unknown;
  if (first === undefined) {
    if (query.has("resourceVersion"))
      throw refusal(501, "Resource versioning is not yet supported for this resource type.");
    return;
  }
  if (!/^[a-z]+$/.test(first)) throw notModelled(`the custom query parameter ${first}`);
  throw new DrupalError({
    status: 400,
    items: [
      {
        detail: `The following query parameters violate the JSON:API spec: '${unknown.join("', '")}'.`,
      },
    ],
    headers: { Link: "http://jsonapi.org/format/#query-parameters" },
  });
}

/** A parameter that must be an array (contract/drupal 234). */
export function arrayParameter(query: QueryMap, name: string): QueryMap {
  const value = query.get(name);
  if (value === undefined) return new Map();
  if (value instanceof Map) return value;
  throw refusal(400, `Unexpected value for parameter "${name}": expecting "array", got "string".`);
}

function textParameter(value: QueryValue | undefined, name: string): string | undefined {
  if (value instanceof Map) throw notModelled(`the array form of ${name}`);
  return value;
}

/** Offset and limit: more than 50 is 50, a word is the default, zero and less are refused (contract/drupal 077, 079, 080). */
export function readPage(query: QueryMap): { offset: number; limit: number } {
  const page = arrayParameter(query, "page");
  const limitText = textParameter(page.get("limit"), "page[limit]");
  const offsetText = textParameter(page.get("offset"), "page[offset]");
  const isInteger = (text: string): boolean => /^[+-]?\d+$/.test(text.trim());
  const limit = limitText !== undefined && isInteger(limitText) ? Number(limitText) : MAX_PAGE;
  if (limit < 1) throw refusal(400, "The page size needs to be a positive integer.");
  if (offsetText !== undefined && !/^\d+$/.test(offsetText))
    throw notModelled(`page[offset]=${offsetText}`);
  return { offset: Number(offsetText ?? "0"), limit: Math.min(limit, MAX_PAGE) };
}

/** The comma form of `sort`. */
export function readSort(query: QueryMap, columnOf: ColumnFinder<DrupalUser>): SortKey[] {
  const text = textParameter(query.get("sort"), "sort");
  if (text === undefined) return [];
  return text.split(",").map((part) => {
    const column = columnOf(part.replace(/^-/, ""), "");
    if (column.many || column.joins) throw notModelled(`sorting by ${column.field}`);
    return { column, descending: part.startsWith("-") };
  });
}

/** Sparse fieldsets by resource type; unknown field names are ignored (contract/drupal 117). */
export function readFields(query: QueryMap): Map<string, Set<string>> {
  return new Map(
    [...arrayParameter(query, "fields")].map(([type, value]) => [
      type,
      new Set(
        (textParameter(value, `fields[${type}]`) ?? "").split(",").map((name) => name.trim()),
      ),
    ]),
  );
}

/** The paths of `include` among the relationships of users; nothing below them is modelled (contract/drupal 120). */
export function readInclude(query: QueryMap, relationships: readonly string[]): string[] {
  const text = textParameter(query.get("include"), "include");
  if (text === undefined || text === "") return [];
  return text.split(",").map((path) => {
    if (relationships.includes(path)) return path;
    if (relationships.some((name) => path.startsWith(`${name}.`)))
      throw notModelled(`include=${path}`);
    throw refusal(
      400,
      `\`${path}\` is not a valid relationship field name. Possible values: ${relationships.join(", ")}.`,
    );
  });
}
