// Both directions through the real doors: on demand, by authority, by an operator, by groups; and at rest nothing is written.
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { eventually, type Stack, startStack, WEBHOOK_SECRET } from "./stack.ts";

const EDITORS = "aaaaaaaa-0000-4000-8000-000000000001";
const INNER = "aaaaaaaa-0000-4000-8000-000000000002";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const listing = z.object({ items: z.array(z.looseObject({ drupalUuid: z.string() })) });

/** Saves a configuration over whatever is there. */
async function configure(document: object): Promise<void> {
  const before = await stack.api("/configuration");
  const etag = before.headers.get("etag");
  const precondition: Record<string, string> =
    etag === null ? { "If-None-Match": "*" } : { "If-Match": etag };
  const response = await stack.api("/configuration", {
    method: "PUT",
    headers: { "Content-Type": "application/json", ...precondition },
    body: JSON.stringify(document),
  });
  if (!response.ok) throw new Error(JSON.stringify(await response.json()));
}

/** A delivery as a site sends it that does not say who saved. */
async function anonymousEvent(uuid: string): Promise<void> {
  const body = JSON.stringify({ type: "user.updated", timestamp: "", data: { uuid } });
  const id = `msg_${crypto.randomUUID()}`;
  const signature = new Webhook(WEBHOOK_SECRET).sign(id, new Date(), body);
  const headers = {
    "Content-Type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(Date.now() / 1000)),
    "webhook-signature": signature,
  };
  await stack.api("/webhooks/drupal", { method: "POST", headers, body });
}

/** A user on both sides, linked. */
async function linkedUser(name: string) {
  const uuid = await stack.createDrupalUser(name, {
    field_department: "R&D",
    field_last_name: name,
  });
  const upn = `${name}@contoso.example`;
  const { id } = await eventually("created in Entra", () => stack.entraUser(upn));
  return { uuid, upn, id };
}

const shown = (uuid: string) => stack.drupalUser(uuid).then((user) => user?.attributes);

describe("a user of Entra", () => {
  it("gets a Drupal account by POST provision, once, with a name that Drupal takes and an audit row", async () => {
    const id = await stack.createEntraUser("lise.meitner", {
      givenName: "Lise",
      surname: "Meitner",
      department: "Physics",
    });
    const dry = await stack.provision({ system: "entra", id, dryRun: true });
    expect(dry).toMatchObject({
      httpStatus: 200,
      dryRun: true,
      outcome: { status: "planned", reason: { code: "notInDrupal" } },
      explanation: {
        import: { status: "success" },
        scoping: { status: "success" },
        matching: { reason: { code: "noMatch" } },
        export: {
          status: "skipped",
          steps: [{ operation: "create", system: "drupal", status: "planned" }],
        },
      },
    });
    const uuid = dry.explanation?.drupalUuid ?? "";
    expect(await stack.drupalUser(uuid)).toBeNull();
    // A reader sees as much by the object id alone.
    const seen = await stack.api(`/links/${id}`);
    expect(seen.status).toBe(200);
    expect(await seen.json()).toMatchObject({
      link: null,
      reason: { code: "notInDrupal" },
      explanation: { drupalUuid: uuid, entraObjectId: id, import: { drupal: null } },
    });
    expect((await stack.api(`/links/${crypto.randomUUID()}`)).status).toBe(404);

    const answer = await stack.provision({ system: "entra", id: "lise.meitner@contoso.example" });
    expect(answer).toMatchObject({ outcome: { status: "success", operations: ["create"] } });
    expect(await shown(uuid)).toMatchObject({
      name: "lise.meitner",
      mail: "lise.meitner@contoso.example",
      status: true,
      field_first_name: "Lise",
      field_department: "Physics",
    });
    const again = await stack.provision({ system: "drupal", id: "lise.meitner" });
    expect(again.outcome).toMatchObject({ operations: [], reason: { code: "alreadyInSync" } });
    const rows = await stack.audit(`&user=${uuid}&operation=create`);
    expect(rows).toMatchObject([
      {
        system: "drupal",
        direction: "entraToDrupal",
        cause: "onDemand",
        actor: "developer",
        entraId: id,
      },
    ]);
  });

  it("is joined to the Drupal account with the same mail, in whatever case, once an operator names the pair, and never made twice", async () => {
    await stack.control("drupal", { webhook: { url: "http://127.0.0.1:9/" } });
    const uuid = await stack.createDrupalUser("emmy", { mail: "Emmy.Noether@contoso.example" });
    const id = await stack.createEntraUser("emmy.noether", { surname: "Noether" });
    await stack.hook(stack.host);
    // Nobody has proven that the address is theirs.
    const unproven = await stack.provision({ system: "entra", id });
    expect(unproven.outcome).toMatchObject({ operations: [], reason: { code: "matchUnproven" } });
    const answer = await stack.provision({ system: "drupal", id: uuid, joins: id });
    expect(answer.outcome?.operations).toEqual(["link", "update"]);
    expect(answer.explanation?.drupalUuid).toBe(uuid);
    expect(await shown(uuid)).toMatchObject({ name: "emmy", field_last_name: "Noether" });
  });
});

describe("a linked user", () => {
  it("takes a change of Entra to Drupal, with before, after and why in the audit log", async () => {
    const { uuid, id } = await linkedUser("marie.curie");
    await stack.editEntraUser(id, { department: "Chemistry" });
    const answer = await stack.provision({ system: "entra", id });
    expect(answer).toMatchObject({ outcome: { status: "success", operations: ["update"] } });
    expect(await shown(uuid)).toMatchObject({ field_department: "Chemistry" });
    const [row] = await stack.audit(`&user=${uuid}&operation=update`);
    expect(row).toMatchObject({
      system: "drupal",
      changes: [
        { attribute: "field_department", before: "R&D", after: "Chemistry", why: "changedInEntra" },
      ],
    });
  });

  it("that was edited on both sides at once follows the authority, and the audit log says that both had changed", async () => {
    await configure({
      attributes: [
        {
          kind: "direct",
          drupal: "field_department",
          entra: "department",
          flow: "both",
          authority: "entra",
        },
        {
          kind: "direct",
          drupal: "field_last_name",
          entra: "surname",
          flow: "both",
          authority: "drupal",
        },
        { kind: "direct", drupal: "mail", entra: "mail", flow: "both" },
      ],
    });
    const { uuid, upn, id } = await linkedUser("rosalind.franklin");
    await stack.control("drupal", { webhook: { url: "http://127.0.0.1:9/" } });
    await stack.editDrupalUser(uuid, { field_department: "Drupal's", field_last_name: "Drupal's" });
    await stack.editEntraUser(id, { department: "Entra's", surname: "Entra's" });
    await stack.hook(stack.host);
    const answer = await stack.provision({ system: "drupal", id: uuid });
    expect(answer.outcome?.operations).toEqual(["update", "update"]);
    expect(await shown(uuid)).toMatchObject({
      field_department: "Entra's",
      field_last_name: "Drupal's",
    });
    expect(await stack.entraUser(upn)).toMatchObject({ department: "Entra's" });
    const rows = await stack.audit(`&user=${uuid}&operation=update`);
    expect(rows).toMatchObject([
      {
        system: "entra",
        status: "warning",
        reason: { code: "conflictDecided" },
        changes: [{ before: "Entra's", after: "Drupal's", why: "authorityDrupal" }],
      },
      {
        system: "drupal",
        status: "warning",
        changes: [{ before: "Drupal's", after: "Entra's", why: "authorityEntra" }],
      },
    ]);
  });

  it("with a manual attribute waits for an operator, who sees both values and takes one", async () => {
    await configure({
      attributes: [
        {
          kind: "direct",
          drupal: "field_department",
          entra: "department",
          flow: "both",
          authority: "manual",
        },
        { kind: "direct", drupal: "mail", entra: "mail", flow: "both" },
      ],
    });
    const { uuid, upn, id } = await linkedUser("chien.shiung");
    await stack.control("drupal", { webhook: { url: "http://127.0.0.1:9/" } });
    await stack.editDrupalUser(uuid, { field_department: "Here" });
    await stack.editEntraUser(id, { department: "There" });
    await stack.hook(stack.host);
    const answer = await stack.provision({ system: "drupal", id: uuid });
    expect(answer.outcome).toMatchObject({
      status: "warning",
      operations: [],
      reason: { code: "conflict" },
    });
    const open = listing.parse(await (await stack.api("/links?conflicts=true")).json());
    expect(open.items.map((link) => link.drupalUuid)).toEqual([uuid]);
    const explained = z
      .object({
        explanation: z.object({
          processing: z.object({ conflicts: z.array(z.looseObject({ openedAt: z.string() })) }),
        }),
      })
      .parse(await (await stack.api(`/links/${uuid}`)).json());
    const [conflict] = explained.explanation.processing.conflicts;
    expect(conflict).toMatchObject({ code: "manual", drupalValue: "Here", entraValue: "There" });

    const settle = (body: object) =>
      stack.api(`/links/${uuid}/conflicts`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await settle({ attribute: "city", take: "drupal" })).status).toBe(404);
    const stale = { attribute: "department", take: "drupal", openedAt: "2020-01-01T00:00:00.000Z" };
    expect((await settle(stale)).status).toBe(409);
    const decision = { attribute: "department", take: "drupal", openedAt: conflict?.openedAt };
    expect((await settle(decision)).status).toBe(200);
    expect(await stack.entraUser(upn)).toMatchObject({ department: "Here" });
    const left = listing.parse(await (await stack.api("/links?conflicts=true")).json());
    expect(left.items).toEqual([]);
    const [row] = await stack.audit(`&user=${uuid}&operation=update`);
    expect(row).toMatchObject({
      actor: "developer",
      cause: "approval",
      changes: [{ why: "settledByOperator" }],
    });
    await configure({});
  });

  it("that Entra disables is blocked in Drupal, and let in again when Entra enables it", async () => {
    const { uuid, id } = await linkedUser("hedy.lamarr");
    await stack.editEntraUser(id, { accountEnabled: false });
    await stack.provision({ system: "entra", id });
    expect(await shown(uuid)).toMatchObject({ status: false });
    await stack.editEntraUser(id, { accountEnabled: true });
    // So soon after, the old value could be an old read: it is believed a minute later, or at once for an operator.
    await stack.provision({ system: "entra", id });
    await eventually("unblocked", async () => (await shown(uuid))?.status === true, 75_000);
    // It is written first, and told then.
    const told = await eventually("the row of the unblocking", async () => {
      const rows = await stack.audit(`&user=${uuid}`);
      const operations = rows
        .map(({ operation, system }) => `${operation} ${system}`)
        .filter((one) => !one.startsWith("none"));
      return operations.includes("enable drupal") && operations;
    });
    expect(told).toEqual(["enable drupal", "disable drupal", "create entra"]);
  }, 90_000);

  it("gets the roles of the Entra groups that hold them, also through a group inside, and loses them with the membership", async () => {
    await configure({ roles: { map: [{ drupal: "content_editor", entraGroups: [EDITORS] }] } });
    const { uuid, id } = await linkedUser("ada.yonath");
    const members = (inner: string[]) =>
      stack.control("graph", {
        groups: [
          { id: INNER, displayName: "Inner", members: inner },
          { id: EDITORS, displayName: "Editors", members: [INNER] },
        ],
      });
    const roles = async () =>
      (await stack.drupalUser(uuid))?.relationships.roles.data.map(
        ({ meta }) => meta.drupal_internal__target_id,
      );
    await members([id]);
    await stack.provision({ system: "entra", id });
    expect(await roles()).toContain("content_editor");
    await members([]);
    await stack.provision({ system: "entra", id });
    expect(await roles()).not.toContain("content_editor");
    const rows = await stack.audit(`&user=${uuid}&resourceType=role`);
    expect(rows).toMatchObject([
      {
        operation: "remove",
        system: "drupal",
        changes: [{ before: "content_editor", after: null }],
      },
      {
        operation: "assign",
        system: "drupal",
        changes: [{ before: null, after: "content_editor" }],
      },
    ]);
    await configure({});
  });

  it("can be taken apart by an operator, and nothing else changes", async () => {
    const { uuid, upn } = await linkedUser("vera.rubin");
    const unlink = () => stack.api(`/links/${uuid}`, { method: "DELETE" });
    await eventually("unlinked", async () => (await unlink()).status === 204);
    expect((await unlink()).status).toBe(404);
    expect(await stack.entraUser(upn)).toMatchObject({ accountEnabled: true });
    const [row] = await stack.audit(`&user=${uuid}`);
    expect(row).toMatchObject({ operation: "unlink", actor: "developer" });
  });

  it("edited 200 times on both sides, with echoes of our own writes, comes to rest equal and is written no more", async () => {
    const { uuid, upn, id } = await linkedUser("katherine.johnson");
    for (let round = 0; round < 100; round += 1) {
      const fields = ["field_department", "field_last_name"] as const;
      await stack.editDrupalUser(uuid, { [fields[round % 2] ?? fields[0]]: `D${round}` });
      await stack.editEntraUser(id, { [round % 2 === 0 ? "surname" : "department"]: `E${round}` });
      if (round % 5 === 0) void stack.provision({ system: "entra", id });
      await anonymousEvent(uuid);
    }
    const state = async () => {
      const [drupal, entra] = [await shown(uuid), await stack.entraUser(upn)];
      return JSON.stringify([
        drupal?.field_department,
        drupal?.field_last_name,
        entra?.department,
        entra?.surname,
      ]);
    };
    await eventually(
      "both sides equal",
      async () => {
        await stack.provision({ system: "entra", id });
        const [a, b, c, d] = z.array(z.string()).parse(JSON.parse(await state()));
        return a === c && b === d;
      },
      90_000,
    );
    const writes = async () => (await stack.audit(`&user=${uuid}&operation=update`)).length;
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const [before, atRest] = [await writes(), await state()];
    for (let echo = 0; echo < 10; echo += 1) await anonymousEvent(uuid);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const outcome = await stack.provision({ system: "entra", id });
    expect(outcome.outcome?.operations).toEqual([]);
    expect(await writes()).toBe(before);
    expect(await state()).toBe(atRest);
  }, 180_000);
});

describe("the doors", () => {
  const refused: readonly (readonly [string, object, number, string])[] = [
    ["no system", { id: "x" }, 400, "invalidRequest"],
    [
      "a direction that is none",
      { system: "drupal", id: "x", direction: "both" },
      400,
      "invalidRequest",
    ],
    ["nobody of that name", { system: "drupal", id: "nobody.here" }, 404, "userNotFound"],
    [
      "nobody of that user principal name",
      { system: "entra", id: "nobody@contoso.example" },
      404,
      "userNotFound",
    ],
  ];
  for (const [what, body, status, code] of refused) {
    it(`refuse ${what} with ${status} ${code}`, async () => {
      const response = await stack.api("/provision", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ code });
    });
  }

  it("do not write against a direction that an admin excludes", async () => {
    const { uuid, upn, id } = await linkedUser("barbara.liskov");
    await stack.editEntraUser(id, { department: "Elsewhere" });
    const answer = await stack.provision({ system: "entra", id, direction: "drupalToEntra" });
    // An edit of a moment ago may be taken for an older value still.
    expect(["alreadyInSync", "replicationPending"]).toContain(
      answer.explanation?.processing.reason.code,
    );
    expect(await shown(uuid)).toMatchObject({ field_department: "R&D" });
    expect(await stack.entraUser(upn)).toMatchObject({ department: "Elsewhere" });
  });

  it("are tried on one user before they are saved; a permission that only the draft needs closes nothing", async () => {
    const uuid = await stack.createDrupalUser("tried.on");
    await eventually("the account is made", () => stack.entraUser("tried.on@contoso.example"));
    const tryOn = (configuration: object, more: object = {}) =>
      stack.api("/provision", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ system: "drupal", id: uuid, dryRun: true, configuration, ...more }),
      });
    const constant = { kind: "constant", value: "Navy", entra: "companyName" };
    const planned = await tryOn({ attributes: [constant] });
    expect(await planned.json()).toMatchObject({
      outcome: { status: "planned" },
      explanation: { export: { steps: [{ changes: [{ attribute: "companyName" }] }] } },
    });
    expect((await tryOn({ attributes: [constant] }, { dryRun: false })).status).toBe(400);
    expect((await tryOn({ guests: "maybe" })).status).toBe(422);
    const path = "/servicePrincipals/";
    await stack.control("graph", {
      faults: [{ path, kind: "status", status: 403, code: "Authorization_RequestDenied" }],
    });
    const id = "aaaaaaaa-0000-4000-8000-000000000001";
    const roles = { servicePrincipal: id, map: [{ drupal: "editor", appRoles: [id] }] };
    const refused = await tryOn({ roles });
    expect([refused.status, await refused.json()]).toMatchObject([
      422,
      { code: "graphPermissionMissing" },
    ]);
    await stack.control("graph", { faults: [] });
    const after = await stack.provision({ system: "drupal", id: uuid, dryRun: true });
    expect(after.httpStatus).toBe(200);
  });

  it("take a configuration only over the version that was seen, and tell every fault with its path", async () => {
    const put = (headers: Record<string, string>, body: string) =>
      stack.api("/configuration", {
        method: "PUT",
        headers: { "Content-Type": "application/json", ...headers },
        body,
      });
    expect((await put({}, "{}")).status).toBe(428);
    expect((await put({ "If-Match": '"0x0"' }, '{"guests":true}')).status).toBe(412);
    const etag = (await stack.api("/configuration")).headers.get("etag") ?? "";
    const faulty = { guests: "yes", attributes: [{ kind: "direct", drupal: "mail", entra: "id" }] };
    const refusedAnswer = await put({ "If-Match": etag }, JSON.stringify(faulty));
    expect(refusedAnswer.status).toBe(422);
    expect(await refusedAnswer.json()).toMatchObject({
      code: "invalidConfiguration",
      faults: [{ path: "attributes.0.entra" }, { path: "guests" }].toSorted(),
    });
    expect((await put({ "If-Match": etag }, '{"guests":true}')).status).toBe(200);
    const [row] = await stack.audit("&resourceType=configuration");
    expect(row).toMatchObject({ operation: "update", actor: "developer", status: "success" });
    expect((await stack.api("/configuration/schema")).status).toBe(200);
    await configure({});
  });
});
