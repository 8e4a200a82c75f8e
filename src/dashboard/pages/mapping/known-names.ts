// Names that are offered while one types: what Graph lets an app write of a user, and the Drupal fields that the mapping knows.
import { at, isList, isObject, type Json, type JsonObject, textAt } from "./json.ts";

// Properties of `user` that can be written by an app (graph-rest-1.0, resources/user), without those that the sync decides.
const ENTRA = (
  "ageGroup businessPhones city companyName consentProvidedForMinor country department displayName employeeHireDate " +
  "employeeId employeeLeaveDateTime employeeType faxNumber givenName jobTitle mail manager mobilePhone officeLocation " +
  "otherMails postalCode preferredLanguage state streetAddress surname usageLocation"
).split(" ");

const EXTENSIONS = Array.from(
  { length: 15 },
  (_, index) => `onPremisesExtensionAttributes.extensionAttribute${index + 1}`,
);

// Fields that every Drupal site has.
const DRUPAL = "mail timezone langcode preferred_langcode preferred_admin_langcode".split(" ");

const namesIn = (value: Json | undefined): string[] => (isObject(value) ? Object.keys(value) : []);

const ofRows = (document: JsonObject, end: "drupal" | "entra"): string[] =>
  ["attributes", "matching"].flatMap((part) => {
    const rows = at(document, [part]);
    return isList(rows) ? rows.map((row) => textAt(row, end)) : [];
  });

const sorted = (names: readonly string[]): string[] =>
  [...new Set(names.filter((name) => name !== ""))].toSorted((a, b) => a.localeCompare(b));

/** The names to offer; both documents count, so that a name that was just removed is still known. */
export function knownNames(
  draft: JsonObject,
  saved: JsonObject,
): Readonly<Record<"drupal" | "entra", readonly string[]>> {
  const both = [draft, saved];
  const drupal = both.flatMap((one) => [...ofRows(one, "drupal"), ...namesIn(one.fields)]);
  const entra = both.flatMap((one) => [...ofRows(one, "entra"), ...namesIn(one.extensions)]);
  return {
    drupal: sorted([...DRUPAL, ...drupal]),
    entra: [...sorted([...ENTRA, ...entra]), ...EXTENSIONS.filter((name) => !entra.includes(name))],
  };
}
