// The drift report on an in-memory world: who is told of, with which reason, and what is never told.
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { driftAnswer, driftRecords, parseDriftRequest } from "../../src/api/drift-answer.ts";
import type { DriftRow } from "../../src/rules/drift.ts";
import { RejectedError, TransientError } from "../../src/rules/errors.ts";
import { reportDrift } from "../../src/sync/report-drift.ts";
import { CycleWorld } from "../doubles/cycle-world.ts";
import { aConfiguration, aDrupalUser, anEntraUser, DOMAIN } from "../doubles/world.ts";

const HOUR_MS = 3_600_000;
const FEEDS = ["drupalToEntra", "entraToDrupal"] as const;
const DIRECT = { kind: "direct", drupal: "field_department", entra: "department" } as const;

function addDrupalUsers(cycles: CycleWorld, count: number, department = "R&D"): string[] {
  return Array.from({ length: count }, () => {
    const name = `person${cycles.world.drupal.size}`;
    const attributes = { field_department: department };
    const user = aDrupalUser({ name, uid: 100 + cycles.world.drupal.size, attributes });
    cycles.world.drupal.set(user.uuid, user);
    return user.uuid;
  });
}

const everyone = async (cycles: CycleWorld, isDryRun = false): Promise<void> => {
  for (const direction of FEEDS) {
    await cycles.run({ direction, kind: "initial", isDryRun });
    cycles.world.now += HOUR_MS;
  }
};

/** People who were served by cycles of both feeds. */
async function settledWorld(count: number, configuration = aConfiguration()) {
  const cycles = new CycleWorld();
  cycles.world.configuration = configuration;
  const uuids = addDrupalUsers(cycles, count);
  await everyone(cycles);
  const objectIdOf = (uuid: string) => cycles.world.links.get(uuid)?.link.entraObjectId ?? "";
  return { cycles, world: cycles.world, uuids, first: uuids[0] ?? "", objectIdOf };
}

async function rowsOf(cycles: CycleWorld): Promise<DriftRow[]> {
  const rows: DriftRow[] = [];
  const places: string[] = [];
  for await (const { place, row } of (await reportDrift(cycles.driftPorts())).rows()) {
    rows.push(row);
    places.push(place);
  }
  expect(places).toEqual([...new Set(places)].toSorted());
  return rows;
}

const answered = z.object({
  asOf: z.object({ drupal: z.string().nullable(), entra: z.string().nullable() }),
  counts: z.record(z.string(), z.number().nullable()),
  items: z.array(z.object({ kind: z.string(), name: z.string().nullable() })),
  continuation: z.string().nullable(),
});

async function ask(cycles: CycleWorld, query: Record<string, string> = {}) {
  const asked = parseDriftRequest(new URLSearchParams(query));
  const { body } = await driftAnswer(await reportDrift(cycles.driftPorts()), asked);
  return answered.parse(JSON.parse(String(body)));
}

describe("after the first cycles of both feeds", () => {
  it("is empty where everyone was served, and reads nobody's link for that", async () => {
    const { cycles } = await settledWorld(8);
    const calls: string[] = [];
    cycles.gate = (call, phase) => void (phase === "before" && calls.push(call));
    expect(await rowsOf(cycles)).toEqual([]);
    expect(calls.filter((call) => call === "links.get")).toEqual([]);
    expect(await ask(cycles)).toMatchObject({
      asOf: { drupal: expect.any(String), entra: expect.any(String) },
      counts: { onlyInDrupal: 0, onlyInEntra: 0, differs: 0, conflict: 0, escrowed: 0 },
      items: [],
      continuation: null,
    });
  });

  it("tells who is on one side only and why, also once nobody looks at them any more", async () => {
    const scope = {
      drupalToEntra: {
        anyOf: [[{ attribute: "field_department", operator: "equals", value: "R&D" }]],
      },
    };
    const { cycles, world } = await settledWorld(3, aConfiguration({ scope }));
    const [outside] = addDrupalUsers(cycles, 1, "Sales");
    const guest = anEntraUser({ userPrincipalName: `guest@${DOMAIN}`, userType: "Guest" });
    world.entra.set(guest.objectId, guest);
    const expected = [
      { kind: "onlyInDrupal", drupalUuid: outside, entraObjectId: null, name: "person3" },
      { kind: "onlyInEntra", drupalUuid: null, entraObjectId: guest.objectId },
    ];
    for (const _ of ["looked at", "passed over"]) {
      await everyone(cycles);
      const rows = await rowsOf(cycles);
      expect(rows).toMatchObject(expected);
      expect(rows.map(({ reason }) => reason?.code)).toEqual(["outOfScope", "guestAccount"]);
    }
  });

  it("tells of an account that a listing does not show any more", async () => {
    const { cycles, world, uuids, first, objectIdOf } = await settledWorld(6);
    world.drupal.delete(first);
    await everyone(cycles);
    expect(await rowsOf(cycles)).toMatchObject([
      {
        kind: "onlyInEntra",
        drupalUuid: first,
        entraObjectId: objectIdOf(first),
        reason: { code: "notListed" },
      },
    ]);
    expect(uuids).toHaveLength(6);
  });

  it("tells of an account that is disabled on one side only", async () => {
    const states = { entraToDrupal: { disabled: "nothing" } };
    const { cycles, world, first, objectIdOf } = await settledWorld(3, aConfiguration({ states }));
    world.editEntra(objectIdOf(first), { enabled: false });
    await everyone(cycles);
    await everyone(cycles);
    expect(await rowsOf(cycles)).toMatchObject([
      {
        kind: "differs",
        drupalUuid: first,
        entraObjectId: objectIdOf(first),
        attributes: ["entra.accountEnabled"],
        reason: { code: "disabledElsewhere" },
      },
    ]);
  });
});

describe("an edit between cycles", () => {
  const both = aConfiguration({ attributes: [{ ...DIRECT, flow: "both", authority: "entra" }] });

  it("is shown by a dry run, which moves nothing else, and is over once a look has settled it", async () => {
    const { cycles, world, first, objectIdOf } = await settledWorld(5, both);
    world.editEntra(objectIdOf(first), { attributes: { department: "Navy" } });
    expect(await rowsOf(cycles)).toEqual([]);
    const { listing, watermark } = cycles.jobs.get("entraToDrupal")?.job ?? {};
    await cycles.run({ direction: "entraToDrupal", kind: "initial", isDryRun: true });
    expect(cycles.jobs.get("entraToDrupal")?.job).toMatchObject({ listing, watermark });
    expect(await rowsOf(cycles)).toMatchObject([
      {
        kind: "differs",
        drupalUuid: first,
        entraObjectId: objectIdOf(first),
        attributes: ["entra.department"],
        reason: { code: "differs" },
      },
    ]);
    world.now += HOUR_MS;
    await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    await cycles.run({ direction: "entraToDrupal", kind: "incremental" });
    expect(world.drupal.get(first)?.attributes.field_department).toBe("Navy");
    expect(await rowsOf(cycles)).toEqual([]);
  });

  it("is told once where both sides moved, with what moved on each", async () => {
    const { cycles, world, first, objectIdOf } = await settledWorld(5, both);
    world.editEntra(objectIdOf(first), { attributes: { department: "Navy" } });
    world.editDrupal(first, { attributes: { field_department: "Army" } });
    await everyone(cycles, true);
    expect(await rowsOf(cycles)).toMatchObject([
      { kind: "differs", attributes: ["drupal.field_department", "entra.department"] },
    ]);
  });
});

describe("a user of whom Entra's listing tells nothing", () => {
  it("is told as differing by Drupal's alone", async () => {
    const cycles = new CycleWorld();
    const [first = ""] = addDrupalUsers(cycles, 4);
    await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    cycles.world.now += HOUR_MS;
    cycles.world.editDrupal(first, { attributes: { field_department: "Navy" } });
    await cycles.run({ direction: "drupalToEntra", kind: "initial", isDryRun: true });
    expect(await rowsOf(cycles)).toMatchObject([
      {
        kind: "differs",
        drupalUuid: first,
        entraObjectId: cycles.world.links.get(first)?.link.entraObjectId,
        name: "person0",
        attributes: [expect.stringContaining("department")],
        reason: { code: "differs" },
      },
    ]);
  });
});

describe("what waits", () => {
  it("is told as a conflict with its attributes, and not as a difference beside", async () => {
    const attributes = [{ ...DIRECT, flow: "both", authority: "manual" }];
    const { cycles, world, first, objectIdOf } = await settledWorld(
      3,
      aConfiguration({ attributes }),
    );
    world.editEntra(objectIdOf(first), { attributes: { department: "Navy" } });
    world.editDrupal(first, { attributes: { field_department: "Army" } });
    await everyone(cycles);
    expect(await rowsOf(cycles)).toMatchObject([
      {
        kind: "conflict",
        drupalUuid: first,
        entraObjectId: objectIdOf(first),
        name: "person0",
        attributes: ["drupal.field_department", "entra.department"],
        reason: { code: "manual" },
        since: expect.any(String),
      },
    ]);
  });

  it("is told as escrowed, beside being on one side only", async () => {
    const cycles = new CycleWorld();
    const [uuid] = addDrupalUsers(cycles, 1);
    cycles.gate = (call, phase) => {
      if (call !== "entra.createUser" || phase !== "before") return;
      throw new RejectedError("refused", { system: "entra", code: "valueRefused" });
    };
    await everyone(cycles);
    const reason = { code: "valueRefused", message: "refused" };
    expect(await rowsOf(cycles)).toMatchObject([
      { kind: "onlyInDrupal", drupalUuid: uuid, reason },
      { kind: "escrowed", drupalUuid: uuid, reason, since: expect.any(String) },
    ]);
  });

  it("is told also of users whom no listing shows", async () => {
    const { cycles, world, first } = await settledWorld(2);
    const at = new Date(world.now).toISOString();
    const row = { system: "entra", reason: { code: "x", message: "y" }, at } as const;
    cycles.jobs.clear();
    world.escrow.set(first, {
      ...row,
      drupalUuid: first,
      attempts: 1,
      entraObjectId: null,
      nextAt: null,
      since: at,
    });
    expect(await rowsOf(cycles)).toMatchObject([
      { kind: "escrowed", drupalUuid: first, name: null },
    ]);
  });
});

describe("a listing that has not come to its end", () => {
  it("is never used: nobody is missing on a side that was not read whole", async () => {
    const cycles = new CycleWorld();
    addDrupalUsers(cycles, 9);
    const fault = new TransientError("500", { system: "entra", code: "entraUnavailable" });
    cycles.pageFaults.set("entraToDrupal 1", fault);
    await everyone(cycles);
    const { asOf, counts, items } = await ask(cycles);
    expect(asOf).toEqual({ drupal: expect.any(String), entra: null });
    expect(counts).toMatchObject({ onlyInDrupal: 0, onlyInEntra: null });
    expect(items).toEqual([]);
  });

  it("leaves the report as of the one before", async () => {
    const { cycles, world, uuids } = await settledWorld(12);
    const before = (await ask(cycles)).asOf;
    for (const uuid of uuids.slice(0, 2)) world.drupal.delete(uuid);
    cycles.pageFaults.set("drupalToEntra 1", "empty");
    await everyone(cycles);
    const { asOf, items } = await ask(cycles);
    expect(asOf.drupal).toBe(before.drupal);
    expect(items).toEqual([]);
  });
});

describe("the pages of the report", () => {
  const nothingFlows = aConfiguration({
    directions: { drupalToEntra: false, entraToDrupal: true },
  });

  it("follow each other without gap or repetition, and end with their listing", async () => {
    const cycles = new CycleWorld();
    cycles.world.configuration = nothingFlows;
    addDrupalUsers(cycles, 7);
    await everyone(cycles);
    const names: (string | null)[] = [];
    let query: Record<string, string> = { limit: "3", kind: "onlyInDrupal" };
    for (let page = 0; page < 3; page += 1) {
      const { items, counts, continuation } = await ask(cycles, query);
      expect(counts.onlyInDrupal).toBe(7);
      names.push(...items.map(({ name }) => name));
      expect(continuation === null).toBe(page === 2);
      if (continuation !== null) query = { ...query, continuation };
    }
    expect(new Set(names).size).toBe(7);
    expect(names).toHaveLength(7);
    await expect(ask(cycles, { ...query, kind: "differs" })).rejects.toThrow(/does not belong/);
    await cycles.run({ direction: "drupalToEntra", kind: "initial" });
    await expect(ask(cycles, query)).rejects.toThrow(/newer report/);
  });

  it("are rows of a file as well", async () => {
    const cycles = new CycleWorld();
    cycles.world.configuration = nothingFlows;
    addDrupalUsers(cycles, 1);
    await everyone(cycles);
    const report = await reportDrift(cycles.driftPorts());
    const records = [];
    for await (const record of driftRecords(report, undefined)) records.push(record);
    expect(records).toMatchObject([
      { kind: "onlyInDrupal", attributes: "", reasonCode: "directionOff" },
    ]);
  });
});
