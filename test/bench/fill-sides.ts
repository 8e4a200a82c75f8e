// Fills the simulators of a bench with some of the shared fictional people, who were changed long before it began.
import { createHash } from "node:crypto";
import { personUsers } from "../../infra/local/drupal/seeded-site.ts";
import type { Site } from "../../infra/local/drupal/site.ts";
import type { Tenant } from "../../infra/local/graph/tenant.ts";
import { people } from "../../infra/local/people.ts";

// Longer than the sync reads back when it asks a site what changed.
const LONG_AGO_S = 7 * 86_400;

/** Gives a site the people from number `from` up to `end`, exclusive. */
export function fillSite(site: Site, from: number, end: number): void {
  for (const user of personUsers(from, end, site.now() - LONG_AGO_S))
    site.users.put({ ...user, uid: site.users.takeUid() });
}

function objectIdOf(name: string): string {
  const hex = createHash("md5").update(`bench ${name}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Gives a tenant the people from number `from` up to `end`, exclusive: members who sign in here, and nothing special. */
export function fillTenant(tenant: Tenant, from: number, end: number): void {
  for (const { name, givenName, surname, department, jobTitle, mail } of people(end).slice(from)) {
    const values = {
      accountEnabled: true,
      displayName: `${givenName} ${surname}`,
      givenName,
      surname,
      department,
      jobTitle,
      mail,
      mailNickname: name,
      userPrincipalName: mail,
      usageLocation: "NL",
    };
    tenant.users.insert(values, { id: objectIdOf(name) });
  }
}
