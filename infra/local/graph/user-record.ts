// One directory user as stored, and its properties as Graph shows them (some are computed, not stored).
import { createHash } from "node:crypto";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";

/** Stored values: absent = never set, null = set and cleared; replaced as a whole, never mutated. */
export type UserValues = JsonObject;

/** The picture of a user. */
export interface Photo {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  readonly etag: string;
}

/** A user, deleted or not. */
export interface UserRecord {
  readonly id: string;
  readonly createdAt: number;
  /** When GET by id starts to find it (replication), and when lists do. */
  visibleAt: number;
  listedAt: number;
  changedAt: number;
  deletedAt: number | undefined;
  values: UserValues;
  managerId: string | undefined;
  photo: Photo | undefined;
  /** Values that stale readers still see, oldest first. */
  history: { readonly values: UserValues; readonly until: number }[] | undefined;
}

/** The values a reader sees now: older ones while a change is still replicating. */
export function visibleValues(record: UserRecord, now: number): UserValues {
  if (record.history === undefined) return record.values;
  return record.history.find((old) => old.until > now)?.values ?? record.values;
}

/** Text of a stored value, or "" when there is none. */
export function textOf(values: UserValues, property: string): string {
  const value = values[property];
  return typeof value === "string" ? value : "";
}

/** The addresses of a user: `SMTP:` is the primary one (mail), `smtp:` the others. */
export function proxyAddressesOf(values: UserValues): readonly string[] {
  const stored = values.proxyAddresses;
  if (Array.isArray(stored)) return stored.filter((address) => typeof address === "string");
  const mail = textOf(values, "mail");
  return mail === "" ? [] : [`SMTP:${mail}`];
}

const EMPTY_EXTENSIONS: JsonObject = Object.fromEntries(
  Array.from({ length: 15 }, (_, index) => [`extensionAttribute${index + 1}`, null]),
);

const iso = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

const securityIdentifier = (id: string): string => {
  const hash = createHash("sha1").update(id).digest();
  return `S-1-12-1-${[0, 4, 8, 12].map((offset) => hash.readUInt32BE(offset)).join("-")}`;
};

const identitiesOf = (values: UserValues, issuer: string): JsonValue => {
  const stored = values.identities;
  const extra = Array.isArray(stored) ? stored : [];
  return [
    {
      signInType: "userPrincipalName",
      issuer,
      issuerAssignedId: textOf(values, "userPrincipalName"),
    },
    ...extra,
  ];
};

// Soft-deleted users carry their id, without dashes, before the UPN; unverified against a tenant.
const shownUpn = (record: UserRecord, values: UserValues): JsonValue => {
  const upn = textOf(values, "userPrincipalName");
  return record.deletedAt === undefined ? upn : `${record.id.replaceAll("-", "")}${upn}`;
};

/** The value of one property as Graph answers it. `issuer` is the tenant's initial domain. */
export function userProperty(
  record: UserRecord,
  values: UserValues,
  property: string,
  issuer: string,
): JsonValue {
  switch (property) {
    case "id":
      return record.id;
    case "createdDateTime":
    case "lastPasswordChangeDateTime":
    case "signInSessionsValidFromDateTime":
      return iso(record.createdAt);
    case "deletedDateTime":
      return record.deletedAt === undefined ? null : iso(record.deletedAt);
    case "userPrincipalName":
      return shownUpn(record, values);
    case "proxyAddresses":
      return proxyAddressesOf(values);
    case "identities":
      return identitiesOf(values, issuer);
    case "securityIdentifier":
      return securityIdentifier(record.id);
    case "onPremisesExtensionAttributes": {
      const stored = values[property];
      return isJsonObject(stored) ? { ...EMPTY_EXTENSIONS, ...stored } : EMPTY_EXTENSIONS;
    }
    case "businessPhones":
    case "otherMails":
    case "imAddresses":
      return values[property] ?? [];
    case "userType":
      return values[property] ?? "Member";
    // Never answered back, whatever was set.
    case "passwordProfile":
      return null;
    default:
      return values[property] ?? null;
  }
}
