// The site that `npm start` and most tests get: administrator, service account, and the shared fictional people.
import { people } from "../people.ts";
import { deterministicUuid } from "./deterministic-uuid.ts";
import { blankUser, type DrupalUser } from "./drupal-user.ts";
import type { OAuthClient } from "./oauth-server.ts";
import { standardRoles } from "./roles.ts";
import { createSite, type Site } from "./site.ts";

/** The name of the account that the sync uses. */
export const SERVICE_ACCOUNT = "svc-sync";
const FIRST_PERSON_UID = 10;
/** `changed` has a resolution of one second, so several people share each second. */
const PEOPLE_PER_SECOND = 3;

const CLIENT: OAuthClient = {
  id: "sync",
  secret: "sync-secret",
  actsAs: SERVICE_ACCOUNT,
  scopes: { "sync:users": "sync" },
  defaultScopes: ["sync:users"],
  lifetimeSeconds: 300,
};

function account(uid: number, name: string, changes: Partial<DrupalUser>, now: number): DrupalUser {
  return { ...blankUser(uid, deterministicUuid(`user ${name}`), now), name, ...changes };
}

/** The people from number `from` on, up to `count` in all, as users who were not changed since. */
export function personUsers(from: number, count: number, now: number): DrupalUser[] {
  return people(count)
    .slice(from)
    .map((person, index) => {
      const at = now - Math.ceil((count - from - index) / PEOPLE_PER_SECOND);
      const blank = blankUser(0, deterministicUuid(`user ${person.name}`), at);
      return {
        ...blank,
        name: person.name,
        mail: person.mail,
        status: true,
        timezone: "Europe/Berlin",
        field_first_name: person.givenName,
        field_last_name: person.surname,
        field_department: person.department,
      };
    });
}

/** A fresh seeded site with this many people. */
export function seededSite(count: number): Site {
  const site = createSite(standardRoles(), [CLIENT], "Drupal simulator");
  const now = site.now();
  const before = now - Math.ceil(count / PEOPLE_PER_SECOND) - 60;
  site.users.put(account(0, "", {}, before));
  site.users.put(
    account(
      1,
      "admin",
      { pass: "admin", mail: "admin@contoso.example", status: true, roles: ["administrator"] },
      before,
    ),
  );
  site.users.put(
    account(
      2,
      SERVICE_ACCOUNT,
      { pass: SERVICE_ACCOUNT, mail: "svc-sync@contoso.example", status: true, roles: ["sync"] },
      before,
    ),
  );
  personUsers(0, count, now).forEach((user, index) => {
    site.users.put({ ...user, uid: FIRST_PERSON_UID + index });
  });
  return site;
}
