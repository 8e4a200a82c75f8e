// Roles as the standard profile and this site define them, and what a set of roles permits.
import { deterministicUuid } from "./deterministic-uuid.ts";

/** A role config entity with what JSON:API shows of it (contract/drupal 001). */
export interface Role {
  readonly uuid: string;
  readonly id: string;
  readonly label: string;
  readonly weight: number;
  readonly isAdmin: boolean | null;
  readonly permissions: readonly string[];
}

const EVERYBODY = ["access comments", "access content", "access site-wide contact form"];
const MEMBERS = [...EVERYBODY, "access shortcuts", "delete own files", "post comments"];

const role = (
  id: string,
  label: string,
  weight: number,
  permissions: readonly string[],
  isAdmin: boolean | null = null,
): Role => ({ uuid: deterministicUuid(`role ${id}`), id, label, weight, isAdmin, permissions });

/** The roles of the seeded site; ids in alphabetical order, as the listing answers them. */
export function standardRoles(): Role[] {
  return [
    role("administrator", "Administrator", 3, [], true),
    role("anonymous", "Anonymous user", 0, EVERYBODY, false),
    role("authenticated", "Authenticated user", 1, MEMBERS, false),
    role("content_editor", "Content editor", 2, ["access content overview"], false),
    role("editor_role", "Department editor", 5, []),
    role("sync", "Sync service", 4, ["administer users"]),
  ];
}

/** Whether these roles grant a permission; an administrator role grants every one. */
export function rolesPermit(
  roles: readonly Role[],
  held: readonly string[],
  permission: string,
): boolean {
  return roles.some(
    (each) =>
      held.includes(each.id) && (each.isAdmin === true || each.permissions.includes(permission)),
  );
}
