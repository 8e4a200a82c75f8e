// The site the contract was recorded on, as it was before the first recorded exchange.
import { blankUser, type DrupalUser } from "./drupal-user.ts";
import type { OAuthClient } from "./oauth-server.ts";
import type { Role } from "./roles.ts";
import { createSite, type Site } from "./site.ts";

const role = (
  uuid: string,
  id: string,
  label: string,
  weight: number,
  permissions: readonly string[],
  isAdmin: boolean | null = null,
): Role => ({ uuid, id, label, weight, isAdmin, permissions });

// contract/drupal 001.
const ROLES: readonly Role[] = [
  role("7fd9b540-9ba6-457b-8af3-aacfb98a5638", "administrator", "Administrator", 3, [], true),
  role(
    "a5a7bfa8-5d23-4fcb-bbdc-805216cf6c69",
    "anonymous",
    "Anonymous user",
    0,
    ["access content"],
    false,
  ),
  role(
    "0cacb2e0-4a07-45c1-8b9e-bd38299331b7",
    "authenticated",
    "Authenticated user",
    1,
    ["access content", "delete own files"],
    false,
  ),
  role(
    "f38a7b01-f514-4b00-9f7a-9f0a29cb9660",
    "content_editor",
    "Content editor",
    2,
    ["access content overview", "delete own files"],
    false,
  ),
  role("58710e65-763f-467b-92c6-2781af96d2d6", "editor_role", "Department editor", 5, []),
  role("3f8c18aa-998a-4478-9d54-8fa20c3dde45", "reader", "reader", 7, ["access user profiles"]),
  role("5b28f7f0-9034-481e-8fad-acc276c53365", "sync", "Sync service", 4, ["administer users"]),
  role("a2e371d0-2bba-4bbb-bc23-23834ad5ad13", "syncroles", "syncroles", 6, [
    "administer permissions",
    "administer users",
  ]),
  role("c8fd80a2-4f36-422f-ad57-5eda2bc2620b", "viewmail", "viewmail", 8, [
    "access user profiles",
    "view user email addresses",
  ]),
];

// contract/drupal 074: uid, UUID, name, role.
const ACCOUNTS: readonly (readonly [number, string, string, string])[] = [
  [0, "c5095f75-718b-41af-8341-2ed588a5295f", "", ""],
  [1, "33c66f3d-55fa-4e71-8a6d-b9baca7a03dc", "admin", "administrator"],
  [2, "0d18ed78-4241-4ace-8dc6-bab9e7e96006", "svc-sync", "sync"],
  [3, "90a1a454-6dfc-427b-bb5f-4d50e2f28e87", "plain", ""],
  [4, "4ad28064-ac92-4548-bf19-ea9e8f9fbe21", "svc-roles", "syncroles"],
  [5, "b4aa3fb4-c902-4765-97ae-9680acd0ed40", "reader", "reader"],
  [6, "9b74a2d2-5bff-4ae0-93cb-21d73c899803", "viewmail", "viewmail"],
  [7, "f901aa32-ef3d-4da1-bac5-57f2b143306e", "flooded", "sync"],
  [8, "0fd191e6-d1b1-4654-bf8a-6331f1b4cb23", "blockedsvc", "sync"],
];

const CLIENT: OAuthClient = {
  id: "entra-sync",
  secret: "consumer-Secret-1",
  actsAs: "svc-sync",
  scopes: { "sync:users": "sync", "sync:roles": "syncroles" },
  defaultScopes: ["sync:users", "sync:roles"],
  lifetimeSeconds: 300,
};

const seconds = (time: string): number => Date.parse(`2026-11-23T${time}Z`) / 1000;
const FIRST_ACCOUNTS = seconds("23:05:18");
const MORE_ACCOUNTS = seconds("23:07:08");

function account([uid, uuid, name, roleId]: (typeof ACCOUNTS)[number]): DrupalUser {
  const blank = blankUser(uid, uuid, uid > 3 ? MORE_ACCOUNTS : FIRST_ACCOUNTS);
  if (uid === 0) return blank;
  return {
    ...blank,
    name,
    created: uid === 1 ? seconds("23:03:37") : blank.created,
    pass: uid === 1 ? "Admin-Pass-1" : "Test-Pass-1",
    mail: `${name}@example.com`,
    status: name !== "blockedsvc",
    init: uid === 1 ? "admin@localhost" : null,
    roles: roleId === "" ? [] : [roleId],
  };
}

/** A fresh copy of the observed site; simple_oauth was installed only later (contract/drupal 305). */
export function observedSite(): Site {
  const site = createSite(ROLES, [CLIENT], "Acceptance Drupal");
  site.settings.simpleOauth = false;
  for (const row of ACCOUNTS) site.users.put(account(row));
  return site;
}
