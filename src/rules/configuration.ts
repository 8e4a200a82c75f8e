// The sync configuration: what the admin decides. One JSON document, defaults that work out of the box.
import { z } from "zod";
import {
  attributeName,
  attributeRowSchema,
  expressionSchema,
  faultsOfRows,
} from "./attribute-row.ts";
import { type ConfigurationFault, faultsOf } from "./configuration-faults.ts";
import { drupalFieldSchema } from "./field-types.ts";
import { photosSchema } from "./photo.ts";
import { roleMappingSchema, roleName } from "./role-mapping.ts";
import { scopeSchema } from "./scope-clause.ts";
import { thresholdsSchema } from "./thresholds.ts";
import type { Direction } from "./users.ts";

const stateAction = z.enum(["nothing", "disable", "delete"]);

const DEFAULT_ATTRIBUTES = [
  {
    kind: "expression",
    entra: "displayName",
    expression:
      'firstNonEmpty([join([drupal.field_first_name, drupal.field_last_name], " "), drupal.name])',
    apply: "ownAccounts",
  },
  { kind: "direct", drupal: "field_first_name", entra: "givenName", flow: "both" },
  { kind: "direct", drupal: "field_last_name", entra: "surname", flow: "both" },
  { kind: "direct", drupal: "field_department", entra: "department", flow: "both" },
  { kind: "direct", drupal: "mail", entra: "mail", flow: "both" },
] as const;

const attributes = z
  .array(attributeRowSchema)
  .max(100)
  .superRefine((rows, context) => {
    for (const { path, message } of faultsOfRows(rows))
      context.addIssue({ code: "custom", message, path: [...path] });
  });

const statesOf = (what: string) =>
  z
    .strictObject({
      disabled: stateAction
        .exclude(["delete"])
        .default("disable")
        .describe("What follows when the user is disabled or blocked."),
      deleted: stateAction.default("disable").describe("What follows when the user is deleted."),
      outOfScope: stateAction
        .default("nothing")
        .describe("What follows when the user leaves the scope of the direction."),
      graceDays: z
        .int()
        .min(0)
        .max(365)
        .default(30)
        .describe("How many days a user who is to be deleted is only disabled."),
    })
    .prefault({})
    .describe(what);

const account = z.strictObject({
  userPrincipalName: expressionSchema
    .default("drupal.name")
    .describe(
      "Expression for the part of a new UPN before the @; characters that Entra refuses are replaced afterwards.",
    ),
  domain: z
    .string()
    .min(1)
    .max(48)
    .nullable()
    .default(null)
    .describe("A verified domain for new UPNs; null is the tenant's default domain."),
  marker: z
    .string()
    .regex(
      /^(onPremisesExtensionAttributes\.extensionAttribute([1-9]|1[0-5])|extension_[0-9a-f]{32}_[A-Za-z0-9_]{1,64})$/,
      "must be onPremisesExtensionAttributes.extensionAttribute1 to 15, or a directory extension",
    )
    .default("onPremisesExtensionAttributes.extensionAttribute15")
    .describe(
      "The property that marks an account as made for one Drupal user; proves a create after a crash.",
    ),
  drupalName: expressionSchema
    .default("entra.userPrincipalName")
    .describe(
      "Expression for the name of a new Drupal account; what Drupal refuses is replaced afterwards.",
    ),
});

/** The schema of the sync configuration; `{}` is valid and means the defaults. */
export const syncConfigurationSchema = z
  .strictObject({
    $schema: z.string().optional().describe("Where editors find this schema; the sync ignores it."),
    directions: z
      .strictObject({
        drupalToEntra: z.boolean().default(true),
        entraToDrupal: z.boolean().default(true),
      })
      .prefault({})
      .describe("A direction that is off is never written; the other goes on."),
    scope: z
      .strictObject({
        drupalToEntra: scopeSchema.prefault({}),
        entraToDrupal: scopeSchema.prefault({}),
      })
      .prefault({})
      .describe("Whom each direction serves."),
    account: account
      .prefault({})
      .describe("How accounts that the sync creates are named and marked."),
    matching: z
      .array(
        z.strictObject({
          drupal: attributeName.regex(/^[a-z][a-z0-9_]{0,59}$/, "must be name, mail or a field"),
          entra: z.enum(["id", "mail", "userPrincipalName", "employeeId"]),
        }),
      )
      .max(10)
      .default([
        { drupal: "mail", entra: "mail" },
        { drupal: "mail", entra: "userPrincipalName" },
      ])
      .describe(
        "How users without a link are found on the other side: tried in order, folded for case and Unicode.",
      ),
    matchUnproven: z
      .boolean()
      .default(false)
      .describe(
        "Whether an existing Drupal account joins an existing Entra account by a key that its owner may have typed in. Off: only by a mail address that the site has proven (the one of the registration, after the first sign-in), or when an operator names the pair. Sites without mail verification prove nothing: leave it off and let an operator join. Switch it on where people cannot register or change their own address.",
      ),
    fields: z
      .record(z.string().regex(/^[a-z][a-z0-9_]{0,59}$/), drupalFieldSchema)
      .default({})
      .describe("Drupal fields that are not one line of text, by machine name."),
    extensions: z
      .record(
        z.string().regex(/^extension_[0-9a-f]{32}_[A-Za-z0-9_]{1,64}$/),
        z.enum(["text", "list", "boolean", "integer", "date"]),
      )
      .default({})
      .describe("Directory extensions that are not text, by name."),
    attributes: attributes
      .prefault(() => structuredClone(DEFAULT_ATTRIBUTES) as never)
      .describe("The attribute mapping, one row per pair. A list given here replaces the default."),
    states: z
      .strictObject({
        drupalToEntra: statesOf("What a Drupal user's state does to the Entra user."),
        entraToDrupal: statesOf("What an Entra user's state does to the Drupal user."),
      })
      .prefault({})
      .describe(
        "What a state of the user on one side does to the other. Deletes wait for the grace, disabled.",
      ),
    roles: roleMappingSchema
      .prefault({})
      .describe("Drupal roles that Entra groups and app roles give."),
    protected: z
      .strictObject({
        drupalRoles: z
          .array(roleName)
          .max(100)
          .default(["administrator"])
          .describe("Machine names: holders of any of these roles are left alone."),
        drupalNames: z
          .array(z.string().min(1).max(60))
          .max(1000)
          .default([])
          .describe("Names of Drupal accounts."),
        entraObjectIds: z
          .array(z.guid().toLowerCase())
          .max(1000)
          .default([])
          .describe("Object ids of Entra users."),
      })
      .prefault({})
      .describe(
        "Accounts that the sync never touches, beside uid 0, uid 1 and its own service account.",
      ),
    thresholds: thresholdsSchema
      .prefault({})
      .describe(
        "How much a cycle may take away from people before an operator has to approve its plan.",
      ),
    photos: photosSchema
      .prefault({})
      .describe("Profile pictures, which flow from Entra to Drupal."),
    guests: z
      .boolean()
      .default(false)
      .describe("Guests (userType Guest or #EXT#) are left alone unless switched on."),
  })
  .superRefine((document, context) => {
    document.roles.map.forEach((row, index) => {
      // Whoever got such a role could never lose it again: the account would be protected from us.
      if (document.protected.drupalRoles.includes(row.drupal))
        context.addIssue({
          code: "custom",
          message: `accounts with the role ${row.drupal} are protected: it cannot be mapped too`,
          path: ["roles", "map", index, "drupal"],
        });
    });
    for (const [field, { type, vocabulary }] of Object.entries(document.fields)) {
      if (type === "term" && vocabulary === undefined)
        context.addIssue({
          code: "custom",
          message: "a term field needs its vocabulary",
          path: ["fields", field, "vocabulary"],
        });
    }
    document.attributes.forEach((row, index) => {
      const isUser = row.drupal !== undefined && document.fields[row.drupal]?.type === "user";
      if (row.kind === "direct" && isUser !== (row.entra === "manager"))
        context.addIssue({
          code: "custom",
          message: "manager goes with a Drupal field of the type user, and with no other",
          path: ["attributes", index, "entra"],
        });
      if (row.kind !== "direct" && row.entra === "manager")
        context.addIssue({
          code: "custom",
          message: "manager is mapped directly",
          path: ["attributes", index, "entra"],
        });
    });
  })
  .readonly();

/** The parsed sync configuration, complete with defaults. */
export type SyncConfiguration = z.infer<typeof syncConfigurationSchema>;

/** Parses a document; every fault at once, each with its path. Never throws. */
export function parseSyncConfiguration(
  document: unknown,
): { ok: true; configuration: SyncConfiguration } | { ok: false; faults: ConfigurationFault[] } {
  const parsed = syncConfigurationSchema.safeParse(document);
  if (parsed.success) return { ok: true, configuration: parsed.data };
  return { ok: false, faults: faultsOf(parsed.error) };
}

/** The JSON Schema (draft 2020-12) of the document as an admin writes it, for editors. */
export function syncConfigurationJsonSchema(): Record<string, unknown> {
  // The parsed value is frozen; the document is there to be edited.
  const { readOnly: _readOnly, ...schema } = z.toJSONSchema(syncConfigurationSchema, {
    io: "input",
    unrepresentable: "any",
  });
  return { ...schema, title: "Drupal and Entra user sync: the sync configuration" };
}

/** The configuration with everything but one direction switched off: what an admin asks for one user. */
export function onlyDirection(
  configuration: SyncConfiguration,
  direction: Direction | undefined,
): SyncConfiguration {
  if (direction === undefined) return configuration;
  const { drupalToEntra, entraToDrupal } = configuration.directions;
  const directions = {
    drupalToEntra: drupalToEntra && direction === "drupalToEntra",
    entraToDrupal: entraToDrupal && direction === "entraToDrupal",
  };
  return { ...configuration, directions };
}
