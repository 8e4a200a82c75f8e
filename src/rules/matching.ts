// Matching: which existing user of the other system an unlinked user is. Keys serve unlinked users only.
import type { SyncConfiguration } from "./configuration.ts";
import type { Reason } from "./plan.ts";
import type { AttributeValue, DrupalUser, EntraUser } from "./users.ts";
import { folded } from "./values.ts";

/** One look-up: the users whose `attribute` is `value` (folded). */
export interface MatchingKey {
  /** A property of Entra or a field of Drupal; `uuid` in Drupal is the account's own id. */
  readonly attribute: string;
  readonly value: string;
}

/** A look-up for one user, and the Drupal field that a pair would be matched by; null for our own marks. */
export interface UserKey extends MatchingKey {
  readonly field: string | null;
}

/** What the look-ups came to. */
export type Match<User> =
  | { readonly kind: "none" }
  | {
      readonly kind: "one";
      readonly user: User;
      readonly by: string;
      readonly field: string | null;
    }
  | { readonly kind: "conflict"; readonly reason: Reason };

const keyed = (attribute: string, value: AttributeValue | undefined, field: string): UserKey[] => {
  if (typeof value !== "string" && typeof value !== "number") return [];
  const text = folded(String(value));
  return text === "" ? [] : [{ attribute, value: text, field }];
};

// A mail that is the user principal name, too, is looked for once.
const distinct = (keys: readonly UserKey[]): UserKey[] => [
  ...new Map(keys.map((key) => [`${key.attribute} ${key.value}`, key])).values(),
];

/**
 * The keys by which a Drupal user is looked for in Entra: our own marker first, then the configured ones in their order.
 * A user without mail has no mail key.
 */
export function keysForEntra(user: DrupalUser, configuration: SyncConfiguration): UserKey[] {
  const configured = configuration.matching.flatMap((row) =>
    keyed(row.entra, user.attributes[row.drupal], row.drupal),
  );
  return [
    { attribute: configuration.account.marker, value: user.uuid, field: null },
    ...configured,
  ];
}

/** The keys by which an Entra user is looked for in Drupal: the UUID in our marker first, then the configured ones. */
export function keysForDrupal(user: EntraUser, configuration: SyncConfiguration): UserKey[] {
  const known: Readonly<Record<string, AttributeValue>> = {
    ...user.attributes,
    id: user.objectId,
    userPrincipalName: user.userPrincipalName,
  };
  const mark = user.attributes[configuration.account.marker];
  const marked = isUuid(mark) ? [{ attribute: "uuid", value: folded(mark), field: null }] : [];
  return distinct([
    ...marked,
    ...configuration.matching.flatMap((row) => keyed(row.drupal, known[row.entra], row.drupal)),
  ]);
}

/** The marker may hold anything that an organisation wrote there before us; only a UUID is a mark of ours. */
export const isUuid = (value: AttributeValue | undefined): value is string =>
  typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);

/** One candidate is a match; two are a conflict with both named, never a write. */
export function matchOf<User>(
  candidates: readonly User[],
  idOf: (user: User) => string,
  key: UserKey,
): Match<User> {
  const distinct = [...new Map(candidates.map((user) => [idOf(user), user])).values()];
  const [first, ...others] = distinct;
  if (first === undefined) return { kind: "none" };
  if (others.length === 0) return { kind: "one", user: first, by: key.attribute, field: key.field };
  const ids = distinct.map(idOf).join(", ");
  const message = `more than one user has the same ${key.attribute}: ${ids}`;
  return { kind: "conflict", reason: { code: "ambiguousMatch", message } };
}
