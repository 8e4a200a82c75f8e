// Laws of the merge, held for whatever configuration, users and memories chance makes up.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_REFERENCES } from "../../src/rules/attribute-mapping.ts";
import { parseSyncConfiguration, type SyncConfiguration } from "../../src/rules/configuration.ts";
import {
  drupalFieldSchema,
  drupalPrint,
  type EntraType,
  entraPrint,
  toDrupalForm,
  toEntraForm,
} from "../../src/rules/field-types.ts";
import { newLink } from "../../src/rules/link.ts";
import { decide } from "../../src/rules/merge.ts";
import { PATIENCE } from "../../src/rules/ping-pong.ts";
import type { Plan } from "../../src/rules/plan.ts";
import type { Situation } from "../../src/rules/situation.ts";
import type { AttributeValue, DrupalUser, EntraUser } from "../../src/rules/users.ts";
import { applyPlan } from "../doubles/apply-plan.ts";
import { aDrupalUser, anEntraUser, anId, MARKER, SERVICE_UUID } from "../doubles/world.ts";

const GROUPS = ["aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"];
// Each pair is one row; the fields of one never feed another but through the computed display name.
const PAIRS = [
  ["field_first_name", "givenName"],
  ["field_last_name", "surname"],
  ["field_department", "department"],
  ["field_city", "city"],
] as const;

const text = fc.constantFrom<AttributeValue>(null, "", "a", "b", " a ", "ä", "x".repeat(65));
const action = fc.constantFrom("nothing", "disable", "delete");
const states = fc.record({
  disabled: fc.constantFrom("nothing", "disable"),
  deleted: action,
  outOfScope: action,
  graceDays: fc.constantFrom(0, 1),
});
const scope = fc.record({
  anyOf: fc.constantFrom<object[][]>(
    [],
    [[{ attribute: "field_department", operator: "isNotEmpty" }]],
    [[{ attribute: "department", operator: "notEquals", value: "b" }]],
  ),
  entraGroups: fc.constantFrom<string[]>([], [GROUPS[0] ?? ""]),
});
const rows = fc.tuple(
  ...PAIRS.map(([drupal, entra]) =>
    fc.record({
      kind: fc.constant("direct"),
      drupal: fc.constant(drupal),
      entra: fc.constant(entra),
      flow: fc.constantFrom("both", "drupalToEntra", "entraToDrupal"),
      authority: fc.constantFrom("drupal", "entra", "newest", "manual"),
      whenEmpty: fc.constantFrom("keep", "clear"),
    }),
  ),
);
const displayName = {
  kind: "expression",
  entra: "displayName",
  expression: 'join([drupal.field_first_name, drupal.field_last_name], " ")',
};

const configuration = fc
  .record({
    rows,
    hasName: fc.boolean(),
    directions: fc.record({ drupalToEntra: fc.boolean(), entraToDrupal: fc.boolean() }),
    scope: fc.record({ drupalToEntra: scope, entraToDrupal: scope }),
    states: fc.record({ drupalToEntra: states, entraToDrupal: states }),
    removal: fc.constantFrom("granted", "mapped"),
    guests: fc.boolean(),
  })
  .map(({ rows: attributes, hasName, removal, ...rest }): SyncConfiguration => {
    const parsed = parseSyncConfiguration({
      ...rest,
      attributes: hasName ? [...attributes, displayName] : attributes,
      roles: {
        removal,
        map: [
          { drupal: "editor", entraGroups: [GROUPS[0]] },
          { drupal: "author", entraGroups: [GROUPS[1]] },
        ],
      },
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
    return parsed.configuration;
  });

const drupalUser = fc
  .record({
    values: fc.tuple(text, text, text, text),
    enabled: fc.boolean(),
    roles: fc.subarray(["editor", "author", "administrator", "other"]),
    uid: fc.constantFrom(0, 1, 15, 16, 17, 18),
    isService: fc.constantFrom(false, false, false, true),
  })
  .map(({ values, isService, ...user }): DrupalUser => {
    const attributes = Object.fromEntries(
      PAIRS.map(([name], index) => [name, values[index] ?? null]),
    );
    return aDrupalUser({ ...user, attributes, ...(isService ? { uuid: SERVICE_UUID } : {}) });
  });

const entraUser = fc
  .record({
    values: fc.tuple(text, text, text, text),
    enabled: fc.boolean(),
    onPremisesSynced: fc.constantFrom(false, false, false, true),
    userType: fc.constantFrom("Member", "Member", "Guest"),
  })
  .map(({ values, ...user }): EntraUser => {
    const attributes = Object.fromEntries(
      PAIRS.map(([, name], index) => [name, values[index] ?? null]),
    );
    return anEntraUser({ ...user, attributes: { ...attributes, displayName: "Ada" } });
  });

const block = fc.constantFrom("none" as const, "ours" as const);

/** Linked, matched, nominated or gone users, with whatever the link remembers of them. */
const situation = fc
  .record({
    configuration,
    drupal: fc.option(drupalUser, { freq: 6 }),
    entra: fc.option(entraUser, { freq: 6 }),
    how: fc.constantFrom("linked", "linked", "linked", "matched", "nominated"),
    base: fc.option(fc.tuple(text, text, text, text)),
    blocks: fc.record({ drupal: block, entra: block }),
    madeByUs: fc.record({ drupal: fc.boolean(), entra: fc.boolean() }),
    grants: fc.option(fc.subarray(GROUPS)),
    grantedRoles: fc.subarray(["editor", "author"]),
    isInBin: fc.boolean(),
    deletedByUs: fc.constantFrom(null, "2026-11-01T00:00:00.000Z"),
  })
  .map((given): Situation => {
    const { configuration: document, drupal, how, base } = given;
    const drupalUuid = drupal?.uuid ?? anId();
    const isLinked = how === "linked";
    // What we made carries our mark.
    const mark = isLinked && given.madeByUs.entra ? { [MARKER]: drupalUuid } : {};
    const entra = given.entra && {
      ...given.entra,
      attributes: { ...given.entra.attributes, ...mark },
    };
    const bases = Object.fromEntries(
      PAIRS.flatMap(([drupalName, entraName], index) => {
        const value = base?.[index];
        if (value === undefined) return [];
        const print = entraPrint(entraName, value);
        return [`${drupalName}<>${entraName}`, `>${entraName}`, `<${drupalName}`].map(
          (key) => [key, { drupal: print, entra: print }] as const,
        );
      }),
    );
    const empty = newLink(drupalUuid);
    const link = isLinked
      ? {
          ...empty,
          entraObjectId: entra?.objectId ?? anId(),
          linkedAt: "2026-11-01T00:00:00.000Z",
          base: bases,
          blocks: given.blocks,
          madeByUs: given.madeByUs,
          grantedRoles: given.grantedRoles,
          served: { drupalToEntra: given.isInBin, entraToDrupal: true },
          deletedByUs: {
            drupal: drupal === null ? given.deletedByUs : null,
            entra: entra === null ? given.deletedByUs : null,
          },
        }
      : empty;
    const isNominated = how === "nominated" && entra !== null && drupal === null;
    const isMatched = how === "matched" && entra !== null && drupal !== null;
    return {
      drupal: isNominated ? null : drupal,
      entra: isLinked ? entra : null,
      isInBin: given.isInBin,
      nominee: isNominated ? entra : null,
      link,
      hidden: {},
      uncertain: new Set(),
      match: isMatched ? { kind: "one", user: entra, by: "mail", field: "mail" } : { kind: "none" },
      predecessor: null,
      isPartial: false,
      isPrivileged: null,
      byOperator: true,
      joins: null,
      grants:
        given.grants === null || !(isLinked || isMatched || isNominated) || entra === null
          ? null
          : new Set(given.grants),
      references: NO_REFERENCES,
      configuration: document,
      service: { uuid: SERVICE_UUID },
      patience: PATIENCE.operator,
      notifiedAt: null,
      now: new Date("2026-11-24T08:00:00Z"),
    };
  });

const RUNS = { numRuns: 4000 };
const changesOf = (plan: Plan) =>
  plan.steps.flatMap((step) => step.changes.map((change) => ({ step, change })));
const isProtected = ({ drupal, entra, nominee, match, configuration: { guests } }: Situation) => {
  const account = entra ?? nominee ?? (match.kind === "one" ? match.user : null);
  return (
    (drupal !== null &&
      (drupal.uid <= 1 ||
        drupal.uuid === SERVICE_UUID ||
        drupal.roles.includes("administrator"))) ||
    (account !== null && account.userType === "Guest" && !guests)
  );
};

describe("the merge, whatever the users and the configuration", () => {
  it("settles: two rounds after any situation there is nothing left to write", () => {
    fc.assert(
      fc.property(situation, (start) => {
        let now = start;
        for (let round = 0; round < 2; round += 1) now = applyPlan(decide(now), now);
        // A delete that waits is due when it is due, and then once.
        const later = { ...now, now: new Date(now.now.getTime() + 3 * 86_400_000) };
        const settled = applyPlan(decide(later), later);
        const again = applyPlan(decide(settled), settled);
        expect(decide(again).steps).toEqual([]);
      }),
      RUNS,
    );
  });

  it("is minimal: planning again after applying a plan gives none", () => {
    fc.assert(
      fc.property(situation, (start) => {
        const plan = decide(start);
        // What comes back from the bin, or is made in Drupal and so becomes a source, is looked at once more.
        fc.pre(
          !plan.steps.some(
            ({ operation, system }) =>
              operation === "restore" || (operation === "create" && system === "drupal"),
          ),
        );
        fc.pre(plan.reason.code !== "deleteWaits");
        // What a plan writes may take its user out of a scope: that is the next look's to say.
        fc.pre(Object.values(start.configuration.scope).every(({ anyOf }) => anyOf.length === 0));
        const { reason, steps } = decide(applyPlan(plan, start));
        expect({ steps, why: steps.length > 0 && [plan.reason, reason] }).toEqual({
          steps: [],
          why: false,
        });
      }),
      RUNS,
    );
  });

  it("writes only what differs", () => {
    fc.assert(
      fc.property(situation, (start) => {
        for (const { step, change } of changesOf(decide(start))) {
          if (step.operation === "create") continue;
          expect(entraPrint("text", change.before)).not.toBe(entraPrint("text", change.after));
        }
      }),
      RUNS,
    );
  });

  it("lets no attribute flow against its direction", () => {
    fc.assert(
      fc.property(situation, (start) => {
        const { attributes, directions, account } = start.configuration;
        for (const { step, change } of changesOf(decide(start))) {
          const direction = step.system === "entra" ? "drupalToEntra" : "entraToDrupal";
          expect(directions[direction]).toBe(true);
          const own = ["accountEnabled", "status", "roles", "displayName", account.marker];
          if (own.includes(change.attribute)) continue;
          const row = attributes.find((one) => one[step.system] === change.attribute);
          expect(["both", direction]).toContain(row?.flow);
        }
      }),
      RUNS,
    );
  });

  it("never has a protected account in a plan", () => {
    fc.assert(
      fc.property(situation.filter(isProtected), (start) => {
        expect(decide(start).steps).toEqual([]);
      }),
      RUNS,
    );
  });

  it("lifts only our own blocks, and disables nobody whom no rule asks to", () => {
    fc.assert(
      fc.property(situation, (start) => {
        const { link, configuration: document } = start;
        for (const { operation, system } of decide(start).steps) {
          if (operation === "enable") expect(link.blocks[system]).toBe("ours");
          if (operation !== "disable") continue;
          const rules = document.states[system === "entra" ? "drupalToEntra" : "entraToDrupal"];
          expect(
            [rules.disabled, rules.deleted, rules.outOfScope].some((one) => one !== "nothing"),
          ).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it("lets in everyone whom both sides' own people want in, whatever we had disabled before", () => {
    const isWanted = ({ link, drupal, entra, configuration: document }: Situation) =>
      drupal !== null &&
      entra !== null &&
      !entra.onPremisesSynced &&
      (drupal.enabled || link.blocks.drupal === "ours") &&
      (entra.enabled || link.blocks.entra === "ours") &&
      Object.values(document.directions).every(Boolean);
    const unscoped = { anyOf: [], entraGroups: [] };
    const wanted = situation
      .filter((start) => isWanted(start) && !isProtected(start))
      .map((start) => ({
        ...start,
        configuration: {
          ...start.configuration,
          scope: { drupalToEntra: unscoped, entraToDrupal: unscoped },
        },
      }));
    fc.assert(
      fc.property(wanted, (start) => {
        let now: Situation = start;
        for (let round = 0; round < 2; round += 1) now = applyPlan(decide(now), now);
        expect([now.drupal?.enabled, now.entra?.enabled]).toEqual([true, true]);
      }),
      { numRuns: 500 },
    );
  });

  it("disables nobody at their first meeting", () => {
    fc.assert(
      fc.property(
        situation.filter(({ match }) => match.kind === "one"),
        (start) => {
          const operations = decide(start).steps.map(({ operation }) => operation);
          expect(operations).not.toContain("disable");
          expect(operations).not.toContain("delete");
        },
      ),
      RUNS,
    );
  });

  it("takes nobody's access away on whom the direction never served", () => {
    fc.assert(
      fc.property(situation, (start) => {
        for (const { operation, system } of decide(start).steps) {
          if (operation !== "delete") continue;
          const direction = system === "entra" ? "drupalToEntra" : "entraToDrupal";
          expect(start.link.served[direction]).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it("touches only mapped roles, and takes only those that it gave unless told otherwise", () => {
    fc.assert(
      fc.property(situation, (start) => {
        const { link, configuration: document, grants } = start;
        for (const { step, change } of changesOf(decide(start))) {
          if (step.resource !== "role") continue;
          const role = String(change.after ?? change.before);
          expect(grants).not.toBeNull();
          expect(document.roles.map.map(({ drupal }) => drupal)).toContain(role);
          if (step.operation === "remove" && document.roles.removal === "granted")
            expect(link.grantedRoles).toContain(role);
        }
      }),
      RUNS,
    );
  });

  it("deletes nobody who was not to be deleted for the whole of the grace", () => {
    fc.assert(
      fc.property(situation, (start) => {
        for (const { operation, system } of decide(start).steps) {
          if (operation !== "delete") continue;
          const rules =
            start.configuration.states[system === "entra" ? "drupalToEntra" : "entraToDrupal"];
          expect(rules.graceDays).toBe(0);
          expect([rules.deleted, rules.outOfScope]).toContain("delete");
        }
      }),
      RUNS,
    );
  });
});

describe("values that go there and back", () => {
  const types = fc.constantFrom<EntraType>("text", "list", "one");
  const field = fc.record({
    type: fc.constantFrom("text", "list", "boolean", "integer", "decimal", "date", "datetime"),
    multiple: fc.constant(false),
  });
  const anyText = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.integer().map(String),
    fc.constantFrom("true", "false", "2026-02-28", "2026-02-28T23:59:59Z", "4.50", "-0"),
    fc
      .date({ min: new Date("1970-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString()),
  );

  it("come back as they were, or are refused", () => {
    fc.assert(
      fc.property(field, types, anyText, (declared, type, value) => {
        const drupal = drupalFieldSchema.parse(declared);
        const given: AttributeValue = type === "text" ? value : [value];
        const there = toDrupalForm(given, drupal);
        if (!there.ok) return;
        const back = toEntraForm(there.value, type);
        expect(back.ok).toBe(true);
        if (!back.ok) return;
        const again = toDrupalForm(back.value, drupal);
        expect(again.ok && drupalPrint("field", drupal, again.value)).toBe(
          drupalPrint("field", drupal, there.value),
        );
      }),
      RUNS,
    );
  });
});
