// How a link lies in its table: one JSON text with columns to find it by, and rows of earlier releases still read.
import { z } from "zod";
import { keptChangeSchema } from "../rules/audit-entry.ts";
import { isJoined, type Link, NOT_AT_REST } from "../rules/link.ts";
import { operationSchema } from "../rules/plan.ts";
import { causeSchema } from "../rules/provision-request.ts";
import { fromJsonColumns, toJsonColumns } from "./json-columns.ts";
import { systemSchema, timeSchema } from "./stored-changes.ts";

const prints = z.object({ drupal: z.string(), entra: z.string() });
const block = z.enum(["none", "ours", "parked"]);

const pending = z
  .object({
    operationId: z.string(),
    at: z.string(),
    // Until 0.1 only Entra was written, and a create kept its name under `userPrincipalName`.
    system: systemSchema.default("entra"),
    operation: operationSchema,
    name: z.string().nullable().optional(),
    userPrincipalName: z.string().nullable().optional(),
    takesOverFrom: z.guid().nullable().default(null),
    changes: z.array(keptChangeSchema),
    after: z.record(z.string(), z.string()),
    over: z.record(z.string(), z.string()).default({}),
    base: z.record(z.string(), prints).default({}),
    former: z.array(z.record(z.string(), prints)).default([]),
    origin: z
      .object({ cause: causeSchema, cycleId: z.string().nullable(), actor: z.string().nullable() })
      .nullable()
      .default(null),
  })
  .transform(({ userPrincipalName, name, ...rest }) => ({
    ...rest,
    name: name ?? userPrincipalName ?? null,
  }));

const seen = z.object({ unchangedAt: z.string().nullable(), changedAt: z.string().nullable() });

const conflict = z.object({
  code: z.enum(["manual", "newestUnknown", "pingPong"]),
  message: z.string(),
  drupal: z.string().nullable(),
  entra: z.string().nullable(),
  openedAt: z.string(),
  prints,
});

const linkSchema = z
  .object({
    drupalUuid: z.guid(),
    entraObjectId: z.guid().nullable(),
    linkedAt: timeSchema,
    madeByUs: z.object({ drupal: z.boolean(), entra: z.boolean() }).optional(),
    blocks: z.object({ drupal: block, entra: block }).optional(),
    // Until 0.1 everyone was served one way.
    served: z
      .object({ drupalToEntra: z.boolean(), entraToDrupal: z.boolean() })
      .default({ drupalToEntra: true, entraToDrupal: false }),
    inScope: z.object({ drupalToEntra: z.boolean(), entraToDrupal: z.boolean() }).optional(),
    deletedByUs: z
      .object({ drupal: z.string().nullable(), entra: z.string().nullable() })
      .default({ drupal: null, entra: null }),
    // A base of one print for both sides (until 0.1) is forgotten: the next merge is a first meeting, which agrees where
    // the values do.
    base: z
      .record(z.string(), z.union([prints, z.string()]))
      .default({})
      .transform((base) =>
        Object.fromEntries(
          Object.entries(base).flatMap(([key, pair]) =>
            typeof pair === "string" ? [] : [[key, pair] as const],
          ),
        ),
      ),
    known: z
      .record(
        z.string(),
        z.object({
          at: z.string(),
          seenAt: z.string().nullable(),
          print: z.string(),
          before: z.array(z.string()),
        }),
      )
      .default({}),
    windows: z.record(z.string(), z.object({ drupal: seen, entra: seen })).default({}),
    conflicts: z.record(z.string(), conflict).default({}),
    settled: z
      .record(
        z.string(),
        z.object({ take: systemSchema, prints, actor: z.string(), at: z.string() }),
      )
      .default({}),
    flips: z
      .record(
        z.string(),
        z.array(
          z.object({ at: z.string(), system: systemSchema, before: z.string(), after: z.string() }),
        ),
      )
      .default({}),
    interrupted: z.array(z.string()).default([]),
    grantedRoles: z.array(z.string()).default([]),
    drupalGoneAt: timeSchema,
    // Until 0.1 under `deleteDueAt`; whoever waited then is given the whole grace again.
    deleteDue: z.object({ system: systemSchema, at: z.string() }).nullable().default(null),
    isCancelled: z.boolean().default(false),
    isProtected: z.boolean().default(false),
    entraMissingSince: timeSchema,
    restoredAt: timeSchema,
    takenApart: z
      .object({ entraObjectId: z.guid(), at: z.string(), madeByUs: z.boolean(), block })
      .nullable()
      .default(null),
    rest: z
      .object({ drupal: z.string().nullable(), entra: z.string().nullable() })
      .default({ drupal: null, entra: null }),
    rested: z.object({ at: z.string(), code: z.string() }).nullable().default(null),
    pending: pending.nullable().default(null),
    approved: z
      .object({ plan: z.string(), left: z.array(z.string()) })
      .nullable()
      .default(null),
    lease: z.object({ owner: z.string(), until: z.string() }).nullable().default(null),
    // Until 0.1: what decides whom we may enable or delete must not be lost.
    createdByUs: z.boolean().default(false),
    disabledByUs: z.boolean().default(false),
  })
  .transform(
    ({ createdByUs, disabledByUs, madeByUs, blocks, inScope, ...rest }): Link => ({
      ...rest,
      inScope: inScope ?? rest.served,
      madeByUs: madeByUs ?? { drupal: false, entra: createdByUs },
      blocks: blocks ?? { drupal: "none", entra: disabledByUs ? "ours" : "none" },
    }),
  );

/** 256 partitions spread the load; a link is always read by its full key. */
export const partitionOf = (id: string): string => id.slice(0, 2).toLowerCase();

/** The row of a link: its JSON text, and the columns that the index reads and people look for in a storage browser. */
export function toLinkRow(link: Link) {
  // What an announced write does to a side is not known: nobody is at rest until it is recorded.
  const { drupal, entra } = link.pending === null ? link.rest : NOT_AT_REST;
  return {
    partitionKey: partitionOf(link.drupalUuid),
    rowKey: link.drupalUuid,
    entraObjectId: link.entraObjectId ?? "",
    isJoined: isJoined(link),
    restDrupal: drupal ?? "",
    restEntra: entra ?? "",
    restedAt: link.rested?.at ?? "",
    restedCode: link.rested?.code ?? "",
    ...toJsonColumns("link", link),
  };
}

/** A stored link; throws where the row is not one. */
export const linkRowSchema = z
  .looseObject({})
  .transform((row): Link => linkSchema.parse(fromJsonColumns("link", row)));

/** The row that reserves an Entra account for a Drupal one. */
export const holderRowSchema = z.object({ drupalUuid: z.guid() });

/** What the index knows of a link. */
export interface IndexRow extends Pick<Link, "drupalUuid" | "entraObjectId" | "rest" | "rested"> {
  readonly isJoined: boolean;
}

/** The columns that the index reads. */
export const INDEX_COLUMNS = [
  "RowKey",
  "entraObjectId",
  "isJoined",
  "restDrupal",
  "restEntra",
  "restedAt",
  "restedCode",
];

// A column that a row of an earlier release does not have is answered as null, or not at all.
const filled = z
  .string()
  .nullish()
  .transform((text) => text || null);

/** {@link INDEX_COLUMNS} of a link. One of an earlier release counts as joined where it may be: that costs a look, and the
 * absence of its account is not missed. */
export const indexRowSchema = z
  .object({
    rowKey: z.guid(),
    entraObjectId: filled,
    isJoined: z.boolean().nullish(),
    restDrupal: filled,
    restEntra: filled,
    restedAt: filled,
    restedCode: filled,
  })
  .transform(
    ({
      rowKey,
      entraObjectId,
      isJoined,
      restDrupal,
      restEntra,
      restedAt,
      restedCode,
    }): IndexRow => ({
      drupalUuid: rowKey,
      entraObjectId,
      isJoined: isJoined ?? entraObjectId !== null,
      rest: { drupal: restDrupal, entra: restEntra },
      rested: restedAt && restedCode ? { at: restedAt, code: restedCode } : null,
    }),
  );

/** Whether rows of the mapping wait for an operator. */
export const hasConflicts = (link: Link): boolean => Object.keys(link.conflicts).length > 0;
