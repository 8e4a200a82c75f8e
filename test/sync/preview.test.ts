// What a change of the configuration would do, on an in-memory world: whom it touches, what is due anyway, and that nothing is
// written or kept.
import { describe, expect, it } from "vitest";
import { AccessError, RejectedError, TransientError } from "../../src/rules/errors.ts";
import type { Precondition } from "../../src/sync/precondition.ts";
import { type PreviewPorts, previewConfiguration } from "../../src/sync/preview-configuration.ts";
import { approveCycle, cancelCycle } from "../../src/sync/steer-cycle.ts";
import { CycleWorld } from "../doubles/cycle-world.ts";
import { aConfiguration, aDrupalUser, anEntraUser, DOMAIN } from "../doubles/world.ts";

const HOUR_MS = 3_600_000;
const GROUP = "66666666-0000-4000-8000-000000000001";
const OTHER_GROUP = "66666666-0000-4000-8000-000000000002";

const editors = (...entraGroups: string[]) => ({
  roles: { map: [{ drupal: "editor", entraGroups }] },
});
const scopeOf = (department: string) => ({
  scope: {
    drupalToEntra: {
      anyOf: [[{ attribute: "field_department", operator: "equals", value: department }]],
    },
  },
});
const outOfScopeDisables = { states: { drupalToEntra: { outOfScope: "disable" } } };

/** A site with an admin who previews, and whose waiting lets cycles run. */
class PreviewWorld extends CycleWorld {
  document: unknown;
  etag: string | null = '"1"';
  #people = 0;

  constructor(document: unknown = {}) {
    super();
    this.document = document;
    this.world.configuration = aConfiguration(document);
  }

  save(document: unknown): void {
    this.document = document;
    this.world.configuration = aConfiguration(document);
  }

  addDrupal(count: number, department = "R&D"): string[] {
    return Array.from({ length: count }, () => {
      this.#people += 1;
      const uid = 100 + this.#people;
      const attributes = { field_department: department };
      const user = aDrupalUser({ name: `person${uid}`, uid, attributes });
      this.world.drupal.set(user.uuid, user);
      return user.uuid;
    });
  }

  addEntra(mail: string): string {
    const own = { displayName: "Grace", givenName: "Grace", surname: "H", department: "Navy" };
    const user = anEntraUser({ userPrincipalName: mail, attributes: { ...own, mail } });
    this.world.entra.set(user.objectId, user);
    return user.objectId;
  }

  objectIdOf(uuid: string | undefined): string {
    return this.world.links.get(uuid ?? "")?.link.entraObjectId ?? "";
  }

  /** Everyone is linked and as agreed. */
  async agree(): Promise<void> {
    await this.run({ direction: "drupalToEntra", kind: "initial" });
    await this.run({ direction: "entraToDrupal", kind: "initial" });
    this.world.now += 2 * HOUR_MS;
  }

  previewPorts(isWatched = true): PreviewPorts {
    return {
      ...this.ports(),
      waitMs: 20_000,
      configuration: { read: async () => ({ document: this.document, etag: this.etag }) },
      sleep: async (ms) => {
        this.world.now += ms;
        if (isWatched) await this.settle(0);
      },
    };
  }

  ask(document: unknown, actor = "ada", precondition: Precondition | null = null) {
    return previewConfiguration({ document, precondition, actor }, this.previewPorts());
  }

  async preview(document: unknown) {
    const answer = await this.ask(document);
    if (answer.kind !== "impact") throw new Error(answer.kind);
    return answer.impact;
  }

  /** All that a preview must leave as it is. */
  left() {
    const { drupalWrites, entraWrites, links, queue, escrow } = this.world;
    return structuredClone({
      jobs: [...this.jobs],
      listings: [...this.listings.keys()],
      memberships: [...this.memberships.keys()],
      absences: [...this.absences.keys()],
      links: [...links],
      escrow: [...escrow],
      writes: [...drupalWrites, ...entraWrites],
      queue,
    });
  }
}

/** A world whose five editors hold their role by a group. */
async function withEditors() {
  const site = new PreviewWorld(editors(GROUP));
  const uuids = site.addDrupal(12);
  await site.run({ direction: "drupalToEntra", kind: "initial" });
  for (const uuid of uuids.slice(0, 5))
    site.world.grants.set(site.objectIdOf(uuid), new Set([GROUP]));
  for (const uuid of uuids.slice(3, 8)) {
    const own = site.world.grants.get(site.objectIdOf(uuid)) ?? [];
    site.world.grants.set(site.objectIdOf(uuid), new Set([...own, OTHER_GROUP]));
  }
  await site.agree();
  const holders = [...site.world.drupal.values()].filter(({ roles }) => roles.includes("editor"));
  expect(holders).toHaveLength(5);
  return { site, uuids };
}

describe("the preview of a change", () => {
  it("tells who loses a role and who gains one, and leaves everything as it is", async () => {
    const { site, uuids } = await withEditors();
    const before = site.left();
    const impact = await site.preview(editors(OTHER_GROUP));
    expect(impact).toMatchObject({
      preview: true,
      status: "complete",
      users: { read: 12, compared: 12, touched: 6, spared: 0, unknown: 0 },
      operations: { assign: 3, remove: 3 },
      harm: { disables: 0, deletes: 0, roleRemovals: 3 },
      summary: "touches 6 users, 3 lose a role",
    });
    expect(site.left()).toEqual(before);
    const told = site.users(impact.cycleId ?? "");
    expect(told).toHaveLength(12);
    const touched = told.filter(({ outcome }) => outcome === "planned");
    expect(touched.map(({ drupalUuid }) => drupalUuid).toSorted()).toEqual(
      [...uuids.slice(0, 3), ...uuids.slice(5, 8)].toSorted(),
    );
    expect(touched[0]).toMatchObject({
      displayName: expect.any(String),
      steps: [{ system: "drupal", resource: "role", status: "planned" }],
    });
    const rows = site.world.audit.filter(({ cycleId }) => cycleId === impact.cycleId);
    expect(rows).toMatchObject([
      {
        resourceType: "cycle",
        actor: "ada",
        reason: { message: "touches 6 users, 3 lose a role" },
      },
    ]);
    expect(rows[0]?.direction).toBeUndefined();
  });

  it("tells who would be disabled where the scope is narrowed", async () => {
    const site = new PreviewWorld(outOfScopeDisables);
    site.addDrupal(4, "R&D");
    site.addDrupal(3, "Sales");
    await site.agree();
    const impact = await site.preview({ ...outOfScopeDisables, ...scopeOf("R&D") });
    expect(impact).toMatchObject({
      users: { read: 7, touched: 3 },
      operations: { disable: 3 },
      harm: { disables: 3 },
      summary: "touches 3 users, 3 are disabled",
    });
  });

  it("counts what the change does, and not what is due anyway", async () => {
    const site = new PreviewWorld();
    const uuids = site.addDrupal(6);
    await site.agree();
    const at = new Date(site.world.now).toISOString();
    const edit = (uuid: string | undefined, attributes: Record<string, string>) =>
      site.world.editDrupal(uuid ?? "", { changedAt: at, attributes });
    edit(uuids[0], { field_department: "Navy" });
    edit(uuids[1], { field_department: "Navy", field_title: "Admiral" });
    edit(uuids[2], { field_title: "Captain" });
    site.addDrupal(1);
    for (const { objectId } of site.world.entra.values())
      site.world.editEntra(objectId, { attributes: { jobTitle: null } });
    const rows = aConfiguration().attributes;
    const title = {
      kind: "direct",
      drupal: "field_title",
      entra: "jobTitle",
      flow: "drupalToEntra",
    };
    const impact = await site.preview({ attributes: [...rows, title] });
    expect(impact).toMatchObject({
      users: { read: 7, touched: 2 },
      operations: { update: 2 },
      summary: "touches 2 users",
    });
    const touched = site.users(impact.cycleId ?? "").filter(({ outcome }) => outcome === "planned");
    expect(touched.map(({ drupalUuid, steps }) => [drupalUuid, steps[0]?.changes])).toEqual([
      [uuids[1], [expect.objectContaining({ attribute: "jobTitle", after: "Admiral" })]],
      [uuids[2], [expect.objectContaining({ attribute: "jobTitle", after: "Captain" })]],
    ]);
  });

  it("tells of a new account's other values as an update: the account is made anyway", async () => {
    const site = new PreviewWorld();
    site.addDrupal(2);
    const department = { kind: "expression", entra: "department", expression: '"Crew"' };
    const attributes = aConfiguration().attributes.map((row) =>
      row.entra === "department" ? department : row,
    );
    expect(await site.preview({ attributes })).toMatchObject({
      users: { touched: 2 },
      operations: { update: 2 },
      summary: "touches 2 users",
    });
  });

  it("tells who no more gets what is due", async () => {
    const site = new PreviewWorld();
    const uuids = site.addDrupal(3);
    await site.agree();
    site.world.editDrupal(uuids[0] ?? "", {
      changedAt: new Date(site.world.now).toISOString(),
      attributes: { field_department: "Navy" },
    });
    const impact = await site.preview({ directions: { drupalToEntra: false } });
    expect(impact).toMatchObject({
      users: { touched: 1, spared: 1 },
      operations: {},
      summary: "touches 1 user, 1 does not get what is due",
    });
  });

  it("has Entra's users without a link, each person once, and those whose Drupal account is gone", async () => {
    const site = new PreviewWorld({ directions: { entraToDrupal: false } });
    const [gone = "", ...others] = site.addDrupal(3);
    await site.agree();
    site.world.drupal.delete(gone);
    site.addEntra(`new.face@${DOMAIN}`);
    const [alike = ""] = site.addDrupal(1);
    site.world.editDrupal(alike, { isMailProven: false });
    site.addEntra(site.world.drupal.get(alike)?.mail ?? "");
    const impact = await site.preview({
      directions: { entraToDrupal: false },
      matchUnproven: true,
      states: { drupalToEntra: { deleted: "nothing" } },
    });
    // The two others, the pair once from each side, the new face, and the one whose link has lost its Drupal account.
    expect(others).toHaveLength(2);
    expect(impact).toMatchObject({
      users: { read: 6, compared: 6, touched: 2, spared: 1 },
      operations: { link: 1 },
    });
    const [told] = site.users(impact.cycleId ?? "").filter(({ outcome }) => outcome === "planned");
    expect(told?.drupalUuid).toBe(alike);
  });
});

describe("a preview that is under way", () => {
  const change = editors(OTHER_GROUP);

  /** A preview that was asked for and not waited for. */
  async function begun(site: PreviewWorld, document: unknown = change, actor = "ada") {
    const ports = { ...site.previewPorts(false), waitMs: 0 };
    const answer = await previewConfiguration({ document, precondition: null, actor }, ports);
    if (answer.kind !== "impact") throw new Error(answer.kind);
    expect(answer.hasEnded).toBe(false);
    return answer.impact.cycleId ?? "";
  }

  it("lets ordinary cycles run beside it, and is not in their way", async () => {
    const { site } = await withEditors();
    const id = await begun(site);
    site.addDrupal(1);
    const started = await site.start({ direction: "drupalToEntra", kind: "initial" });
    if (started.kind !== "started") throw new Error("not started");
    await site.settle();
    expect(site.cycle(started.cycle.id)).toMatchObject({
      status: "complete",
      tally: { operations: { create: 1 } },
    });
    expect(site.cycle(id)).toMatchObject({
      status: "complete",
      kind: "preview",
      tally: { outcomes: { planned: 6 } },
    });
    expect(site.jobs.get("drupalToEntra")?.job).toMatchObject({
      cycleId: started.cycle.id,
      listing: { cycleId: started.cycle.id },
    });
  });

  it("compares with the configuration that it began with, and says so when another was saved", async () => {
    const { site } = await withEditors();
    const id = await begun(site);
    site.save(editors(GROUP, OTHER_GROUP));
    await site.settle();
    expect(site.cycle(id)).toMatchObject({
      status: "complete",
      reason: { code: "configurationChanged" },
      tally: { outcomes: { planned: 6 }, harm: { roleRemovals: 3 } },
    });
  });

  it("can be cancelled, and can not be approved", async () => {
    const { site } = await withEditors();
    const cancelled = await begun(site);
    await cancelCycle({ cycleId: cancelled, actor: "ada" }, site.ports());
    await site.settle();
    expect(site.cycle(cancelled)).toMatchObject({
      status: "cancelled",
      reason: { code: "cancelled" },
    });
    const { cycleId } = await site.preview(change);
    const id = cycleId ?? "";
    const { plan } = site.cycle(id);
    const answer = await approveCycle({ cycleId: id, plan, actor: "ada" }, site.ports());
    expect(answer).toEqual({ kind: "notWaiting", status: "complete" });
    await site.settle();
    expect(site.cycle(id).tally.outcomes.written).toBeUndefined();
  });

  it("is the only one: who asks the same waits for it, who goes on editing replaces it, others wait", async () => {
    const { site } = await withEditors();
    const id = await begun(site);
    expect(await begun(site, change, "grace")).toBe(id);
    const foreign = await site.ask(editors(GROUP, OTHER_GROUP), "grace");
    expect(foreign).toEqual({ kind: "active", cycleId: id });
    const next = await site.preview(editors(GROUP, OTHER_GROUP));
    expect(next).toMatchObject({ status: "complete", summary: "touches 3 users" });
    expect(site.cycle(id).status).toBe("cancelled");
    expect((await site.ask(change, "grace")).kind).toBe("impact");
  });

  it("is one where several are asked for at once", async () => {
    const { site } = await withEditors();
    const ids = await Promise.all([1, 2, 3].map(() => begun(site)));
    expect(new Set(ids).size).toBe(1);
    const open = [...site.cycles.values()].filter(
      ({ cycle }) => cycle.kind === "preview" && cycle.status === "queued",
    );
    expect(open.map(({ cycle }) => cycle.id)).toEqual([ids[0]]);
  });

  it("goes on where a killed host left it, and counts nobody twice", async () => {
    const { site } = await withEditors();
    const id = await begun(site);
    let calls = 0;
    site.gate = (_call, phase) => {
      if (phase === "before") calls += 1;
      if (calls % 40 !== 0 || calls > 400) return;
      calls += 1;
      throw new TransientError("away", { system: "storage", code: "storageUnavailable" });
    };
    await site.settle();
    for (let round = 0; round < 5 && site.cycle(id).status !== "complete"; round += 1) {
      site.world.now += HOUR_MS;
      await site.watch();
      await site.settle();
    }
    expect(site.cycle(id)).toMatchObject({
      status: "complete",
      nominated: { users: 12 },
      tally: { outcomes: { planned: 6, inSync: 6 } },
    });
  });
});

describe("a preview whose reads go wrong", () => {
  const change = editors(OTHER_GROUP);

  it("tells who could not be planned", async () => {
    const { site, uuids } = await withEditors();
    const broken = uuids[0] ?? "";
    site.world.drupal.delete(broken);
    const refused = new RejectedError("no", { system: "entra", code: "graphRefused" });
    site.gate = (call, phase) => {
      if (call === "entra.getUsers" && phase === "before") throw refused;
      if (call === "entra.isInBin" && phase === "before") throw refused;
    };
    site.world.deleteInEntra(site.objectIdOf(uuids[1]));
    const impact = await site.preview(change);
    expect(impact).toMatchObject({
      status: "complete",
      users: { read: 12, compared: 11, unknown: 1 },
      summary: expect.stringMatching(/; 1 user could not be planned$/),
    });
  });

  it("ends incomplete where a feed is not shown whole, or we are not let in", async () => {
    const bare = new AccessError("bare", { system: "entra", code: "graphPermissionMissing" });
    const away = new TransientError("500", { system: "entra", code: "entraUnavailable" });
    for (const fault of [bare, away]) {
      const { site } = await withEditors();
      const before = site.left();
      site.pageFaults.set("entraToDrupal 1", fault);
      const { cycleId } = await site.preview(change);
      await site.settle();
      expect(site.cycle(cycleId ?? "")).toMatchObject({
        status: "incomplete",
        reason: { code: fault.code },
      });
      expect(site.left()).toEqual(before);
    }
  });

  it("closes nothing for a permission that only the draft may need, and says whom it could not plan", async () => {
    const { site } = await withEditors();
    const missing = new AccessError("no", { system: "entra", code: "graphPermissionMissing" });
    site.gate = (call, phase) => {
      if (call.startsWith("entra.getUser") && phase === "before") throw missing;
    };
    const impact = await site.preview(change);
    expect(impact.users.unknown).toBeGreaterThan(0);
    expect(site.world.closed.get("entra")).toBeUndefined();
  });

  it("closes a system that refuses our credentials, whoever asked", async () => {
    const { site } = await withEditors();
    const refused = new AccessError("no", { system: "drupal", code: "drupalCredentialsRefused" });
    site.gate = (call, phase) => {
      if (call.startsWith("drupal.getUser") && phase === "before") throw refused;
    };
    await site.preview(change);
    expect(site.world.closed.get("drupal")).toBeDefined();
  });

  it("reads a listing again that was forgotten on its way", async () => {
    const { site } = await withEditors();
    site.pageFaults.set("drupalToEntra 2", "expired");
    const impact = await site.preview(change);
    expect(impact).toMatchObject({ status: "complete", users: { read: 12, touched: 6 } });
  });

  it("ends when what it compares is gone", async () => {
    const { site } = await withEditors();
    const ports = site.previewPorts(false);
    const order = { document: change, precondition: null, actor: "ada" };
    const answer = await previewConfiguration(order, { ...ports, waitMs: 0 });
    if (answer.kind !== "impact") throw new Error(answer.kind);
    site.candidates.clear();
    await site.settle();
    expect(site.cycle(answer.impact.cycleId ?? "")).toMatchObject({
      status: "incomplete",
      reason: { code: "candidateGone" },
    });
  });
});

describe("reads of plans", () => {
  it("are made for a page of users at once, and each question is asked once for both configurations", async () => {
    const { site } = await withEditors();
    site.usersPerPage = 20;
    const calls = new Map<string, number>();
    site.gate = (call, phase) => {
      if (phase === "before") calls.set(call, (calls.get(call) ?? 0) + 1);
    };
    await site.preview(editors(OTHER_GROUP));
    expect(calls.get("drupal.getUsers")).toBe(1);
    expect(calls.get("entra.getUsers")).toBe(1);
    expect(calls.get("drupal.getUser")).toBeUndefined();
    expect(calls.get("entra.getUser")).toBeUndefined();
    expect(calls.get("drupal.serviceAccount")).toBe(1);
    expect(calls.get("links.get")).toBe(12);
    const wrote = [...calls.keys()].filter((call) =>
      /create|update|delete|restore|assign|remove|claim|links.save|escrow|listings|jobs.save/.test(
        call,
      ),
    );
    expect(wrote).toEqual([]);
  });

  it("are not made ahead of a system that is closed, and close one that does not let us in", async () => {
    const { site } = await withEditors();
    const calls: string[] = [];
    const bare = new AccessError("bare", { system: "drupal", code: "drupalCredentialsRefused" });
    site.gate = (call, phase) => {
      if (phase === "before") calls.push(call);
      if (call === "drupal.getUsers" && phase === "before") throw bare;
    };
    const order = { direction: "drupalToEntra", kind: "initial", isDryRun: true } as const;
    const edit = { attributes: { field_department: "Navy" } };
    for (const { uuid } of site.world.drupal.values()) site.world.editDrupal(uuid, edit);
    await site.run(order);
    expect(site.world.closed.get("drupal")).toBeDefined();
    calls.length = 0;
    site.world.closed.set("drupal", site.world.now + HOUR_MS);
    await site.run(order);
    expect(calls).not.toContain("drupal.getUsers");
    expect(calls).not.toContain("entra.getUsers");
  });

  it("are made ahead for ordinary dry runs as well, and never for a write", async () => {
    const { site } = await withEditors();
    const calls: string[] = [];
    site.gate = (call, phase) => {
      if (phase === "before") calls.push(call);
    };
    for (const { uuid } of site.world.drupal.values())
      site.world.editDrupal(uuid, { attributes: { field_department: "Navy" } });
    const order = { direction: "drupalToEntra", kind: "initial" } as const;
    const shown = await site.run({ ...order, isDryRun: true });
    expect(shown).toMatchObject({ tally: { outcomes: { planned: 12 } } });
    expect(calls).toContain("drupal.getUsers");
    expect(calls).not.toContain("drupal.getUser");
    calls.length = 0;
    await approveCycle({ cycleId: shown.id, plan: shown.plan, actor: "ada" }, site.ports());
    await site.settle();
    expect(site.cycle(shown.id)).toMatchObject({ tally: { outcomes: { written: 12 } } });
    expect(calls).not.toContain("drupal.getUsers");
    expect(calls.filter((call) => call === "entra.getUser").length).toBeGreaterThanOrEqual(12);
  });
});

describe("a question that needs no cycle", () => {
  it("has every fault of the document, whatever was seen", async () => {
    const site = new PreviewWorld();
    const answer = await site.ask({ gests: true, guests: 1 }, "ada", ['"0"']);
    expect(answer).toMatchObject({
      kind: "invalid",
      faults: [{ pointer: "/guests" }, { pointer: "/gests" }],
    });
  });

  it("is about the version that was seen, where one is named", async () => {
    const site = new PreviewWorld();
    site.addDrupal(1);
    expect(await site.ask({ guests: true }, "ada", ['"0"'])).toEqual({ kind: "moved" });
    expect(await site.ask({ guests: true }, "ada", "absent")).toEqual({ kind: "moved" });
    expect(site.cycles.size).toBe(0);
    expect(await site.ask({ guests: true }, "ada", ['"1"'])).toMatchObject({ kind: "impact" });
  });

  it("is answered at once where both decide alike: thresholds decide about cycles", async () => {
    const site = new PreviewWorld();
    site.addDrupal(3);
    const thresholds = { disables: { users: 1 } };
    expect(await site.ask({ $schema: "s", directions: {}, thresholds })).toMatchObject({
      kind: "impact",
      hasEnded: true,
      impact: { cycleId: null, users: { touched: 0 }, summary: "touches nobody" },
    });
    expect(site.cycles.size).toBe(0);
  });

  it("has no answer while what is saved is not valid: the sync stands still too", async () => {
    const site = new PreviewWorld();
    site.document = { guests: 1 };
    await expect(site.ask({})).rejects.toMatchObject({ code: "configurationInvalid" });
  });
});
