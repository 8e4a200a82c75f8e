// The part of the configuration that says which Entra groups and app roles give which Drupal roles.
import { z } from "zod";

/** The machine name of a role, where no more is asked of it. */
export const roleName = z.string().min(1).max(128);

const guids = (max: number) => z.array(z.guid().toLowerCase()).max(max).default([]);

const roleRow = z
  .strictObject({
    drupal: z
      .string()
      .regex(/^[a-z0-9_.]{1,166}$/, "must be the machine name of a role")
      .describe("Machine name of the Drupal role."),
    entraGroups: guids(50).describe(
      "Object ids: members of any of these groups, also of groups inside them, hold the role.",
    ),
    appRoles: guids(50).describe(
      "Ids of app roles of roles.servicePrincipal: whoever is assigned one, also through a group, holds the role.",
    ),
    allowPrivileged: z
      .boolean()
      .default(false)
      .describe("Needed for a role that roles.privileged names."),
  })
  .refine((row) => row.entraGroups.length + row.appRoles.length > 0, {
    message: "needs at least one of entraGroups and appRoles",
  });

/** The part `roles` of the sync configuration. */
export const roleMappingSchema = z
  .strictObject({
    map: z.array(roleRow).max(100).default([]).describe("Which Entra groups give which role."),
    servicePrincipal: z
      .guid()
      .nullable()
      .default(null)
      .describe("Object id of the service principal whose app roles are mapped."),
    removal: z
      .enum(["granted", "mapped"])
      .default("granted")
      .describe(
        "granted: only roles that the sync gave are taken away. mapped: every mapped role that has no ground.",
      ),
    privileged: z
      .array(roleName)
      .max(100)
      .default(["administrator"])
      .describe("Roles that are given only where a row allows it by name."),
  })
  .superRefine(({ map, servicePrincipal, privileged }, context) => {
    map.forEach((row, index) => {
      const fault = (key: string, message: string) =>
        context.addIssue({ code: "custom", message, path: ["map", index, key] });
      if (["authenticated", "anonymous"].includes(row.drupal))
        fault("drupal", `${row.drupal} is not given to users`);
      if (privileged.includes(row.drupal) && !row.allowPrivileged)
        fault("allowPrivileged", `${row.drupal} is privileged: the row must allow it`);
      if (map.findIndex((other) => other.drupal === row.drupal) !== index)
        fault("drupal", `${row.drupal} is mapped twice`);
      if (row.appRoles.length > 0 && servicePrincipal === null)
        fault("appRoles", "app roles need roles.servicePrincipal");
    });
  });
