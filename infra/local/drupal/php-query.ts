// Query strings as PHP reads and Symfony writes them: `a[b][]=c`, rebuilt as RFC 3986 with every bracket encoded.

/** What `$_GET` holds: a text or an ordered map of texts and maps. */
export type QueryValue = string | QueryMap;
/** An ordered map; PHP's lists are maps with the keys 0, 1, 2. */
export type QueryMap = Map<string, QueryValue>;

const decode = (text: string): string => {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
};

function assign(target: QueryMap, path: readonly string[], value: string): void {
  let map = target;
  path.forEach((part, depth) => {
    const key = part === "" ? String(map.size) : part;
    if (depth === path.length - 1) {
      map.set(key, value);
      return;
    }
    const existing = map.get(key);
    const next: QueryMap = existing instanceof Map ? existing : new Map();
    map.set(key, next);
    map = next;
  });
}

/** Parses a raw query string the way `parse_str` does. */
export function parseQuery(raw: string): QueryMap {
  const result: QueryMap = new Map();
  for (const pair of raw.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? "" : decode(pair.slice(equals + 1));
    const bracket = name.indexOf("[");
    const head = bracket <= 0 ? name : name.slice(0, bracket);
    const rest = bracket <= 0 ? [] : [...name.slice(bracket).matchAll(/\[([^\]]*)\]/g)];
    assign(result, [head, ...rest.map((match) => match[1] ?? "")], value);
  }
  return result;
}

// encodeURIComponent leaves !'()* alone, PHP's rawurlencode does not (contract/drupal 090: %27).
const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function pairs(value: QueryValue, name: string): string[] {
  if (typeof value === "string") return [`${name}=${encode(value)}`];
  return [...value].flatMap(([key, inner]) => pairs(inner, `${name}%5B${encode(key)}%5D`));
}

/** Writes a query map as `http_build_query(..., PHP_QUERY_RFC3986)` does. */
export function buildQuery(query: QueryMap): string {
  return [...query].flatMap(([key, value]) => pairs(value, encode(key))).join("&");
}

/** Symfony sorts the top-level keys for `self` links (contract/drupal 111). */
export function normalisedQuery(query: QueryMap): string {
  return buildQuery(new Map([...query].sort(([left], [right]) => (left < right ? -1 : 1))));
}
