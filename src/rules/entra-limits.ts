// What Entra accepts as a value (Graph user resource, facts 1.1): refused here, with a reason, before Graph refuses
// the whole user.
import type { Reason } from "./plan.ts";
import type { AttributeValue } from "./users.ts";

const MAX_LENGTH: Readonly<Record<string, number>> = {
  displayName: 256,
  givenName: 64,
  surname: 64,
  department: 64,
  companyName: 64,
  mobilePhone: 64,
  jobTitle: 128,
  city: 128,
  state: 128,
  country: 128,
  streetAddress: 1024,
  postalCode: 40,
  employeeId: 16,
  officeLocation: 128,
};

/** Cannot be set to null once they hold a value (Graph update user). */
const NOT_CLEARABLE = new Set(["displayName", "mail", "usageLocation"]);

const LISTS = new Set(["businessPhones", "otherMails"]);

// Graph takes SMTP addresses in ASCII; this is the plain shape, the service has the last word.
const MAIL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

const fault = (code: string, message: string): Reason => ({ code, message });

function faultOfText(attribute: string, value: string): Reason | null {
  const max = attribute.includes("extension") ? 1024 : (MAX_LENGTH[attribute] ?? 1024);
  // Graph counts UTF-16 code units, as JavaScript does [unverified on a tenant].
  if (value.length > max) {
    return fault(
      "valueTooLong",
      `${attribute} takes at most ${max} characters, not ${value.length}`,
    );
  }
  if (attribute === "mail" && !MAIL.test(value)) {
    return fault("invalidValue", "mail must be an address in ASCII");
  }
  if (attribute === "usageLocation" && !/^[A-Z]{2}$/.test(value)) {
    return fault("invalidValue", "usageLocation must be an ISO 3166 code of two letters");
  }
  return null;
}

/** Why Entra would refuse `value` for `attribute`, or null when it may be written. */
export function faultOfEntraValue(attribute: string, value: AttributeValue): Reason | null {
  if (value === null) {
    return NOT_CLEARABLE.has(attribute)
      ? fault("notClearable", `${attribute} cannot be cleared in Entra`)
      : null;
  }
  if (Array.isArray(value) !== LISTS.has(attribute)) {
    const shape = LISTS.has(attribute) ? "a list" : "a single value";
    return fault("invalidValue", `${attribute} takes ${shape}`);
  }
  if (attribute === "businessPhones" && Array.isArray(value) && value.length > 1) {
    return fault("invalidValue", "businessPhones takes one number");
  }
  return typeof value === "string" ? faultOfText(attribute, value) : null;
}

// Graph: users#who-can-perform-sensitive-actions.
const SENSITIVE = new Set([
  "accountEnabled",
  "businessPhones",
  "mobilePhone",
  "onPremisesImmutableId",
  "otherMails",
  "passwordProfile",
  "userPrincipalName",
]);

// Graph asks for more rights to write these when the user holds an admin role.
function isSensitive(attribute: string): boolean {
  return SENSITIVE.has(attribute);
}

/** Whether `attribute` goes in a request of its own: a refused sensitive one must not stop the rest, and the manager is a
 * reference with its own address. */
export function isWrittenAlone(attribute: string): boolean {
  return isSensitive(attribute) || attribute === "manager";
}

const CONTACTS = new Set(["mail", "otherMails", "businessPhones", "mobilePhone"]);

/** Whether `attribute` is an address by which a person is reached, and an account recovered. */
export function isContact(attribute: string): boolean {
  return CONTACTS.has(attribute);
}
