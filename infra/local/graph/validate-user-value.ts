// Checks one value of one user property and returns it in the form that is stored.
import { badRequest, GraphError, invalidValue } from "./graph-error.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
import type { Tenant } from "./tenant.ts";
import type { PropertyRule } from "./user-properties.ts";

const ALLOWED_VALUES: Readonly<Record<string, readonly string[]>> = {
  ageGroup: ["Minor", "NotAdult", "Adult"],
  consentProvidedForMinor: ["Granted", "Denied", "NotRequired"],
  userType: ["Member", "Guest"],
};

// user-post-users: only these characters, no accents; 64 before the @ (total length unverified).
const UPN = /^[A-Za-z0-9'.\-_!#^~]{1,64}@([A-Za-z0-9.-]{1,48})$/;
// The documented set for group nicknames; for users issue 5777 confirms the comma. Outer dots: unverified, refused.
const MAIL_NICKNAME = /^(?!\.)[!-~]*(?<!\.)$/;
const MAIL_NICKNAME_FORBIDDEN = /[@()\\[\]";:<>, ]/;
// No accent characters (doc text of mail and otherMails).
const MAIL = /^[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

const checkUpn = (tenant: Tenant, upn: string): string => {
  const domain = UPN.exec(upn)?.[1]?.toLowerCase();
  const details = [{ code: "InvalidValue", target: "userPrincipalName" }];
  if (domain === undefined) throw badRequest("Property userPrincipalName is invalid.", details);
  if (!tenant.domains.some(({ name }) => name === domain)) {
    throw badRequest(
      "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.",
      details,
    );
  }
  return upn;
};

const checkPasswordPolicies = (value: string): boolean =>
  value
    .split(",")
    .map((policy) => policy.trim())
    .every((policy) => ["DisableStrongPassword", "DisablePasswordExpiration"].includes(policy));

const checkText = (tenant: Tenant, rule: PropertyRule, value: string): string => {
  // Graph refuses empty strings: null clears. The limit is counted in UTF-16 units (unverified).
  const fits = value.length > 0 && value.length <= (rule.maxLength ?? Number.POSITIVE_INFINITY);
  const allowed = ALLOWED_VALUES[rule.name]?.includes(value) ?? true;
  if (!fits || !allowed) throw invalidValue(rule.name);
  switch (rule.name) {
    case "userPrincipalName":
      return checkUpn(tenant, value);
    case "mailNickname":
      if (!MAIL_NICKNAME.test(value) || MAIL_NICKNAME_FORBIDDEN.test(value)) {
        throw invalidValue(rule.name);
      }
      return value;
    case "mail":
      if (!MAIL.test(value)) throw invalidValue(rule.name);
      return value;
    case "usageLocation":
      if (!/^[A-Za-z]{2}$/.test(value)) throw invalidValue(rule.name);
      return value;
    case "preferredLanguage":
      // RFC 4646 form: en-US (doc text).
      if (!/^[a-z]{2,3}(-[A-Za-z]{2,4})*$/.test(value)) throw invalidValue(rule.name);
      return value;
    case "onPremisesImmutableId":
      if (/[$_]/.test(value)) throw invalidValue(rule.name);
      return value;
    case "passwordPolicies":
      if (!checkPasswordPolicies(value)) throw invalidValue(rule.name);
      return value;
    default:
      return value;
  }
};

const checkTexts = (rule: PropertyRule, value: JsonValue): JsonValue => {
  if (!Array.isArray(value)) throw invalidValue(rule.name);
  const most = rule.name === "businessPhones" ? 1 : 250;
  const longest = rule.maxLength ?? 256;
  const good = (item: JsonValue): boolean =>
    typeof item === "string" &&
    item.length > 0 &&
    item.length <= longest &&
    (rule.name !== "otherMails" || MAIL.test(item));
  if (value.length > most || !value.every(good)) throw invalidValue(rule.name);
  return value;
};

const textOrNull = (value: JsonValue | undefined, longest: number): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === "string" && value.length > 0 && value.length <= longest);

const checkExtensions = (rule: PropertyRule, value: JsonValue): JsonValue => {
  if (!isJsonObject(value)) throw invalidValue(rule.name);
  for (const [name, text] of Object.entries(value)) {
    if (name.startsWith("@odata.")) continue;
    if (!/^extensionAttribute([1-9]|1[0-5])$/.test(name)) throw unknownProperty(name);
    if (!textOrNull(text, rule.maxLength ?? 1024)) throw invalidValue(name);
  }
  return value;
};

const checkOrgData = (rule: PropertyRule, value: JsonValue): JsonValue => {
  if (!isJsonObject(value)) throw invalidValue(rule.name);
  const { division, costCenter, ...rest } = value;
  const others = Object.keys(rest).filter((name) => !name.startsWith("@odata."));
  if (others[0] !== undefined) throw unknownProperty(others[0]);
  if (!textOrNull(division, 256) || !textOrNull(costCenter, 256)) throw invalidValue(rule.name);
  // user-update: the one that is not sent becomes null.
  return { division: division ?? null, costCenter: costCenter ?? null };
};

const checkIdentities = (rule: PropertyRule, value: JsonValue): JsonValue => {
  const good = (item: JsonValue): boolean =>
    isJsonObject(item) &&
    typeof item.signInType === "string" &&
    typeof item.issuer === "string" &&
    item.issuer.length <= 512 &&
    typeof item.issuerAssignedId === "string" &&
    item.issuerAssignedId.length <= 64;
  if (!Array.isArray(value) || !value.every(good)) throw invalidValue(rule.name);
  return value;
};

const checkPassword = (rule: PropertyRule, value: JsonValue): JsonObject => {
  if (!isJsonObject(value)) throw invalidValue(rule.name);
  const { password, forceChangePasswordNextSignIn, forceChangePasswordNextSignInWithMfa, ...rest } =
    value;
  const others = Object.keys(rest).filter((name) => !name.startsWith("@odata."));
  if (others[0] !== undefined) throw unknownProperty(others[0]);
  for (const flag of [forceChangePasswordNextSignIn, forceChangePasswordNextSignInWithMfa]) {
    if (flag !== undefined && typeof flag !== "boolean") throw invalidValue(rule.name);
  }
  if (password !== undefined && typeof password !== "string") throw invalidValue(rule.name);
  return value;
};

const checkDateTime = (rule: PropertyRule, value: JsonValue): JsonValue => {
  const time = typeof value === "string" && DATE_TIME.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw invalidValue(rule.name);
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
};

/** 400 for a property that Graph's user does not have (wording unverified). */
export function unknownProperty(name: string): GraphError {
  return new GraphError(400, "Request_BadRequest", `Invalid property '${name}'.`);
}

/** The value to store, or a 400 in Graph's words. */
export function validateUserValue(tenant: Tenant, rule: PropertyRule, value: JsonValue): JsonValue {
  if (rule.readOnly) {
    throw badRequest(`Property '${rule.name}' is read-only and cannot be set.`);
  }
  if (value === null) {
    if (!rule.nullable) throw invalidValue(rule.name);
    return null;
  }
  switch (rule.type) {
    case "string":
      if (typeof value !== "string") throw invalidValue(rule.name);
      return checkText(tenant, rule, value);
    case "boolean":
      if (typeof value !== "boolean") throw invalidValue(rule.name);
      return value;
    case "integer":
      if (typeof value !== "number" || !Number.isInteger(value)) throw invalidValue(rule.name);
      return value;
    case "dateTime":
      return checkDateTime(rule, value);
    case "strings":
      return checkTexts(rule, value);
    case "extensions":
      return checkExtensions(rule, value);
    case "orgData":
      return checkOrgData(rule, value);
    case "identities":
      return checkIdentities(rule, value);
    case "password":
      return checkPassword(rule, value);
  }
}
