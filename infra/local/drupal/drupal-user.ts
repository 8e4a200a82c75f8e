// A user entity with Drupal's own field names, so that no table of translations can be wrong.

import type { FieldName, FieldValue } from "./user-fields.ts";

/** The image field's item: the file and what the field stores beside it (contract/drupal 194). */
export interface PictureItem {
  readonly target: string;
  readonly alt: string | null;
  readonly title: string | null;
  readonly width: number;
  readonly height: number;
}

/** One row of `users_field_data` with its fields; records are replaced, never changed in place. */
export interface DrupalUser {
  readonly uid: number;
  readonly uuid: string;
  readonly langcode: string;
  readonly preferred_langcode: string | null;
  readonly preferred_admin_langcode: string | null;
  readonly name: string;
  readonly pass: string | null;
  readonly mail: string | null;
  readonly timezone: string | null;
  readonly status: boolean;
  readonly created: number;
  readonly changed: number;
  readonly access: number;
  readonly login: number;
  readonly init: string | null;
  /** Machine names, without `authenticated`, in the order they were given. */
  readonly roles: readonly string[];
  readonly field_department: string | null;
  readonly field_first_name: string | null;
  readonly field_last_name: string | null;
  readonly user_picture: PictureItem | null;
  /** What else the site has added; a field that was never set is missing. */
  readonly [field: FieldName]: FieldValue | undefined;
}

/** What a new user is before anybody sets a field: blocked, English, UTC (contract/drupal 021). */
export function blankUser(uid: number, uuid: string, now: number): DrupalUser {
  return {
    uid,
    uuid,
    langcode: "en",
    preferred_langcode: "en",
    preferred_admin_langcode: null,
    name: "",
    pass: null,
    mail: null,
    timezone: "UTC",
    status: false,
    created: now,
    changed: now,
    access: 0,
    login: 0,
    init: null,
    roles: [],
    field_department: null,
    field_first_name: null,
    field_last_name: null,
    user_picture: null,
  };
}

const same = (left: unknown, right: unknown): boolean =>
  left === right || JSON.stringify(left ?? null) === JSON.stringify(right ?? null);

/** True when a save would write another value in any field but `changed` (contract/drupal 130-131). */
export function differs(before: DrupalUser, after: DrupalUser): boolean {
  const old = new Map(Object.entries(before));
  return Object.entries(after).some(
    ([field, value]) => field !== "changed" && !same(old.get(field), value),
  );
}
