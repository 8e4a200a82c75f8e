// Turns the JSON of a POST or PATCH into checked values, or refuses it as Graph does.
import { badRequest, invalidValue, notModelled } from "./graph-error.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
import { propertyRule, type Tenant } from "./tenant.ts";
import { exactPropertyName, isUnmodelledProperty } from "./user-properties.ts";
import { unknownProperty, validateUserValue } from "./validate-user-value.ts";

const REQUIRED = ["accountEnabled", "displayName", "mailNickname", "userPrincipalName"] as const;

/** Each property of a body with its checked value. */
export function validateUserBody(tenant: Tenant, body: JsonObject): JsonObject {
  const values: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name === "@odata.type" || name === "@odata.context") continue;
    if (name.includes("@odata.bind")) throw notModelled(`'${name}' in a user body`);
    // OData names are case-sensitive in bodies.
    const rule = propertyRule(tenant, name);
    if (rule !== undefined) values[name] = validateUserValue(tenant, rule, value);
    else if (exactPropertyName(name) === name && isUnmodelledProperty(name)) {
      throw notModelled(`writing the user property '${name}'`);
    } else throw unknownProperty(name);
  }
  return values;
}

/** The properties POST /users insists on (user-post-users, 2025-11-18); values are checked before. */
export function requireForCreate(values: JsonObject): void {
  // Issue msgraph-sdk-powershell 3307: said before anything else is missed.
  if (values.passwordProfile === undefined) {
    throw badRequest("A password must be specified to create a new user.");
  }
  for (const property of REQUIRED) {
    if (values[property] === undefined) {
      throw badRequest(`Property ${property} value is required but is empty or missing.`);
    }
  }
}

/** The password rules: 8 to 256 characters, three of four kinds unless the policy is switched off. */
export function requirePassword(
  profile: JsonValue | undefined,
  policies: JsonValue | undefined,
): void {
  const password = isJsonObject(profile) ? profile.password : undefined;
  if (typeof password !== "string" || password === "") {
    throw badRequest("A password must be specified to create a new user.");
  }
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password));
  const strong =
    (typeof policies === "string" && policies.includes("DisableStrongPassword")) ||
    kinds.length >= 3;
  if (password.length < 8 || password.length > 256 || !strong) {
    throw badRequest(
      "The specified password does not comply with password complexity requirements. Please provide a different password.",
    );
  }
}

/** Extra identities to store: the userPrincipalName one is computed, must be kept, and cannot be changed here. */
export function extraIdentities(identities: JsonValue, upn: string, required: boolean): JsonValue {
  const list = Array.isArray(identities) ? identities.filter(isJsonObject) : [];
  const isUpn = (entry: JsonObject): boolean => entry.signInType === "userPrincipalName";
  const own = list.filter(isUpn);
  const kept = own.every(
    (entry) => String(entry.issuerAssignedId).toLowerCase() === upn.toLowerCase(),
  );
  if (!kept || (required && own.length !== 1)) throw invalidValue("identities");
  return list.filter((entry) => !isUpn(entry));
}
