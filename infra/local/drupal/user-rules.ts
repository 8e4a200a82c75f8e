// What a user must look like to be saved: core's constraints on users, with their messages.
import type { ErrorItem } from "./drupal-error.ts";
import { CUSTOM_FIELDS, type DrupalUser } from "./drupal-user.ts";
import { isTimeZone } from "./time-zones.ts";
import type { UserStore } from "./user-store.ts";

const NAME_LENGTH = 60;
const MAIL_LENGTH = 254;
const TEXT_LENGTH = 255;
/** Only English is installed; other languages are no valid choice (contract/drupal 037). */
const LANGUAGES = ["en"];

const LABELS: Readonly<Record<string, string>> = {
  field_department: "Department",
  field_first_name: "First name",
  field_last_name: "Last name",
};

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
  const message = "The value you selected is not a valid choice.";
  const item = { detail: `${field}.0: ${message}`, pointer: `/data/attributes/${field}/0` };
  return [at(field, message, "value"), item];
}

function nameErrors(user: DrupalUser, store: UserStore): ErrorItem[] {
  const complaints = nameComplaints(user.name).map((text) => at("name", text));
  const holder = user.name === "" ? undefined : store.byName(user.name);
  if (holder === undefined || holder.uuid === user.uuid) return complaints;
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
  const taken = store.byMail(mail).some((other) => other.uuid !== user.uuid);
  return [
    ...(taken ? [at("mail", `The email address ${mail} is already taken.`)] : []),
    ...mailComplaints(mail).map((text) => at("mail", text, "value")),
  ];
}

function customErrors(user: DrupalUser, field: (typeof CUSTOM_FIELDS)[number]): ErrorItem[] {
  if ([...(user[field] ?? "")].length <= TEXT_LENGTH) return [];
  return [
    at(field, `${LABELS[field]}: may not be longer than ${TEXT_LENGTH} characters.`, "value"),
  ];
}

/** All violations of the given fields, in field order; a PATCH is judged by the fields it names only. */
export function userErrors(
  user: DrupalUser,
  before: DrupalUser | undefined,
  store: UserStore,
  concerned: (field: string) => boolean,
): ErrorItem[] {
  const checks: readonly (readonly [string, () => ErrorItem[]])[] = [
    ["preferred_langcode", () => languageErrors("preferred_langcode", user.preferred_langcode)],
    [
      "preferred_admin_langcode",
      () => languageErrors("preferred_admin_langcode", user.preferred_admin_langcode),
    ],
    ["name", () => nameErrors(user, store)],
    ["mail", () => mailErrors(user, store, before)],
    [
      "timezone",
      () =>
        user.timezone === null || isTimeZone(user.timezone)
          ? []
          : [at("timezone", "The value you selected is not a valid choice.", "value")],
    ],
    ...CUSTOM_FIELDS.map((field) => [field, () => customErrors(user, field)] as const),
  ];
  return checks.filter(([field]) => concerned(field)).flatMap(([, check]) => check());
}
