// The two users as the rules see them: what a connector read, no wire formats.

/** A value of one attribute. `null` is "known to be empty"; an absent key is "not readable", never "empty". */
export type AttributeValue = string | number | boolean | readonly string[] | null;

/** Attribute values by name, as read from one system. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** The two connected systems. */
export type System = "drupal" | "entra";

/** Always written so, never inbound or outbound. */
export type Direction = "drupalToEntra" | "entraToDrupal";

/** A Drupal account read by the service account (JSON:API `user--user`). */
export interface DrupalUser {
  readonly uuid: string;
  readonly uid: number;
  readonly name: string;
  readonly mail: string | null;
  /** Drupal's `status`: false is blocked. */
  readonly enabled: boolean;
  /** Machine names; `authenticated` is implied and not listed. */
  readonly roles: readonly string[];
  /** ISO 8601, 1-second resolution (facts: Drupal `changed`). */
  readonly changedAt: string;
  /** Every field that the account may read, `name` and `mail` included. */
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
  /** The mapped attributes by dotted path, e.g. `onPremisesExtensionAttributes.extensionAttribute15`. */
  readonly attributes: Attributes;
}
