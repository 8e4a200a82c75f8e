// What an undo plans for one user, as a table: what the log says, how the user is now, and what comes of it.
import { describe, expect, it } from "vitest";
import { NO_REFERENCES } from "../../src/rules/attribute-mapping.ts";
import { auditable } from "../../src/rules/audit-entry.ts";
import { type Link, newLink } from "../../src/rules/link.ts";
import { type PastWrite, takeBack } from "../../src/rules/past-writes.ts";
import type { Change } from "../../src/rules/plan.ts";
import type { Situation } from "../../src/rules/situation.ts";
import { planUndo } from "../../src/rules/undo.ts";
import type { Attributes, DrupalUser, EntraUser } from "../../src/rules/users.ts";
import { fingerprint } from "../../src/rules/values.ts";
import {
  aConfiguration,
  aDrupalUser,
  anEntraUser,
  MARKER,
  SERVICE_UUID,
} from "../doubles/world.ts";

const CYCLE = "0c000000-0000-4000-8000-000000000001";
const configuration = aConfiguration({
  attributes: [
    { kind: "direct", drupal: "field_department", entra: "department", flow: "both" },
    { kind: "direct", drupal: "field_title", entra: "jobTitle", flow: "drupalToEntra" },
    { kind: "direct", drupal: "field_mail", entra: "mail", flow: "both" },
  ],
  roles: { map: [{ drupal: "editor", entraGroups: ["aaaaaaaa-0000-4000-8000-000000000001"] }] },
});
const drupalUser = aDrupalUser({
  attributes: { field_department: "New", field_title: "Old title", field_mail: null },
});
const entraUser = anEntraUser({
  attributes: { department: "New", jobTitle: "New title", mail: null },
});

interface Now {
  readonly drupal?:
    | (Partial<Omit<DrupalUser, "attributes">> & { readonly attributes?: Attributes })
    | null;
  readonly entra?: Partial<EntraUser> | null;
  readonly link?: Partial<Link>;
  readonly more?: Partial<Situation>;
}

function situationOf({ drupal = {}, entra = {}, link = {}, more = {} }: Now): Situation {
  const pair = { drupal: fingerprint("New"), entra: fingerprint("New") };
  return {
    drupal:
      drupal === null
        ? null
        : {
            ...drupalUser,
            ...drupal,
            attributes: { ...drupalUser.attributes, ...drupal.attributes },
          },
    entra:
      entra === null
        ? null
        : { ...entraUser, ...entra, attributes: { ...entraUser.attributes, ...entra.attributes } },
    isInBin: false,
    nominee: null,
    link: {
      ...newLink(drupalUser.uuid),
      entraObjectId: entraUser.objectId,
      linkedAt: "2026-11-01T08:00:00Z",
      served: { drupalToEntra: true, entraToDrupal: true },
      inScope: { drupalToEntra: true, entraToDrupal: true },
      base: { "field_department<>department": pair },
      ...link,
    },
    hidden: {},
    uncertain: new Set(),
    match: { kind: "none" },
    predecessor: null,
    grants: new Set(),
    references: NO_REFERENCES,
    configuration,
    service: { uuid: SERVICE_UUID },
    patience: 2,
    isPartial: false,
    isPrivileged: null,
    byOperator: false,
    joins: null,
    notifiedAt: null,
    now: new Date("2026-11-24T08:00:00Z"),
    ...more,
  };
}

const wrote = (
  system: "drupal" | "entra",
  operation: PastWrite["operation"],
  changes: PastWrite["changes"] = [],
  status: PastWrite["status"] = "success",
): PastWrite => ({
  system,
  operation,
  status,
  changes,
  direction: system === "entra" ? "drupalToEntra" : "entraToDrupal",
  entraId: entraUser.objectId,
});
const change = (attribute: string, before: Change["before"], after: Change["after"]): Change => ({
  attribute,
  before,
  after,
  why: "changedInDrupal",
});
const department = wrote("entra", "update", [change("department", "Old", "New")]);
const given = wrote("drupal", "assign", [change("roles", null, "editor")]);
const taken = wrote("drupal", "remove", [change("roles", "editor", null)]);

/** A plan in short: `entra update department=Old`, and `!attribute code` for what is left. */
function short(writes: readonly PastWrite[], now: Now = {}): string[] {
  const { steps, failures } = planUndo({ cycleId: CYCLE, writes }, situationOf(now));
  return [
    ...steps.map(({ system, operation, changes }) =>
      [system, operation, ...changes.map(({ attribute, after }) => `${attribute}=${after}`)].join(
        " ",
      ),
    ),
    ...failures.map(({ attribute, code }) => `!${attribute} ${code}`),
  ];
}

const GONE: Now = {
  entra: null,
  link: { deletedByUs: { drupal: null, entra: "2026-11-20T08:00:00Z" } },
};
const ours = { blocks: { drupal: "ours", entra: "ours" } } as const;

const TABLE: readonly (readonly [string, readonly PastWrite[], Now, readonly string[]])[] = [
  ["nothing was written", [], {}, []],
  ["a value that is held still", [department], {}, ["entra update department=Old"]],
  [
    "a value that differs in nothing a person sees",
    [department],
    { entra: { attributes: { department: " New " } } },
    ["entra update department=Old"],
  ],
  [
    "a value that is back already",
    [department],
    { entra: { attributes: { department: "Old" } } },
    [],
  ],
  [
    "a value that was edited since",
    [department],
    { entra: { attributes: { department: "Third" } } },
    ["!department changedSince"],
  ],
  [
    "a value that lag hides",
    [department],
    {
      entra: { attributes: { department: "Old" } },
      more: { hidden: { department: fingerprint("New") } },
    },
    ["entra update department=Old"],
  ],
  [
    "a value that nothing maps any more",
    [wrote("entra", "update", [change("city", "A", "B")])],
    {},
    ["!city unreadable"],
  ],
  [
    "two writes in a row",
    [wrote("entra", "update", [change("department", "Oldest", "Old")]), department],
    {},
    ["entra update department=Oldest"],
  ],
  [
    "two writes, and an edit between",
    [wrote("entra", "update", [change("department", "Oldest", "Other")]), department],
    {},
    ["entra update department=Old"],
  ],
  [
    "there and back within the cycle",
    [wrote("entra", "update", [change("department", "New", "Old")]), department],
    {},
    [],
  ],
  ["a write that was refused", [wrote("entra", "update", [], "failure")], {}, []],
  [
    "a value that Entra cannot clear",
    [wrote("entra", "update", [change("mail", null, "a@contoso.example")])],
    { entra: { attributes: { mail: "A@contoso.example" } } },
    ["!mail notClearable"],
  ],
  [
    "a value kept as a fingerprint",
    [wrote("entra", "update", auditable([change("department", "Old", null)], "hash"))],
    { entra: { attributes: { department: null } } },
    ["!department valueNotKept"],
  ],
  [
    "a change that is too large to be kept",
    [
      wrote(
        "drupal",
        "update",
        auditable([change("field_department", "x".repeat(30_000), "New")], "plain"),
      ),
    ],
    {},
    ["!field_department valueNotKept"],
  ],
  [
    "our mark on an account",
    [
      wrote("entra", "update", [
        { ...change(MARKER, null, drupalUser.uuid), why: "marksOwnAccount" },
      ]),
    ],
    {},
    [`!${MARKER} linkStays`],
  ],
  [
    "an account mastered on-premises",
    [department],
    { entra: { onPremisesSynced: true } },
    ["!account onPremisesSynced"],
  ],
  [
    "values of both sides",
    [wrote("drupal", "update", [change("field_department", "Old", "New")]), department],
    {},
    ["drupal update field_department=Old", "entra update department=Old"],
  ],
  [
    "a disable of ours",
    [wrote("entra", "disable")],
    { entra: { enabled: false }, link: ours },
    ["entra enable accountEnabled=true"],
  ],
  [
    "a disable, and others disabled since",
    [wrote("entra", "disable")],
    { entra: { enabled: false } },
    ["!accountEnabled blockNotOurs"],
  ],
  ["a disable that was lifted since", [wrote("entra", "disable")], {}, []],
  ["an enable", [wrote("drupal", "enable")], {}, ["drupal disable status=false"]],
  ["an enable, and blocked since", [wrote("drupal", "enable")], { drupal: { enabled: false } }, []],
  ["disabled and enabled again", [wrote("entra", "disable"), wrote("entra", "enable")], {}, []],
  [
    "a delete, in the bin",
    [wrote("entra", "delete")],
    { ...GONE, more: { isInBin: true } },
    ["entra restore"],
  ],
  [
    "a delete with more, in the bin",
    [department, wrote("entra", "delete")],
    { ...GONE, more: { isInBin: true } },
    ["entra restore", "!account restoredFirst"],
  ],
  ["a delete, purged", [wrote("entra", "delete")], GONE, ["!account purged"]],
  [
    "a delete, then restored and deleted by others",
    [wrote("entra", "delete")],
    { entra: null, more: { isInBin: true } },
    ["!account changedSince"],
  ],
  ["a delete, and restored by others since", [wrote("entra", "delete")], {}, []],
  ["a value of an account that is gone", [department], { entra: null }, ["!account accountGone"]],
  [
    "a delete in Drupal",
    [wrote("drupal", "delete")],
    { drupal: null },
    ["!account deletedForGood"],
  ],
  [
    "a delete in Drupal that only blocked",
    [wrote("drupal", "delete", [change("status", true, false)])],
    { drupal: { enabled: false }, link: ours },
    ["drupal enable status=true"],
  ],
  [
    "a delete in Drupal of whom was blocked before",
    [wrote("drupal", "delete")],
    { drupal: { enabled: false }, link: ours },
    [],
  ],
  ["a restore", [wrote("entra", "restore")], {}, ["!account restoredAccount"]],
  [
    "a create",
    [wrote("entra", "create", [change("department", null, "New")])],
    {},
    ["!account createdAccount"],
  ],
  [
    "a create, and gone since",
    [wrote("drupal", "create")],
    { drupal: null },
    ["!account createdAccount"],
  ],
  [
    "a link and an update",
    [wrote("entra", "link"), department],
    {},
    ["entra update department=Old", "!link linkStays"],
  ],
  [
    "taken apart since",
    [department],
    { entra: null, link: { entraObjectId: null, linkedAt: null } },
    ["!account unlinkedSince"],
  ],
  [
    "joined to another since",
    [{ ...department, entraId: SERVICE_UUID }],
    {},
    ["!account linkedToAnother"],
  ],
  [
    "a role that was given",
    [given],
    { drupal: { roles: ["editor"] }, link: { grantedRoles: ["editor"] } },
    ["drupal remove roles=null"],
  ],
  [
    "a role that others gave since",
    [given],
    { drupal: { roles: ["editor"] } },
    ["!roles roleNotOurs"],
  ],
  ["a role that is gone already", [given], {}, []],
  ["a role that was taken", [taken], {}, ["drupal assign roles=editor"]],
  ["a role given and taken", [given, taken], {}, []],
  [
    "a role that is mapped no more",
    [wrote("drupal", "remove", [change("roles", "author", null)])],
    {},
    ["!roles roleNotMapped"],
  ],
  [
    "a role kept as a fingerprint",
    [wrote("drupal", "remove", auditable(taken.changes, "hash"))],
    {},
    ["drupal assign roles=editor"],
  ],
  [
    "a role that is not kept",
    [wrote("drupal", "remove", auditable(taken.changes, "none"))],
    {},
    ["!roles valueNotKept"],
  ],
  ["a protected account", [department], { drupal: { roles: ["administrator"] } }, []],
  [
    "access taken first, given last",
    [wrote("entra", "enable"), wrote("drupal", "disable"), department],
    { drupal: { enabled: false }, link: { blocks: { drupal: "ours", entra: "none" } } },
    [
      "entra disable accountEnabled=false",
      "entra update department=Old",
      "drupal enable status=true",
    ],
  ],
];

describe("an undo", () => {
  it.each(TABLE)("of: %s", (_what, writes, now, expected) => {
    expect(short(writes, now)).toEqual(expected);
  });

  it("leaves what both sides last agreed on, and starts the grace of a delete once more", () => {
    const deleteDue = { system: "entra", at: "2026-12-24T08:00:00Z" } as const;
    const situation = situationOf({ entra: { enabled: false }, link: { ...ours, deleteDue } });
    const plan = planUndo(
      { cycleId: CYCLE, writes: [wrote("entra", "disable"), department] },
      situation,
    );
    expect(plan).toMatchObject({ agreed: {}, learned: {}, facts: { deleteDue: null } });
  });

  it("warns of a row that flows one way from the other side, and of no other", () => {
    const writes = [
      wrote("entra", "update", [
        change("department", "Old", "New"),
        change("jobTitle", "Older", "New title"),
      ]),
    ];
    const { reason, steps } = planUndo({ cycleId: CYCLE, writes }, situationOf({}));
    expect(reason.code).toBe("willFlowAgain");
    expect(reason.message).toContain("jobTitle");
    expect(steps[0]?.changes.map(({ why }) => why)).toEqual(["undoneWrite", "willFlowAgain"]);
  });

  it("says of each user why nothing comes of it", () => {
    const reasonOf = (writes: readonly PastWrite[], now: Now = {}) =>
      planUndo({ cycleId: CYCLE, writes }, situationOf(now)).reason.code;
    expect(reasonOf([])).toBe("nothingToUndo");
    expect(reasonOf([wrote("entra", "create")])).toBe("cannotBeUndone");
    expect(reasonOf([department], { drupal: { uid: 1 } })).toBe("protectedAccount");
    const isPrivileged = { more: { isPrivileged: true } };
    expect(reasonOf([department], isPrivileged)).toBe("privilegedAccount");
    const last = { entra: null, link: { isProtected: true }, more: { isInBin: true } };
    expect(reasonOf([wrote("entra", "delete")], last)).toBe("protectedAccount");
  });
});

describe("taking writes back", () => {
  const isSame = (one: number, other: number) => one === other;
  it.each([
    [[], 1, { kind: "alreadyBack" }],
    [[[1, 2]], 2, { kind: "back", to: 1, from: 2 }],
    [[[1, 2]], 1, { kind: "alreadyBack" }],
    [[[1, 2]], 3, { kind: "changedSince" }],
    [
      [
        [1, 2],
        [2, 3],
      ],
      3,
      { kind: "back", to: 1, from: 3 },
    ],
    [
      [
        [1, 2],
        [5, 3],
      ],
      3,
      { kind: "back", to: 5, from: 3 },
    ],
    [
      [
        [1, 2],
        [2, 1],
      ],
      1,
      { kind: "alreadyBack" },
    ],
  ] as const)("%j with %d now", (pairs, now, expected) => {
    const writes = pairs.map(([before, after]) => ({
      before: Number(before),
      after: Number(after),
    }));
    expect(takeBack<number>(writes, (value) => value === now, isSame)).toEqual(expected);
  });
});
