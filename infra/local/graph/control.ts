// The control route: what tests and people do to the simulator that no Graph client could.
import * as z from "zod";
import { changeDirectory, directoryFault } from "./control-directory.ts";
import { type ControlPatch, controlPatch, controlUsers } from "./control-schema.ts";
import { createFaultPlan } from "./faults.ts";
import type { GraphReply } from "./graph-message.ts";
import type { JsonObject } from "./json-value.ts";
import { seedUsers } from "./seed-users.ts";
import type { SimulatorLife } from "./simulator-life.ts";
import type { Tenant } from "./tenant.ts";
import { APP_ROLES } from "./token.ts";
import type { PropertyRule } from "./user-properties.ts";

const EXTENSION_TYPES = {
  String: "string",
  Boolean: "boolean",
  DateTime: "dateTime",
  Integer: "integer",
} as const;

// Directory extensions: eq by default, startsWith and null advanced (filter-directory-objects.md); String <= 256.
const extensionRule = (
  property: NonNullable<ControlPatch["extensionProperties"]>[number],
): PropertyRule => ({
  name: property.name,
  type: property.isMultiValued ? "strings" : EXTENSION_TYPES[property.dataType],
  maxLength: property.dataType === "String" ? 256 : undefined,
  returnedByDefault: false,
  readOnly: false,
  nullable: true,
  advanced: false,
  operators: new Set(["eq", "ne", "not", "in", "startsWith", "null"]),
});

const applyRights = (tenant: Tenant, patch: ControlPatch): void => {
  for (const { token, roles, entraRole, expiresInSeconds } of patch.tokens ?? []) {
    tenant.tokens.set(token, {
      roles: new Set(roles ?? APP_ROLES),
      entraRole,
      expiresAt:
        expiresInSeconds === undefined ? undefined : tenant.clock.now() + expiresInSeconds * 1000,
    });
  }
  if (patch.privilegedUserIds !== undefined) {
    tenant.privilegedUserIds.clear();
    for (const id of patch.privilegedUserIds) tenant.privilegedUserIds.add(id);
  }
  for (const property of patch.extensionProperties ?? []) {
    tenant.extensionProperties.set(property.name, extensionRule(property));
  }
};

const applySettings = (life: SimulatorLife, patch: ControlPatch): void => {
  const { tenant } = life;
  const { settings } = tenant;
  if (patch.clock !== undefined) tenant.clock.set(patch.clock);
  if (patch.seed !== undefined) tenant.random.seed(patch.seed);
  if (patch.faults !== undefined) {
    life.faults.list = patch.faults;
    life.faults.plan = createFaultPlan(patch.faults, tenant.random);
  }
  settings.latencyMs = patch.latencyMs ?? settings.latencyMs;
  settings.replicationMs = patch.replicationMs ?? settings.replicationMs;
  settings.staleReadMs = patch.staleReadMs ?? settings.staleReadMs;
  settings.deltaPageSize = patch.deltaPageSize ?? settings.deltaPageSize;
  settings.deltaNoise = patch.deltaNoise ?? settings.deltaNoise;
  settings.noPhotoMetadata = patch.noPhotoMetadata ?? settings.noPhotoMetadata;
  settings.photoNotFoundCode = patch.photoNotFoundCode ?? settings.photoNotFoundCode;
  if (patch.quota !== undefined) settings.quota = patch.quota;
  if (patch.deltaExpired !== undefined) {
    const { deltaExpired } = patch;
    settings.deltaExpired =
      deltaExpired === true ? "syncStateNotFound" : deltaExpired === false ? null : deltaExpired;
  }
};

/** The state in short. */
export function controlSummary(life: SimulatorLife): JsonObject {
  const { tenant } = life;
  const { quota, ...settings } = tenant.settings;
  return {
    users: tenant.users.size(),
    deletedUsers: [...tenant.users.deleted()].length,
    groups: [...tenant.groups.all()].length,
    appRoleAssignments: tenant.appRoleAssignments.length,
    domains: tenant.domains.map((domain) => ({ ...domain })),
    subscriptions: life.subscriptions.size(),
    changes: tenant.userChanges.last(),
    now: new Date(tenant.clock.now()).toISOString(),
    settings: { ...settings, quota: quota === null ? null : { ...quota } },
    faults: life.faults.list.map((fault) => JSON.parse(JSON.stringify(fault))),
    tokens: [...tenant.tokens.keys()].length,
    privilegedUserIds: [...tenant.privilegedUserIds],
    extensionProperties: [...tenant.extensionProperties.keys()],
  };
}

const refused = (message: string): GraphReply => ({
  status: 400,
  body: { error: { code: "InvalidControl", message } },
});

const withBody = <T>(
  body: Buffer,
  shape: z.ZodType<T>,
  act: (value: T) => GraphReply,
): GraphReply => {
  let json: unknown;
  try {
    json = JSON.parse(body.toString("utf8"));
  } catch {
    return refused("The body is not JSON.");
  }
  const parsed = shape.safeParse(json);
  return parsed.success ? act(parsed.data) : refused(z.prettifyError(parsed.error));
};

/** Answers a request below /_control. `reset` begins a new life. */
export function answerControl(
  life: SimulatorLife,
  reset: () => SimulatorLife,
  method: string,
  path: string,
  body: Buffer,
): GraphReply {
  switch (`${method} ${path}`) {
    case "GET /_control":
      return { status: 200, body: controlSummary(life) };
    case "PATCH /_control":
      return withBody(body, controlPatch, (patch) => {
        const fault = directoryFault(life.tenant, patch);
        if (fault !== undefined) return refused(fault);
        applySettings(life, patch);
        applyRights(life.tenant, patch);
        changeDirectory(life.tenant, patch);
        return { status: 200, body: controlSummary(life) };
      });
    case "POST /_control/reset":
      return { status: 200, body: controlSummary(reset()) };
    case "GET /_control/requests":
      return {
        status: 200,
        body: {
          counts: life.log.counts(),
          statuses: life.log.statuses(),
          last: life.log.last().map((one) => ({ ...one })),
        },
      };
    case "POST /_control/users":
      return withBody(body, controlUsers, ({ count }) => {
        seedUsers(life.tenant, count, life.seeded);
        life.seeded += count;
        return { status: 200, body: controlSummary(life) };
      });
    default:
      return { status: 404, body: { error: { code: "NotFound", message: `${method} ${path}` } } };
  }
}
