// A user at rest: both sides as they were when a look left nothing to do. A feed that shows the same again needs no look.
import { createHash } from "node:crypto";
import { drupalAttributesOf, entraAttributesOf } from "./attribute-mapping.ts";
import type { SyncConfiguration } from "./configuration.ts";
import type { Step } from "./plan.ts";
import { type Grants, needsGrants } from "./roles.ts";
import type { Attributes, DrupalUser, EntraUser } from "./users.ts";
import { canonical } from "./values.ts";

// Raised when a release decides differently from the same facts: everyone is then looked at once.
const EDITION = 1;
const MANAGER = "manager";

/** In place of a print: the account was joined, is proven gone, and nothing more follows from that. */
export const GONE = "gone";

const printOf = (parts: readonly unknown[], length: number): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, length);

/** What of a configuration decides about users; thresholds only decide about cycles, and `$schema` is for editors. Also the
 * fingerprint of a watermark. */
export function configurationPrint(configuration: SyncConfiguration): string {
  const { thresholds: _thresholds, $schema: _schema, ...deciding } = configuration;
  return printOf([EDITION, deciding], 16);
}

// Absent is not null: a value that we lost sight of is not an empty one.
const valuesOf = (attributes: Attributes, names: readonly string[]): unknown[] =>
  names.map((name) => (name in attributes ? [canonical(attributes[name])] : []));

/** Prints of users by one configuration, which is read once: 96 bits each. */
export interface RestPrints {
  /** The Drupal fields and Entra properties that count. */
  readonly fields: readonly string[];
  readonly properties: readonly string[];
  /** Whether groups and app roles count. */
  readonly needsGrants: boolean;
  readonly drupal: (user: DrupalUser) => string;
  /** `grants` null: not known, and then nobody is at rest. */
  readonly entra: (user: EntraUser, grants: Grants | null) => string | null;
}

/** The printer of a configuration. */
export function restPrints(configuration: SyncConfiguration): RestPrints {
  const edition = configurationPrint(configuration);
  const drupalNames = drupalAttributesOf(configuration).toSorted();
  const entraNames = entraAttributesOf(configuration)
    .filter((name) => name !== MANAGER)
    .toSorted();
  return {
    fields: drupalNames,
    properties: entraNames,
    needsGrants: needsGrants(configuration),
    drupal: ({ name, mail, enabled, roles, attributes }) =>
      printOf(
        [edition, name, mail, enabled, [...roles].toSorted(), valuesOf(attributes, drupalNames)],
        16,
      ),
    entra: (user, grants) => {
      if (grants === null) return null;
      const { userPrincipalName, enabled, userType, onPremisesSynced, attributes } = user;
      const own = [userPrincipalName, enabled, userType, onPremisesSynced];
      const values = valuesOf(attributes, entraNames);
      const held = printOf([edition, own, values, [...grants].toSorted()], 16);
      return `${held}.${printOf([attributes[MANAGER] ?? null], 6)}`;
    },
  };
}

/** A print of what a user is granted. */
export const grantsPrint = (grants: Grants): string => printOf([...grants].toSorted(), 11);

const writtenTo = (system: "drupal" | "entra", steps: readonly Step[]): Attributes =>
  Object.fromEntries(
    steps
      .filter((step) => step.system === system && step.resource === "user")
      .flatMap(({ changes }) => changes.map(({ attribute, after }) => [attribute, after])),
  );

/** The Drupal user as accepted writes leave them. */
export function drupalAfter(user: DrupalUser, steps: readonly Step[]): DrupalUser {
  const { status, ...values } = writtenTo("drupal", steps);
  const roles = new Set(user.roles);
  for (const { resource, operation, changes } of steps) {
    for (const { before, after } of resource === "role" ? changes : []) {
      if (operation === "assign") roles.add(String(after));
      if (operation === "remove") roles.delete(String(before));
    }
  }
  const mail = "mail" in values ? values.mail : user.mail;
  return {
    ...user,
    mail: typeof mail === "string" ? mail : null,
    enabled: typeof status === "boolean" ? status : user.enabled,
    roles: [...roles],
    attributes: { ...user.attributes, ...values },
  };
}

/** The Entra user as accepted writes leave them. */
export function entraAfter(user: EntraUser, steps: readonly Step[]): EntraUser {
  const { accountEnabled, userPrincipalName, ...values } = writtenTo("entra", steps);
  return {
    ...user,
    userPrincipalName:
      typeof userPrincipalName === "string" ? userPrincipalName : user.userPrincipalName,
    enabled: typeof accountEnabled === "boolean" ? accountEnabled : user.enabled,
    attributes: { ...user.attributes, ...values },
  };
}
