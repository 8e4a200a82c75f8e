// The properties of a user: type, length, who may write, and which $filter operators Graph documents for each.
// Source: doc text of `interface User` in @microsoft/microsoft-graph-types 2.43.1; "A" (advanced query only) from
// concepts/includes/filter-directory-objects.md @039d8ebc, which differs by property.

/** The shapes that values of user properties take. */
export type PropertyType =
  | "string"
  | "boolean"
  | "dateTime"
  | "integer"
  | "strings"
  | "extensions"
  | "orgData"
  | "identities"
  | "password";

/** What is known of one property. */
export interface PropertyRule {
  readonly name: string;
  readonly type: PropertyType;
  readonly maxLength: number | undefined;
  readonly returnedByDefault: boolean;
  readonly readOnly: boolean;
  readonly nullable: boolean;
  /** Every filter on it needs ConsistencyLevel: eventual and $count=true. */
  readonly advanced: boolean;
  /** eq, ne, not, in, ge, le, startsWith, endsWith, null (eq null), count (/$count eq 0). */
  readonly operators: ReadonlySet<string>;
}

// name | type | max length | D default set, R read-only, N not nullable, A advanced query only | operators
const TABLE = `
id | string | - | DRN | eq ne not in
accountEnabled | boolean | - | N | eq ne not in
ageGroup | string | - | - | eq ne not in
businessPhones | strings | - | DN | eq not ge le startsWith
city | string | 128 | - | eq ne not in ge le startsWith null
companyName | string | 64 | A | eq ne not in ge le startsWith null
consentProvidedForMinor | string | - | - | eq ne not in
country | string | 128 | - | eq ne not in ge le startsWith null
createdDateTime | dateTime | - | R | eq ne not in ge le
creationType | string | - | R | eq ne not in
department | string | 64 | - | eq ne not in ge le null
displayName | string | 256 | DN | eq ne not in ge le startsWith null
employeeHireDate | dateTime | - | A | eq ne not in ge le
employeeId | string | 16 | - | eq ne not in ge le startsWith null
employeeLeaveDateTime | dateTime | - | - | eq ne not in ge le
employeeOrgData | orgData | - | A | eq ne not in ge le
employeeType | string | - | A | eq ne not in ge le startsWith
externalUserState | string | - | R | eq ne not in
externalUserStateChangeDateTime | dateTime | - | R | eq ne not in
faxNumber | string | - | A | eq ne not in ge le startsWith null
givenName | string | 64 | D | eq ne not in ge le startsWith null
identities | identities | - | N | eq
imAddresses | strings | - | R | eq not ge le startsWith
jobTitle | string | 128 | D | eq ne not in ge le startsWith null
lastPasswordChangeDateTime | dateTime | - | R | -
mail | string | - | DN | eq ne not in ge le startsWith endsWith null
mailNickname | string | 64 | N | eq ne not in ge le startsWith null
mobilePhone | string | 64 | DA | eq ne not in ge le startsWith null
officeLocation | string | - | DA | eq ne not in ge le startsWith null
onPremisesDistinguishedName | string | - | R | -
onPremisesDomainName | string | - | R | -
onPremisesExtensionAttributes | extensions | 1024 | A | eq ne not in null
onPremisesImmutableId | string | - | - | eq ne not in ge le
onPremisesLastSyncDateTime | dateTime | - | R | eq ne not in ge le
onPremisesSamAccountName | string | - | RA | eq ne not in ge le startsWith
onPremisesSecurityIdentifier | string | - | R | eq null
onPremisesSyncEnabled | boolean | - | R | eq ne not in null
onPremisesUserPrincipalName | string | - | R | eq ne not in ge le startsWith
otherMails | strings | 250 | N | eq not in ge le startsWith endsWith count
passwordPolicies | string | - | - | ne not null
passwordProfile | password | - | N | -
postalCode | string | 40 | A | eq ne not in ge le startsWith null
preferredDataLocation | string | - | - | -
preferredLanguage | string | - | DA | eq ne not in ge le startsWith null
proxyAddresses | strings | - | R | eq not ge le startsWith endsWith count
securityIdentifier | string | - | R | eq not ge le startsWith
signInSessionsValidFromDateTime | dateTime | - | R | -
state | string | 128 | - | eq ne not in ge le startsWith null
streetAddress | string | 1024 | A | eq ne not in ge le startsWith null
surname | string | 64 | D | eq ne not in ge le startsWith null
usageLocation | string | - | N | eq ne not in ge le startsWith null
userPrincipalName | string | - | DN | eq ne not in ge le startsWith endsWith
userType | string | - | - | eq ne not in null`;

// Properties and relationships of a Graph user that the simulator knows by name and refuses.
const NOT_MODELLED = new Set(
  `
    aboutMe assignedLicenses assignedPlans authorizationInfo birthday customSecurityAttributes
    deviceEnrollmentLimit hireDate interests isManagementRestricted isResourceAccount
    legalAgeGroupClassification licenseAssignmentStates mailboxSettings mySite onPremisesProvisioningErrors
    pastProjects preferredName print provisionedPlans responsibilities schools serviceProvisioningErrors
    showInAddressList signInActivity skills activities agreementAcceptances appRoleAssignments authentication
    calendar calendarGroups calendars calendarView chats cloudClipboard contactFolders contacts createdObjects
    dataSecurityAndGovernance deviceManagementTroubleshootingEvents directReports drive drives
    employeeExperience events extensions followedSites inferenceClassification insights joinedTeams
    licenseDetails mailFolders managedAppRegistrations managedDevices manager memberOf messages
    oauth2PermissionGrants onenote onlineMeetings outlook ownedDevices ownedObjects people permissionGrants
    photo photos planner presence registeredDevices scopedRoleMemberOf settings solutions sponsors teamwork
    todo transitiveMemberOf
  `
    .trim()
    .split(/\s+/),
);

// Stored outside the directory: a list answers 501 for them (user-list.md @008316a3).
const NOT_LISTABLE = new Set(
  (
    "aboutMe birthday hireDate interests mySite pastProjects preferredName responsibilities schools " +
    "skills mailboxSettings"
  ).split(" "),
);

const parse = (row: string): PropertyRule => {
  const [name = "", type = "string", length = "-", flags = "-", operators = "-"] = row.split(" | ");
  return {
    name,
    type: isPropertyType(type) ? type : "string",
    maxLength: length === "-" ? undefined : Number(length),
    returnedByDefault: flags.includes("D"),
    readOnly: flags.includes("R"),
    nullable: !flags.includes("N"),
    advanced: flags.includes("A"),
    operators: new Set(operators === "-" ? [] : operators.split(" ")),
  };
};

const TYPES: readonly string[] = [
  "string",
  "boolean",
  "dateTime",
  "integer",
  "strings",
  "extensions",
  "orgData",
  "identities",
  "password",
];

const isPropertyType = (text: string): text is PropertyType => TYPES.includes(text);

/** Every modelled property, by its exact name. */
export const USER_PROPERTIES: ReadonlyMap<string, PropertyRule> = new Map(
  TABLE.trim()
    .split("\n")
    .map(parse)
    .map((rule) => [rule.name, rule]),
);

/** Names of the default set, in the order Graph answers them (resources/users). */
export const DEFAULT_USER_PROPERTIES: readonly string[] = (
  "businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage " +
  "surname userPrincipalName id"
).split(" ");

const EXACT_NAMES = new Map(
  [...USER_PROPERTIES.keys(), ...NOT_MODELLED].map((name) => [name.toLowerCase(), name]),
);

/** The exact name of a property written in any case (graph-samples: `$select=DisplayName` works), if known. */
export function exactPropertyName(name: string): string | undefined {
  return EXACT_NAMES.get(name.toLowerCase());
}

/** Known to Graph, refused here. */
export function isUnmodelledProperty(name: string): boolean {
  return NOT_MODELLED.has(name);
}

/** Known to Graph, but a list cannot select it. */
export function isUnlistableProperty(name: string): boolean {
  return NOT_LISTABLE.has(name);
}
