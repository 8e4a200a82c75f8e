// Fills a tenant: four of five people share their mail with Drupal's, the others are in Entra only, a few are special.
import { createHash } from "node:crypto";
import { type Person, people } from "../people.ts";
import type { JsonObject } from "./json-value.ts";
import { INITIAL_DOMAIN, type Tenant } from "./tenant.ts";

const seededId = (text: string): string => {
  const hex = createHash("md5").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
};

const special = (index: number, person: Person): JsonObject => {
  if (index % 23 === 7) {
    const mail = `${person.name}@partner.contoso.example`;
    return {
      mail,
      userPrincipalName: `${mail.replace("@", "_")}#EXT#@${INITIAL_DOMAIN}`,
      userType: "Guest",
      creationType: "Invitation",
      externalUserState: "Accepted",
    };
  }
  if (index % 19 === 11) {
    return {
      onPremisesSyncEnabled: true,
      onPremisesLastSyncDateTime: "2026-01-01T00:00:00Z",
      onPremisesDomainName: "corp.contoso.example",
      onPremisesSamAccountName: person.name.slice(0, 20),
      onPremisesImmutableId: Buffer.from(person.name).toString("base64").replaceAll("_", "-"),
    };
  }
  return index % 17 === 3 ? { accountEnabled: false } : {};
};

const valuesOf = (index: number, person: Person): JsonObject => {
  const { mail, ...values }: JsonObject = {
    accountEnabled: true,
    displayName: `${person.givenName} ${person.surname}`,
    givenName: person.givenName,
    surname: person.surname,
    department: person.department,
    jobTitle: person.jobTitle,
    mail: person.mail,
    mailNickname: person.name,
    userPrincipalName: person.mail,
    usageLocation: "NL",
    ...special(index, person),
  };
  // One person without a mailbox.
  return index === 9 || mail === undefined ? values : { ...values, mail };
};

/** Adds users `first` … `first + count - 1` of an endless, always equal list of people. */
export function seedUsers(tenant: Tenant, count: number, first = 0): void {
  const end = first + count;
  const everyone = people(end + Math.ceil(end / 5));
  for (let index = first; index < end; index += 1) {
    // Every fifth is somebody beyond the list that Drupal's simulator seeds for the same count.
    const person = everyone[index % 5 === 4 ? end + Math.floor(index / 5) : index];
    if (person === undefined || tenant.users.index.byUpn(person.mail) !== undefined) continue;
    tenant.users.insert(valuesOf(index, person), { id: seededId(`user ${index}`) });
  }
}

/** A few groups over the seeded people, two of them nested in a third, and an application with an assigned role. */
export function seedGroups(tenant: Tenant): void {
  const records = [...tenant.users.scan(0)].slice(0, 60).map(({ record }) => record);
  if (records.length === 0) return;
  const withTitle = (title: string): string[] =>
    records.filter(({ values }) => values.jobTitle === title).map(({ id }) => id);
  const group = (displayName: string, description: string, members: readonly string[]): string => {
    const id = seededId(`group ${displayName}`);
    return tenant.groups.insert({ id, displayName, description, members }).id;
  };
  const editors = group("Editors", "Write and publish on the website", withTitle("Editor"));
  const librarians = group("Librarians", "Keep the catalogue", withTitle("Librarian"));
  const others = withTitle("Engineer").slice(0, 5);
  group("All staff", "Everyone below, through their groups", [editors, librarians, ...others]);
  const servicePrincipalId = seededId("service principal");
  const appRoleId = seededId("app role editor");
  tenant.servicePrincipals.set(servicePrincipalId, {
    id: servicePrincipalId,
    appId: seededId("application"),
    displayName: "Contoso website",
    appRoles: [{ id: appRoleId, value: "Editor" }],
  });
  tenant.appRoleAssignments = [editors, ...withTitle("Counsel").slice(0, 2)].map((principalId) => ({
    id: seededId(`assignment ${principalId}`),
    appRoleId,
    principalId,
    servicePrincipalId,
    createdAt: tenant.clock.now(),
  }));
}
