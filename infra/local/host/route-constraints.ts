// Inline route constraints of ASP.NET Core (Routing in ASP.NET Core, "Route constraints").

/** A condition on the value of a route parameter. */
export interface Constraint {
  readonly name: string;
  accepts(value: string): boolean;
}

const within = (value: string, low: bigint, high: bigint): boolean => {
  if (!/^\s*[+-]?\d+\s*$/.test(value)) return false;
  const number = BigInt(value.trim().replace(/^\+/, ""));
  return number >= low && number <= high;
};
const INT_MAX = 2n ** 31n - 1n;
const LONG_MAX = 2n ** 63n - 1n;
const isLong = (value: string): boolean => within(value, -LONG_MAX - 1n, LONG_MAX);

const GUID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
const bracketedGuid = (value: string): boolean =>
  GUID.test(value.replace(/^\{(.*)\}$/, "$1").replace(/^\((.*)\)$/, "$1"));
const isFloat = (value: string): boolean => /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value);

const PLAIN: Readonly<Record<string, (value: string) => boolean>> = {
  int: (value) => within(value, -INT_MAX - 1n, INT_MAX),
  long: isLong,
  bool: (value) => /^(true|false)$/i.test(value),
  guid: bracketedGuid,
  alpha: (value) => /^[a-z]*$/i.test(value),
  decimal: (value) => /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(value),
  double: isFloat,
  float: isFloat,
  // .NET reads more notations; the invariant ISO 8601 forms are the ones that URLs carry.
  datetime: (value) =>
    /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/.test(
      value,
    ) && !Number.isNaN(Date.parse(value)),
  required: (value) => value !== "",
};

/** Reads one constraint such as `int`, `length(2,5)` or `regex(^a$)`; undefined when it is not modelled. */
export function parseConstraint(text: string): Constraint | undefined {
  const match = /^([a-z]+)(?:\((.*)\))?$/i.exec(text);
  const name = match?.[1]?.toLowerCase();
  if (name === undefined) return undefined;
  const argument = match?.[2];
  const plain = PLAIN[name];
  if (plain) return argument === undefined ? { name, accepts: plain } : undefined;
  const accepts = argument === undefined ? undefined : withArgument(name, argument);
  return accepts && { name, accepts };
}

function withArgument(name: string, argument: string): ((value: string) => boolean) | undefined {
  if (name === "regex") return regexConstraint(argument);
  const numbers = argument.split(",").map((part) => part.trim());
  if (!numbers.every((part) => /^-?\d+$/.test(part))) return undefined;
  const [first = 0n, second] = numbers.map(BigInt);
  const count = numbers.length;
  const size = (value: string): bigint => BigInt(value.length);
  switch (`${name}/${count}`) {
    case "min/1":
      return (value) => within(value, first, LONG_MAX);
    case "max/1":
      return (value) => within(value, -LONG_MAX - 1n, first);
    case "range/2":
      return (value) => within(value, first, second ?? first);
    case "minlength/1":
      return (value) => size(value) >= first;
    case "maxlength/1":
      return (value) => size(value) <= first;
    case "length/1":
      return (value) => size(value) === first;
    case "length/2":
      return (value) => size(value) >= first && size(value) <= (second ?? first);
    default:
      return undefined;
  }
}

function regexConstraint(argument: string): ((value: string) => boolean) | undefined {
  // In a template braces are doubled and the expression ignores case (RegexRouteConstraint).
  const source = argument.replaceAll("{{", "{").replaceAll("}}", "}").replaceAll("\\\\", "\\");
  try {
    const pattern = new RegExp(source, "i");
    return (value) => pattern.test(value);
  } catch {
    return undefined;
  }
}

const NUMERIC = new Set(["int", "long", "min", "max", "range"]);
const NOT_NUMERIC = new Set(["alpha", "bool", "guid"]);

/** Whether no value satisfies both constraints; "no" also where it cannot be told. */
export function disjoint(a: Constraint, b: Constraint): boolean {
  return (
    (NUMERIC.has(a.name) && NOT_NUMERIC.has(b.name)) ||
    (NUMERIC.has(b.name) && NOT_NUMERIC.has(a.name)) ||
    (a.name === "guid" && b.name === "bool") ||
    (a.name === "bool" && b.name === "guid")
  );
}
