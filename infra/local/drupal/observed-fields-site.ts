// The site with fields of all kinds that contract/drupal-fields was recorded on, before the first recorded exchange.
import { blankUser, type DrupalUser } from "./drupal-user.ts";
import type { Role } from "./roles.ts";
import { createSite, type Site } from "./site.ts";
import { createTaxonomy, type Term } from "./taxonomy.ts";
import { NAME_FIELDS, type UserFieldDefinition, userField } from "./user-fields.ts";

const many = { many: true };

const FIELDS: readonly UserFieldDefinition[] = [
  ...NAME_FIELDS,
  userField("field_employee_number", "Employee number", "integer", { min: 1, max: 99999 }),
  userField("field_rating", "Rating", "decimal", { min: 0, max: 10 }),
  userField("field_newsletter", "Newsletter", "boolean"),
  userField("field_office", "Office", "list_string", { allowed: ["hq", "branch"] }),
  userField("field_interests", "Interests", "list_string", {
    allowed: ["chess", "music", "hiking"],
    many: true,
  }),
  userField("field_phone", "Phone", "telephone"),
  userField("field_phones", "Phones", "telephone", many),
  userField("field_start_date", "Start date", "date"),
  userField("field_last_review", "Last review", "datetime"),
  userField("field_bio", "Biography", "text_long"),
  userField("field_homepage", "Homepage", "link"),
  userField("field_team", "Team", "term", { vocabulary: "teams" }),
  userField("field_teams", "Teams", "term", { vocabulary: "teams", many: true }),
  userField("field_manager", "Manager", "user"),
];

const role = (
  uuid: string,
  id: string,
  label: string,
  weight: number,
  permissions: readonly string[],
  isAdmin: boolean | null = null,
): Role => ({ uuid, id, label, weight, isAdmin, permissions });

const MEMBER = ["access content", "delete own files"];

// contract/drupal-fields 088.
const ROLES: readonly Role[] = [
  role("cbd5630a-6ad9-4215-a378-72f6d8d1ecb1", "administrator", "Administrator", 3, [], true),
  role("23fcb290-62bc-400e-861a-f96cdd52355e", "anonymous", "Anonymous user", 0, MEMBER, false),
  role(
    "be8e2036-4bc6-4945-8c86-b846eaa4860a",
    "authenticated",
    "Authenticated user",
    1,
    MEMBER,
    false,
  ),
  role("be2f746e-ac0b-46cd-b941-ed0d32034dee", "content_editor", "Content editor", 2, [], false),
  role("549588cb-b9e0-4cbf-8a9c-8ebe2cf14abe", "editor_role", "Department editor", 7, []),
  role("58e0681e-802b-4275-80e3-5fe3faab667f", "reader", "reader", 6, ["access user profiles"]),
  role("4903a0db-4a5e-439c-be83-8a1fecdc241c", "sync", "Sync service", 4, ["administer users"]),
  role("353611f6-e051-40e3-8b0b-e1ac8bde4f77", "syncroles", "syncroles", 5, [
    "administer permissions",
    "administer users",
  ]),
];

const seconds = (time: string): number => Date.parse(`2026-11-24T${time}Z`) / 1000;
const INSTALLED = seconds("23:04:42");
const FILLED = seconds("23:05:35");

const TERMS: readonly Term[] = [
  "Engineering",
  "Sales",
  "Human Resources",
  "Secret Projects",
  "Forschung & Entwicklung",
  "Fiction",
  "Über uns",
  "Sales",
].map((name, index) => ({
  tid: index + 1,
  uuid: `4f6d3a10-2f5e-4b7c-9a51-0c1d2e3f4a0${index + 1}`,
  vocabulary: name === "Fiction" ? "tags" : "teams",
  name,
  published: name !== "Secret Projects",
  revision: index + 1,
  changed: FILLED,
}));

// Name and role, by uid.
const ACCOUNTS: readonly (readonly [string, string])[] = [
  ["svc-sync", "sync"],
  ["plain", ""],
  ["svc-roles", "syncroles"],
  ["reader", "reader"],
  ["grace.hopper", ""],
  ["blocked.boss", ""],
];

function account([name, roleId]: readonly [string, string], index: number): DrupalUser {
  const uid = index + 2;
  return {
    ...blankUser(uid, `7a1c5be2-94d0-4f0e-8a3b-00000000000${uid}`, FILLED),
    name,
    pass: "Test-Pass-1",
    mail: `${name}@example.com`,
    status: name !== "blocked.boss",
    roles: roleId === "" ? [] : [roleId],
  };
}

/** A fresh copy of that site. */
export function observedFieldsSite(): Site {
  const vocabularies = [{ id: "teams", uuid: "3045554c-045f-48e9-aebb-c3f6dec6a65d" }];
  const taxonomy = createTaxonomy(vocabularies, TERMS);
  const site = createSite(ROLES, [], "Acceptance Drupal", FIELDS, taxonomy);
  site.settings.simpleOauth = false;
  site.users.put(blankUser(0, "d8735eee-cc65-4c15-952c-92da970e35f0", INSTALLED));
  site.users.put({
    ...blankUser(1, "7c5e84ca-9444-4e37-8ee6-06157393de13", INSTALLED),
    name: "admin",
    pass: "Admin-Pass-1",
    mail: "admin@example.com",
    init: "admin@example.com",
    status: true,
    roles: ["administrator"],
  });
  for (const user of ACCOUNTS.map(account)) site.users.put(user);
  return site;
}
