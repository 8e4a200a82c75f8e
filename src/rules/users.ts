// The two users as the rules see them: what a connector read, no wire formats.

/** A value of one attribute. `null` is "known to be empty"; an absent key is "not readable", never "empty". */
export type AttributeValue = string | number | boolean | readonly string[] | null;

/** Attribute values by name, as read from one system. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** The two connected systems. */
export type System = "drupal" | "entra";

/** Always written so, never inbound or outbound. */
export type Direction = "drupalToEntra" | "entraToDrupal";

/** The direction that writes a system. */
export const directionTo = (target: System): Direction =>
  target === "entra" ? "drupalToEntra" : "entraToDrupal";

/** The other of the two. */
export const otherSystem = (system: System): System => (system === "entra" ? "drupal" : "entra");

/** A Drupal account read by the service account (JSON:API `user--user`). */
export interface DrupalUser {
  readonly uuid: string;
  readonly uid: number;
  readonly name: string;
  readonly mail: string | null;
  /** Drupal's `status`: false is blocked. */
  readonly enabled: boolean;
  /** The mail is the one with which the account was made, and its person has signed in: where the site verifies addresses,
   * they received the link that it sends there. One that was typed in later proves nothing. */
  readonly isMailProven: boolean;
  /** Machine names; `authenticated` is implied and not listed. */
  readonly roles: readonly string[];
  /** ISO 8601, 1-second resolution (facts: Drupal `changed`). */
  readonly changedAt: string;
  /** Every field that the account may read, `name` and `mail` included. A reference to a term holds its label, one to a
   * user that user's UUID. */
  readonly attributes: Attributes;
}

/** A Microsoft Entra user read through Graph v1.0 `/users/{id}?$select=…`. */
export interface EntraUser {
  readonly objectId: string;
  readonly userPrincipalName: string;
  readonly enabled: boolean;
  readonly userType: string | null;
  /** True: mastered on-premises, refuses most writes (Graph: onPremisesSyncEnabled). */
  readonly onPremisesSynced: boolean;
  /** The mapped attributes by dotted path, e.g. `onPremisesExtensionAttributes.extensionAttribute15`; `manager` is the
   * manager's object id. */
  readonly attributes: Attributes;
}
