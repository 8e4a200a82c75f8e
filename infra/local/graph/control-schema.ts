// What PATCH /_control accepts; unknown keys are refused, so that a typo in a test cannot pass silently.
import * as z from "zod";
import { FAULT_KINDS } from "./faults.ts";
import { APP_ROLES, ENTRA_ROLES } from "./token.ts";

const isPattern = (text: string): boolean => {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
};

const id = z.guid().transform((text) => text.toLowerCase());

const fault = z.strictObject({
  method: z.string().optional(),
  path: z.string().refine(isPattern, "not a regular expression").optional(),
  rate: z.number().min(0).max(1).optional(),
  times: z.number().int().min(1).optional(),
  kind: z.enum(FAULT_KINDS),
  status: z.number().int().min(400).max(599).optional(),
  code: z.string().optional(),
  retryAfterSeconds: z.number().min(0).optional(),
});

/** The body of PATCH /_control. */
export const controlPatch = z.strictObject({
  latencyMs: z.number().min(0).optional(),
  replicationMs: z.number().min(0).optional(),
  staleReadMs: z.number().min(0).optional(),
  /** Replaces all faults; [] ends them. */
  faults: z.array(fault).optional(),
  seed: z.number().int().optional(),
  quota: z
    .strictObject({
      writes: z.number().positive().default(3000),
      windowSeconds: z.number().positive().default(150),
      scale: z.number().positive().default(1),
      retryAfter: z.boolean().default(true),
    })
    .nullable()
    .optional(),
  clock: z
    .strictObject({ offsetMs: z.number().optional(), scale: z.number().positive().optional() })
    .optional(),
  deltaExpired: z.union([z.boolean(), z.enum(["syncStateNotFound", "gone"]), z.null()]).optional(),
  deltaPageSize: z.number().int().min(1).optional(),
  deltaNoise: z.number().min(0).max(0.9).optional(),
  noPhotoMetadata: z.enum(["404", "1x1"]).optional(),
  photoNotFoundCode: z.string().min(1).optional(),
  /** Adds bearer tokens. */
  tokens: z
    .array(
      z.strictObject({
        token: z.string().min(1),
        roles: z.array(z.enum(APP_ROLES)).optional(),
        entraRole: z.enum(ENTRA_ROLES).optional(),
        expiresInSeconds: z.number().optional(),
      }),
    )
    .optional(),
  /** Replaces the set of administrators. */
  privilegedUserIds: z.array(id).optional(),
  /** Registers directory extensions, as POST /applications/{id}/extensionProperties would. */
  extensionProperties: z
    .array(
      z.strictObject({
        name: z.string().regex(/^extension_[0-9a-f]{32}_[A-Za-z][A-Za-z0-9_]*$/),
        dataType: z.enum(["String", "Boolean", "DateTime", "Integer"]).default("String"),
        isMultiValued: z.boolean().default(false),
      }),
    )
    .optional(),
  /** Adds groups; one whose id is known gets this name and, if given, exactly these members. */
  groups: z
    .array(
      z.strictObject({
        id: id.optional(),
        displayName: z.string().min(1),
        description: z.string().optional(),
        isAssignableToRole: z.boolean().optional(),
        members: z.array(id).optional(),
      }),
    )
    .optional(),
  /** Adds applications, or replaces those with the same id. */
  servicePrincipals: z
    .array(
      z.strictObject({
        id,
        appId: id.optional(),
        displayName: z.string().min(1).default("Application"),
        appRoles: z.array(z.strictObject({ id, value: z.string().min(1) })).default([]),
      }),
    )
    .optional(),
  /** Replaces all app role assignments; principals are users, groups or applications. */
  appRoleAssignments: z
    .array(z.strictObject({ servicePrincipalId: id, appRoleId: id, principalId: id }))
    .optional(),
  /** Adds verified domains, or makes known ones federated or managed. */
  domains: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/)
          .toLowerCase(),
        type: z.enum(["Managed", "Federated"]).default("Managed"),
      }),
    )
    .optional(),
  /** Whether users are mastered on-premises, were once, or never. */
  onPremises: z
    .array(z.strictObject({ id, state: z.enum(["synced", "formerlySynced", "cloud"]) }))
    .optional(),
});

/** A checked control patch. */
export type ControlPatch = z.infer<typeof controlPatch>;

/** The body of POST /_control/users. */
export const controlUsers = z.strictObject({ count: z.number().int().min(1).max(1_000_000) });
