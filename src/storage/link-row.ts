// How a link lies in its table: one JSON text over as many columns as it needs, and rows of earlier releases still read.
import { z } from "zod";
import type { Link } from "../rules/link.ts";
import { operationSchema } from "../rules/plan.ts";

const prints = z.object({ drupal: z.string(), entra: z.string() });
const system = z.enum(["drupal", "entra"]);
const block = z.enum(["none", "ours", "parked"]);
const time = z.string().nullable().default(null);
const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]);

const pending = z
  .object({
    operationId: z.string(),
    at: z.string(),
    // Until 0.1 only Entra was written, and a create kept its name under `userPrincipalName`.
    system: system.default("entra"),
    operation: operationSchema,
    name: z.string().nullable().optional(),
    userPrincipalName: z.string().nullable().optional(),
    takesOverFrom: z.guid().nullable().default(null),
    changes: z.array(
      z.object({ attribute: z.string(), before: value, after: value, why: z.string() }),
    ),
    after: z.record(z.string(), z.string()),
    over: z.record(z.string(), z.string()).default({}),
    base: z.record(z.string(), prints).default({}),
    former: z.array(z.record(z.string(), prints)).default([]),
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
    linkedAt: time,
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
      .record(z.string(), z.object({ take: system, prints, actor: z.string(), at: z.string() }))
      .default({}),
    flips: z
      .record(
        z.string(),
        z.array(z.object({ at: z.string(), system, before: z.string(), after: z.string() })),
      )
      .default({}),
    interrupted: z.array(z.string()).default([]),
    grantedRoles: z.array(z.string()).default([]),
    drupalGoneAt: time,
    // Until 0.1 under `deleteDueAt`; whoever waited then is given the whole grace again.
    deleteDue: z.object({ system, at: z.string() }).nullable().default(null),
    isCancelled: z.boolean().default(false),
    isProtected: z.boolean().default(false),
    entraMissingSince: time,
    restoredAt: time,
    takenApart: z
      .object({ entraObjectId: z.guid(), at: z.string(), madeByUs: z.boolean(), block })
      .nullable()
      .default(null),
    pending: pending.nullable().default(null),
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

// A string column holds 32,768 UTF-16 units (Microsoft: "Understanding the Table service data model"). A usual link has
// about 6,000; a hundred rows that flip, with their histories, have more than one column takes. 16,000 code points are at
// most 32,000 units, and no character is cut in two.
const PIECE = /[\s\S]{1,16000}/gu;
const columnOf = (index: number): string => (index === 0 ? "link" : `link${index}`);

/** 256 partitions spread the load; a link is always read by its full key. */
export const partitionOf = (id: string): string => id.slice(0, 2).toLowerCase();

/** The row of a link, beside the column that people look for in a storage browser. */
export function toLinkRow(link: Link) {
  const pieces = JSON.stringify(link).match(PIECE) ?? [];
  return {
    partitionKey: partitionOf(link.drupalUuid),
    rowKey: link.drupalUuid,
    entraObjectId: link.entraObjectId ?? "",
    ...Object.fromEntries(pieces.map((piece, index) => [columnOf(index), piece])),
  };
}

const pieces = z.looseObject({ link: z.string() });

/** A stored link; throws where the row is not one. */
export const linkRowSchema = pieces.transform((row): Link => {
  let text = "";
  for (let index = 0; typeof row[columnOf(index)] === "string"; index += 1)
    text += row[columnOf(index)];
  return linkSchema.parse(JSON.parse(text));
});

/** Whether rows of the mapping wait for an operator. */
export const hasConflicts = (link: Link): boolean => Object.keys(link.conflicts).length > 0;
