// What a user must look like to be saved: core's constraints on users, with their messages.
import type { ErrorItem } from "./drupal-error.ts";
import type { Identity } from "./drupal-http.ts";
import type { DrupalUser } from "./drupal-user.ts";
import { faultItem, NOT_A_CHOICE, tooMany } from "./field-faults.ts";
import { referenceFaults } from "./references.ts";
import type { Site } from "./site.ts";
import { isTimeZone } from "./time-zones.ts";
import { isReference, targetsOf } from "./user-fields.ts";
import { asciiFold, type UserStore } from "./user-store.ts";

const NAME_LENGTH = 60;
const MAIL_LENGTH = 254;
/** Only English is installed; other languages are no valid choice (contract/drupal 037). */
const LANGUAGES = ["en"];

/** Drupal's "not specified" and "not applicable", which miss in one of two lists only (contract/drupal-fields 040). */
const NO_LANGUAGES = ["und", "zxx"];

// UserNameConstraintValidator: invisible characters, text direction marks, full-width Latin, controls.
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  /[\u0080-\u00a0\u00ad\u2000-\u200f\u2028-\u202f\u205f-\u206f\ufeff\uff01-\uff60\ufff9-\ufffd\u0000-\u001f]/u;
const ILLEGAL = /[^\u0080-\u{10ffff} a-zA-Z0-9@+_.'-]/u;

/** Whether a user name is acceptable; at most one complaint of each kind, in core's order. */
export function nameComplaints(name: string): string[] {
  if (name === "") return ["You must enter a username.", "This value should not be null."];
  return [
    name.startsWith(" ") ? "The username cannot begin with a space." : "",
    name.endsWith(" ") ? "The username cannot end with a space." : "",
    name.includes("  ") ? "The username cannot contain multiple spaces in a row." : "",
    ILLEGAL.test(name) || HIDDEN.test(name) ? "The username contains an illegal character." : "",
    [...name].length > NAME_LENGTH
      ? `The username ${name} is too long: it must be ${NAME_LENGTH} characters or less.`
      : "",
  ].filter((complaint) => complaint !== "");
}

// A dot-atom and a domain; quoted local parts and address literals are legal but nobody measured them.
const MAIL =
  /^[^\s"(),:;<>@[\\\]]{1,64}@[^\s"(),:;<>@[\\\]_.]{1,63}(\.[^\s"(),:;<>@[\\\]_.]{1,63})*$/u;

/** Whether a mail address is acceptable (contract/drupal 016, 025). */
export function mailComplaints(mail: string): string[] {
  const local = mail.split("@")[0] ?? "";
  const badDots = local.startsWith(".") || local.endsWith(".") || local.includes("..");
  return [
    mail.length > MAIL_LENGTH
      ? `Email: the email address can not be longer than ${MAIL_LENGTH} characters.`
      : "",
    mail.length > MAIL_LENGTH || badDots || !MAIL.test(mail)
      ? "This value is not a valid email address."
      : "",
  ].filter((complaint) => complaint !== "");
}

const at = (field: string, detail: string, below = ""): ErrorItem => ({
  detail: `${field}${below === "" ? "" : `.0.${below}`}: ${detail}`,
  pointer: `/data/attributes/${field}${below === "" ? "" : `/${below}`}`,
});

function languageErrors(field: string, value: string | null): ErrorItem[] {
  if (value === null || LANGUAGES.includes(value)) return [];
  const error = at(field, NOT_A_CHOICE, "value");
  if (NO_LANGUAGES.includes(value)) return [error];
  return [error, faultItem(field, false, 0, { property: "", message: NOT_A_CHOICE })];
}

/** Uniqueness is asked with LIKE, which ignores the case of ASCII letters only (contract/drupal-fields 111). */
const isSame = (left: string, right: string): boolean => asciiFold(left) === asciiFold(right);

function nameErrors(user: DrupalUser, store: UserStore): ErrorItem[] {
  const complaints = nameComplaints(user.name).map((text) => at("name", text));
  const holder = user.name === "" ? undefined : store.byName(user.name);
  if (holder === undefined || holder.uuid === user.uuid || !isSame(holder.name, user.name))
    return complaints;
  return [...complaints, at("name", `The username ${user.name} is already taken.`)];
}

function mailErrors(
  user: DrupalUser,
  store: UserStore,
  before: DrupalUser | undefined,
): ErrorItem[] {
  const { mail } = user;
  // UserMailRequired: an address can be missing from the start, but not be taken away (contract/drupal 017, 141).
  if (mail === null)
    return before !== undefined && before.mail !== null
      ? [at("mail", "Email field is required.")]
      : [];
  const taken = store
    .byMail(mail)
    .some((other) => other.uuid !== user.uuid && isSame(other.mail ?? "", mail));
  return [
    ...(taken ? [at("mail", `The email address ${mail} is already taken.`)] : []),
    ...mailComplaints(mail).map((text) => at("mail", text, "value")),
  ];
}

/** A role by an id that is none: the number of something else (contract/drupal-fields 109). */
function roleErrors(site: Site, user: DrupalUser): ErrorItem[] {
  return user.roles.flatMap((id, position) => {
    if (site.roles.some((role) => role.id === id)) return [];
    const message = `The referenced entity (user_role: ${id}) does not exist.`;
    return faultItem("roles", true, position, { property: "target_id", message });
  });
}

/** What is judged, and against what. */
export interface Judgement {
  readonly site: Site;
  readonly who: Identity;
  readonly user: DrupalUser;
  readonly before: DrupalUser | undefined;
  /** A PATCH is judged by the fields it names only. */
  isConcerned(field: string): boolean;
  /** What was wrong with the values as they were read. */
  faultsOf(field: string): readonly ErrorItem[];
}

function addedErrors(judgement: Judgement): (readonly [string, () => readonly ErrorItem[]])[] {
  const { site, user, before } = judgement;
  return site.fields.map((field) => {
    if (!isReference(field)) return [field.name, () => judgement.faultsOf(field.name)];
    const errors = (): ErrorItem[] => [
      ...(!field.many && targetsOf(user[field.name]).length > 1 ? [tooMany(field)] : []),
      ...referenceFaults(judgement.site, judgement.who, field, user, before),
    ];
    return [field.name, errors];
  });
}

/** All violations of the fields that are concerned, in field order. */
export function userErrors(judgement: Judgement): ErrorItem[] {
  const { site, user, before } = judgement;
  const isBadZone = user.timezone !== null && !isTimeZone(user.timezone);
  const checks: readonly (readonly [string, () => readonly ErrorItem[]])[] = [
    ["preferred_langcode", () => languageErrors("preferred_langcode", user.preferred_langcode)],
    [
      "preferred_admin_langcode",
      () => languageErrors("preferred_admin_langcode", user.preferred_admin_langcode),
    ],
    ["name", () => nameErrors(user, site.users)],
    ["mail", () => mailErrors(user, site.users, before)],
    ["timezone", () => (isBadZone ? [at("timezone", NOT_A_CHOICE, "value")] : [])],
    ["roles", () => roleErrors(site, user)],
    ...addedErrors(judgement),
  ];
  return checks
    .filter(([field]) => judgement.isConcerned(field))
    .flatMap(([, check]) => [...check()]);
}
