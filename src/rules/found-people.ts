// Who was found by a text: the nearest first, both sides of a pair as one person, and what a search box shows of them.
import type { FailingSystem } from "./errors.ts";
import type { Reason } from "./plan.ts";
import type { DrupalUser, EntraUser, System } from "./users.ts";
import { folded } from "./values.ts";

/** One person of both systems. */
export interface FoundPerson {
  /** Entra's display name, else the account name in Drupal. */
  readonly name: string;
  /** The account name in Drupal. */
  readonly drupalName: string | null;
  /** Entra's, else Drupal's. */
  readonly mail: string | null;
  readonly drupalUuid: string | null;
  readonly entraObjectId: string | null;
  readonly userPrincipalName: string | null;
  /** null where there is no account, or where its side did not answer. */
  readonly isEnabled: Readonly<Record<System, boolean | null>>;
  readonly linked: boolean;
}

/** A side that could not be asked. */
export interface SideFailure extends Reason {
  readonly system: FailingSystem;
}

/** What a search came to. */
export interface FoundPeople {
  readonly items: readonly FoundPerson[];
  /** There are others: a longer text finds them. */
  readonly hasMore: boolean;
  /** A side did not answer: people may be missing, and what it knows of the others. */
  readonly isPartial: boolean;
  readonly failures: readonly SideFailure[];
}

/** One account that a side has found. */
export type FoundAccount =
  | { readonly system: "drupal"; readonly user: DrupalUser }
  | { readonly system: "entra"; readonly user: EntraUser };

/** The ids that belong together, and what is known so far of their accounts. */
export interface Sighting {
  readonly drupalUuid: string | null;
  readonly entraObjectId: string | null;
  readonly linked: boolean;
  readonly drupal: DrupalUser | null;
  readonly entra: EntraUser | null;
}

const textOf = (user: EntraUser, attribute: string): string | null => {
  const value = user.attributes[attribute];
  return typeof value === "string" && value !== "" ? value : null;
};

const shownName = (account: FoundAccount): string =>
  account.system === "drupal"
    ? account.user.name
    : (textOf(account.user, "displayName") ?? account.user.userPrincipalName);

function isExactly(text: string, account: FoundAccount): boolean {
  const { system, user } = account;
  const values =
    system === "drupal"
      ? [user.name, user.mail]
      : [shownName(account), user.userPrincipalName, textOf(user, "mail")];
  return values.some((value) => value !== null && folded(value) === folded(text));
}

/** Accounts in the order in which they are shown: who is called exactly so comes before those who only begin so. */
export function nearestFirst(
  text: string,
  accounts: readonly FoundAccount[],
): readonly FoundAccount[] {
  const keyed = accounts.map((account) => {
    const key = `${isExactly(text, account) ? "0" : "1"} ${folded(shownName(account))}`;
    return { account, key };
  });
  const ordered = keyed.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return ordered.map(({ account }) => account);
}

/** Sightings with the two sides of each pair as one, where the first of them was. */
export function joinedByIds(sightings: readonly Sighting[]): readonly Sighting[] {
  const joined = new Map<string, Sighting>();
  for (const sighting of sightings) {
    const key = `${sighting.drupalUuid} ${sighting.entraObjectId}`;
    const known = joined.get(key);
    const drupal = sighting.drupal ?? known?.drupal ?? null;
    const entra = sighting.entra ?? known?.entra ?? null;
    joined.set(key, { ...sighting, drupal, entra });
  }
  return [...joined.values()];
}

/** What is shown of a person; null of whom no side shows anything. */
export function personOf({ drupal, entra, ...ids }: Sighting): FoundPerson | null {
  const account: FoundAccount | null =
    entra !== null
      ? { system: "entra", user: entra }
      : drupal === null
        ? null
        : { system: "drupal", user: drupal };
  if (account === null) return null;
  return {
    name: shownName(account),
    drupalName: drupal?.name ?? null,
    mail: (entra === null ? null : textOf(entra, "mail")) ?? drupal?.mail ?? null,
    drupalUuid: ids.drupalUuid,
    entraObjectId: ids.entraObjectId,
    userPrincipalName: entra?.userPrincipalName ?? null,
    isEnabled: { drupal: drupal?.enabled ?? null, entra: entra?.enabled ?? null },
    linked: ids.linked,
  };
}
