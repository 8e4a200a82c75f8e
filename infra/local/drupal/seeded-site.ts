// The site that `npm start` and most tests get: administrator, service account, and the shared fictional people.
import { people } from "../people.ts";
import { deterministicUuid } from "./deterministic-uuid.ts";
import { blankUser, type DrupalUser } from "./drupal-user.ts";
import type { OAuthClient } from "./oauth-server.ts";
import { standardRoles } from "./roles.ts";
import { createSite, type Site } from "./site.ts";
import { createTaxonomy } from "./taxonomy.ts";
import { NAME_FIELDS, type UserFieldDefinition, userField } from "./user-fields.ts";

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

const TEAMS = ["Apollo", "Borealis", "Cassini", "Über uns"];
const PEOPLE_PER_MANAGER = 8;
const DAY_MS = 86_400_000;
const FIRST_START = Date.UTC(2015, 0, 5);

/** One field of each kind that organisations keep about their people. */
const FIELDS: readonly UserFieldDefinition[] = [
  ...NAME_FIELDS,
  userField("field_employee_number", "Employee number", "integer", { min: 1, max: 9_999_999 }),
  userField("field_newsletter", "Newsletter", "boolean"),
  userField("field_office", "Office", "list_string", { allowed: ["hq", "branch", "home"] }),
  userField("field_start_date", "Start date", "date"),
  userField("field_phone", "Phone", "telephone"),
  userField("field_team", "Team", "term", { vocabulary: "teams" }),
  userField("field_manager", "Manager", "user"),
];

/** What the other fields of person number `index` hold; every tenth person has left these empty. */
function details(index: number): Partial<DrupalUser> {
  if (index % 10 === 9) return {};
  const start = new Date(FIRST_START + ((index * 37) % 4000) * DAY_MS);
  return {
    field_employee_number: 1001 + index,
    field_newsletter: index % 3 === 0,
    field_office: ["hq", "branch", "home"][index % 3] ?? null,
    field_start_date: start.toISOString().slice(0, 10),
    field_phone: `+49 30 5550 ${String(index).padStart(4, "0")}`,
    field_team: { targetId: 1 + (index % TEAMS.length) },
  };
}

/** Terms are numbered from 1; the last one is not published, as a team that is being prepared. */
function teams(now: number) {
  const names = [...TEAMS, "Unannounced"];
  const terms = names.map((name, index) => ({
    tid: index + 1,
    uuid: deterministicUuid(`term ${name}`),
    vocabulary: "teams",
    name,
    published: name !== "Unannounced",
    revision: index + 1,
    changed: now,
  }));
  return createTaxonomy([{ id: "teams", uuid: deterministicUuid("vocabulary teams") }], terms);
}

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
        // They have all signed in: the address that they show is theirs.
        login: at,
        access: at,
        init: person.mail,
        timezone: "Europe/Berlin",
        field_first_name: person.givenName,
        field_last_name: person.surname,
        field_department: person.department,
        ...details(from + index),
      };
    });
}

/** A fresh seeded site with this many people. */
export function seededSite(count: number): Site {
  const now = Math.floor(Date.now() / 1000);
  const site = createSite(standardRoles(), [CLIENT], "Drupal simulator", FIELDS, teams(now));
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
    const manager = FIRST_PERSON_UID + Math.floor((index - 1) / PEOPLE_PER_MANAGER);
    const managed = index % 10 === 0 ? {} : { field_manager: { targetId: manager } };
    site.users.put({ ...user, ...managed, uid: FIRST_PERSON_UID + index });
  });
  return site;
}
