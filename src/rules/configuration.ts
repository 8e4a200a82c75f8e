// The sync configuration: what the admin decides. One JSON document, defaults that work out of the box.
import { z } from "zod";
import { compileExpression } from "./expressions.ts";

const expression = z
  .string()
  .min(1)
  .max(1024)
  .superRefine((text, context) => {
    const compiled = compileExpression(text);
    if (!compiled.ok) context.addIssue({ code: "custom", message: compiled.fault });
  });

const attributeName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.]{0,119}$/, "must be an attribute name such as department");

const common = {
  entra: attributeName,
  /** Only this direction is written until a row says otherwise. */
  flow: z.literal("drupalToEntra").default("drupalToEntra"),
  /** `create`: a starting value, never touched again. */
  apply: z.enum(["always", "create"]).default("always"),
  /** What an empty source means for the target: leave its value, or clear it. */
  whenEmpty: z.enum(["keep", "clear"]).default("keep"),
  /** Written when the source is empty. */
  default: z.string().max(1024).optional(),
};

const attributeRow = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("direct"), drupal: attributeName, ...common }),
  z.strictObject({ kind: z.literal("constant"), value: z.string().max(1024), ...common }),
  z.strictObject({ kind: z.literal("expression"), expression, ...common }),
]);

/** One row of the attribute mapping. */
export type AttributeRow = z.infer<typeof attributeRow>;

const stateAction = z.enum(["nothing", "disable", "delete"]);

const DEFAULT_ATTRIBUTES = [
  {
    kind: "expression",
    entra: "displayName",
    expression:
      'firstNonEmpty([join([drupal.field_first_name, drupal.field_last_name], " "), drupal.name])',
  },
  { kind: "direct", drupal: "field_first_name", entra: "givenName" },
  { kind: "direct", drupal: "field_last_name", entra: "surname" },
  { kind: "direct", drupal: "field_department", entra: "department" },
  { kind: "direct", drupal: "mail", entra: "mail" },
] as const;

/**
 * Properties that the sync itself decides: they are not attributes of a mapping.
 * `accountEnabled` follows the state matrix, names follow `account`.
 */
const RESERVED = ["id", "accountEnabled", "userPrincipalName", "mailNickname", "passwordProfile"];

const attributes = z
  .array(attributeRow)
  .max(100)
  .superRefine((rows, context) => {
    rows.forEach((row, index) => {
      if (RESERVED.includes(row.entra)) {
        const message = `${row.entra} is decided by the sync and cannot be mapped`;
        context.addIssue({ code: "custom", message, path: [index, "entra"] });
      }
      if (rows.findIndex((other) => other.entra === row.entra) !== index) {
        const message = `${row.entra} is mapped twice`;
        context.addIssue({ code: "custom", message, path: [index, "entra"] });
      }
    });
    if (!rows.some((row) => row.entra === "displayName")) {
      context.addIssue({ code: "custom", message: "displayName is required by Entra" });
    }
  });

/** The schema of the sync configuration; `{}` is valid and means the defaults. */
export const syncConfigurationSchema = z
  .strictObject({
    $schema: z.string().optional(),
    /** How accounts that we create in Entra are named. */
    account: z
      .strictObject({
        /** The part of the UPN before the @; characters that Entra refuses are replaced afterwards. */
        userPrincipalName: expression.default("drupal.name"),
        /** A verified domain; null is the tenant's default domain. */
        domain: z.string().min(1).max(48).nullable().default(null),
        /** The property that marks an account as made for one Drupal user; proves a create after a crash. */
        marker: z
          .string()
          .regex(
            /^(onPremisesExtensionAttributes\.extensionAttribute([1-9]|1[0-5])|extension_[0-9a-f]{32}_[A-Za-z0-9_]{1,64})$/,
            "must be onPremisesExtensionAttributes.extensionAttribute1 to 15, or a directory extension",
          )
          .default("onPremisesExtensionAttributes.extensionAttribute15"),
      })
      .prefault({}),
    /** Tried in order for users without a link, folded for case and Unicode. */
    matching: z
      .array(
        z.strictObject({
          drupal: z.enum(["mail", "name"]),
          entra: z.enum(["mail", "userPrincipalName"]),
        }),
      )
      .max(10)
      .default([
        { drupal: "mail", entra: "mail" },
        { drupal: "mail", entra: "userPrincipalName" },
      ]),
    attributes: attributes.prefault(() => structuredClone(DEFAULT_ATTRIBUTES) as never),
    /** What a state of the Drupal user does to the Entra user. Deletes wait for the grace, disabled. */
    states: z
      .strictObject({
        drupalToEntra: z
          .strictObject({
            disabled: stateAction.exclude(["delete"]).default("disable"),
            deleted: stateAction.default("disable"),
            graceDays: z.int().min(0).max(365).default(30),
          })
          .prefault({}),
      })
      .prefault({}),
    /** Accounts that the sync never touches, beside uid 0, uid 1 and its own service account. */
    protected: z
      .strictObject({
        drupalRoles: z.array(z.string().min(1).max(128)).max(100).default(["administrator"]),
        drupalNames: z.array(z.string().min(1).max(60)).max(1000).default([]),
        entraObjectIds: z.array(z.guid()).max(1000).default([]),
      })
      .prefault({}),
    /** Guests (userType Guest or `#EXT#`) are left alone unless switched on. */
    guests: z.boolean().default(false),
  })
  .readonly();

/** The parsed sync configuration, complete with defaults. */
export type SyncConfiguration = z.infer<typeof syncConfigurationSchema>;

/** A fault of a configuration document: where, and what to do about it. */
export interface ConfigurationFault {
  readonly path: string;
  readonly message: string;
}

/** Parses a document; every fault at once, each with its path. Never throws. */
export function parseSyncConfiguration(
  document: unknown,
): { ok: true; configuration: SyncConfiguration } | { ok: false; faults: ConfigurationFault[] } {
  const parsed = syncConfigurationSchema.safeParse(document);
  if (parsed.success) return { ok: true, configuration: parsed.data };
  const faults = parsed.error.issues.map((issue) => ({
    path: issue.path.join("."),
    message: issue.message,
  }));
  return { ok: false, faults };
}
