// Two admins' edits of one list, put together item by item: what only one of them touched is as that one left it.
import { isSame, type Json } from "./json.ts";

/** What an item of a list is known by. */
export interface Identity {
  /** One for each item of a list, whatever its settings are. */
  keyOf(item: Json): string;
  /** What only one item may write; items that share one cannot stand beside each other. */
  writesOf(item: Json): readonly string[];
  nameOf(item: Json): string;
}

/** Three versions of the same. Compare with their defaults filled in. */
export interface Versions<T> {
  readonly base: T;
  readonly theirs: T;
  readonly ours: T;
}

/** Put together, and the names of what both touched, each in their own way: there ours stands. */
export interface Merged<T> {
  readonly value: T;
  readonly both: readonly string[];
}

type Keyed = ReadonlyMap<string, Json>;

const orderOf = (list: Keyed, among: Keyed): string =>
  JSON.stringify([...list.keys()].filter((key) => among.has(key)));

/** The keys that ours added, changed or took away. */
function touchedKeys(base: Keyed, ours: Keyed): string[] {
  const keys = [...new Set([...base.keys(), ...ours.keys()])];
  return keys.filter((key) => !isSame(ours.get(key), base.get(key)));
}

/** The keys of theirs that cannot stand beside an item of ours: both write the same. */
function crowdedOut(
  [key, item]: readonly [string, Json],
  theirs: Keyed,
  { writesOf }: Identity,
): string[] {
  const writes = writesOf(item);
  return [...theirs].flatMap(([other, one]) =>
    other !== key && writesOf(one).some((end) => writes.includes(end)) ? [other] : [],
  );
}

/** The list; null where items cannot be told apart. */
export function mergedItems(
  versions: Versions<readonly Json[]>,
  identity: Identity,
): Merged<readonly Json[]> | null {
  const { keyOf, nameOf } = identity;
  const keyed = (list: readonly Json[]): Keyed => new Map(list.map((item) => [keyOf(item), item]));
  const base = keyed(versions.base);
  const theirs = keyed(versions.theirs);
  const ours = keyed(versions.ours);
  if (theirs.size < versions.theirs.length || ours.size < versions.ours.length) return null;
  const both = new Set<string>();
  const list = new Map(theirs);
  for (const key of touchedKeys(base, ours)) {
    const [before, their, our] = [base.get(key), theirs.get(key), ours.get(key)];
    const named = our ?? their ?? before;
    if (named !== undefined && !isSame(their, before) && !isSame(their, our))
      both.add(nameOf(named));
    if (our === undefined) {
      list.delete(key);
      continue;
    }
    list.set(key, our);
    const out = crowdedOut([key, our], theirs, identity).filter((other) => !ours.has(other));
    if (out.some((other) => !base.has(other))) both.add(nameOf(our));
    for (const other of out) list.delete(other);
  }
  // Who put the items into another order has it; what the other added stands at the end.
  const isOurOrder = orderOf(ours, base) !== orderOf(base, ours);
  const first = isOurOrder ? [...ours.keys()].filter((key) => list.has(key)) : [];
  const value = [...new Set([...first, ...list.keys()])].flatMap((key) => list.get(key) ?? []);
  return { value, both: [...both] };
}
