// The stores against Azurite: audit pages as ranges, the queue's promises, and quarantine.
import { describe, expect, it } from "vitest";
import type { AuditEntry } from "../../src/rules/audit-entry.ts";
import { type AuditQuery, createAuditLog } from "../../src/storage/audit-log.ts";
import { createProvisionQueue, PROVISION_QUEUE } from "../../src/storage/provision-queue.ts";
import { createQuarantineStore } from "../../src/storage/quarantine.ts";
import { openQueue } from "../../src/storage/queues.ts";
import { createReversalSource } from "../../src/storage/reversals.ts";
import { azuriteAccount } from "./azurite-account.ts";

const account = await azuriteAccount();

const uuid = () => crypto.randomUUID();

describe("the audit log", () => {
  const entry = (changes: Partial<AuditEntry>): AuditEntry => ({
    id: uuid(),
    at: "2026-11-24T08:00:00.000Z",
    operation: "update",
    resourceType: "user",
    status: "success",
    system: "entra",
    direction: "drupalToEntra",
    cause: "webhook",
    changes: [],
    durationMs: 5,
    ...changes,
  });

  async function everyPage(query: Omit<AuditQuery, "after" | "where"> & Partial<AuditQuery>) {
    const audit = createAuditLog(account);
    const pages: string[][] = [];
    let after: string | null | undefined;
    do {
      const page = await audit.page({ where: {}, ...query, after: after ?? undefined });
      pages.push(page.entries.map((one) => one.id));
      after = page.next;
    } while (after !== null);
    return pages;
  }

  it("answers newest first, across days, page by page, each row once", async () => {
    const audit = createAuditLog(account);
    const drupalUuid = uuid();
    const times = [
      "2026-11-22T23:59:59.999Z",
      "2026-11-23T00:00:00.000Z",
      "2026-11-23T12:00:00.000Z",
      "2026-11-24T08:00:00.000Z",
    ];
    const written = times.map((at) => entry({ at, drupalUuid, status: "failure" }));
    for (const one of written) await audit.append(one);
    const newestFirst = written.map((one) => one.id).toReversed();
    const shape = [newestFirst.slice(0, 3), newestFirst.slice(3)];
    expect(await everyPage({ scope: { kind: "user", drupalUuid }, limit: 3 })).toEqual(shape);
    expect(await everyPage({ scope: { kind: "failures" }, limit: 3 })).toEqual(shape);
    expect(await everyPage({ scope: { kind: "all" }, limit: 3 })).toEqual(shape);
    expect(await everyPage({ scope: { kind: "all" }, limit: 4 })).toEqual([newestFirst]);
  });

  it("tells an undo what one cycle wrote of one user, the oldest first, with how values were kept", async () => {
    const audit = createAuditLog(account);
    const [drupalUuid, other, cycleId] = [uuid(), uuid(), uuid()];
    const change = { attribute: "department", before: "A", after: "B", why: "changedInDrupal" };
    const at = (second: number) => `2026-11-24T08:00:0${second}.000Z`;
    await audit.append(entry({ at: at(1), drupalUuid, cycleId, changes: [change] }));
    await audit.append(
      entry({ at: at(2), drupalUuid, cycleId, changes: [{ ...change, kept: "hash" }] }),
    );
    await audit.append(entry({ at: at(3), drupalUuid, cycleId: uuid() }));
    await audit.append(entry({ at: at(4), drupalUuid }));
    await audit.append(entry({ at: at(5), drupalUuid: other, cycleId }));
    const past = await createReversalSource(audit).of(cycleId, drupalUuid);
    expect(past.map(({ changes }) => changes)).toEqual([[change], [{ ...change, kept: "hash" }]]);
    expect(past[0]).toMatchObject({ operation: "update", status: "success", system: "entra" });
  });

  it("keeps to the time that was asked for, both ends included", async () => {
    const audit = createAuditLog(account);
    const drupalUuid = uuid();
    const times = [
      "2026-10-01T00:00:00.000Z",
      "2026-10-02T10:00:00.000Z",
      "2026-10-03T10:00:00.000Z",
    ];
    const written = times.map((at) => entry({ at, drupalUuid }));
    for (const one of written) await audit.append(one);
    const ids = written.map((one) => one.id);
    const [from, to] = [new Date(times[1] ?? ""), new Date(times[2] ?? "")];
    for (const scope of [{ kind: "all" }, { kind: "user", drupalUuid }] as const) {
      expect(await everyPage({ scope, from, to: from, limit: 10 })).toEqual([[ids[1]]]);
      expect(await everyPage({ scope, from, to, limit: 10 })).toEqual([[ids[2], ids[1]]]);
    }
  });

  it("keeps one row for an entry that is appended twice", async () => {
    const audit = createAuditLog(account);
    const drupalUuid = uuid();
    const one = entry({ drupalUuid });
    await audit.append(one);
    await audit.append({ ...one, durationMs: 9 });
    const page = await audit.page({ scope: { kind: "user", drupalUuid }, where: {}, limit: 10 });
    expect(page.entries).toMatchObject([{ id: one.id, durationMs: 9 }]);
  });

  it("takes an entry about neither system, such as a change of the configuration", async () => {
    const audit = createAuditLog(account);
    const at = "2026-09-01T08:00:00.000Z";
    const { system: _system, direction: _direction, ...rest } = entry({ at, actor: "grace" });
    const one: AuditEntry = { ...rest, resourceType: "configuration", cause: "onDemand" };
    await audit.append(one);
    const ask = async (where: AuditQuery["where"]) => {
      const [from, to] = [new Date(at), new Date(at)];
      return (await audit.page({ scope: { kind: "all" }, from, to, where, limit: 10 })).entries;
    };
    expect(await ask({ resourceType: "configuration" })).toEqual([one]);
    expect(await ask({ system: "entra" })).toEqual([]);
  });

  it("filters by columns, and a value cannot leave its quotes", async () => {
    const audit = createAuditLog(account);
    const drupalUuid = uuid();
    await audit.append(entry({ drupalUuid, operation: "create" }));
    await audit.append(entry({ drupalUuid, operation: "disable" }));
    const ask = async (operation: string) =>
      (await audit.page({ scope: { kind: "user", drupalUuid }, where: { operation }, limit: 10 }))
        .entries.length;
    expect(await ask("create")).toBe(1);
    expect(await ask("x' or operation ne '")).toBe(0);
  });
});

describe("the provision queue", () => {
  it("sends what the host expects: base64 of one property, without an end", async () => {
    const request = {
      drupalUuid: uuid(),
      cause: "webhook" as const,
      attempt: 0,
      receivedAt: "2026-11-24T08:00:00.000Z",
    };
    await createProvisionQueue(account).send(request);
    const queue = openQueue(account, PROVISION_QUEUE);
    const [message] = (await queue.receiveMessages()).receivedMessageItems;
    expect(JSON.parse(Buffer.from(message?.messageText ?? "", "base64").toString())).toEqual({
      request,
    });
    expect(message?.expiresOn.getUTCFullYear()).toBe(9999);
  });

  it("hides a delayed request, also one of more than the 7 days that the service takes", async () => {
    const queue = createProvisionQueue(account);
    const request = {
      drupalUuid: uuid(),
      cause: "webhook" as const,
      attempt: 0,
      receivedAt: "2026-11-24T08:00:00.000Z",
    };
    await queue.send(request, 30 * 86_400_000);
    const visible = (
      await openQueue(account, PROVISION_QUEUE).receiveMessages({ numberOfMessages: 32 })
    ).receivedMessageItems;
    const texts = visible.map((one) => Buffer.from(one.messageText, "base64").toString());
    expect(texts.filter((text) => text.includes(request.drupalUuid))).toEqual([]);
  });
});

describe("quarantine", () => {
  const reason = { code: "drupalCredentialsRefused", message: "locked" };

  const closeFor = async (credentials: string, code = reason.code) => {
    const clock = { now: Date.parse("2026-11-24T08:00:00Z") };
    const instance = (password: string) =>
      createQuarantineStore({
        account,
        credentials: { drupal: password, entra: "", storage: "" },
        now: () => new Date(clock.now),
      });
    const [first, second] = [instance(credentials), instance(credentials)];
    await first.close("drupal", { ...reason, code }, new Date(clock.now));
    return { clock, instance, first, second };
  };

  it("is seen by every instance for longer than Drupal counts wrong passwords, and opens at once for new credentials", async () => {
    const { clock, instance, second } = await closeFor("old");
    expect(await second.closedUntil("drupal")).toEqual(new Date(clock.now + 190 * 60_000));
    expect(await instance("new").closedUntil("drupal")).toBeNull();
  });

  it("lets one of all instances try when the time has come, and everyone once it was let in", async () => {
    const { clock, first, second } = await closeFor("trial");
    clock.now += 190 * 60_000 + 1;
    const tries = await Promise.all([first.closedUntil("drupal"), second.closedUntil("drupal")]);
    expect(tries.filter((until) => until === null)).toHaveLength(1);
    await first.open("drupal");
    clock.now += 6000;
    expect(await second.closedUntil("drupal")).toBeNull();
    await first.close("drupal", { ...reason, code: "drupalRightsMissing" }, new Date(clock.now));
    expect(await first.closedUntil("drupal")).toEqual(new Date(clock.now + 10 * 60_000));
  });

  it("is closed again by the one who tried in vain", async () => {
    const { clock, first } = await closeFor("again");
    clock.now += 190 * 60_000 + 1;
    expect(await first.closedUntil("drupal")).toBeNull();
    await first.close("drupal", reason, new Date(clock.now));
    expect(await first.closedUntil("drupal")).toEqual(new Date(clock.now + 190 * 60_000));
  });

  it("pauses one instance for as long as the target asked", async () => {
    const { clock, first } = await closeFor("pause");
    first.pause("entra", new Date(clock.now + 5000));
    expect(await first.closedUntil("entra")).toEqual(new Date(clock.now + 5000));
    clock.now += 5001;
    expect(await first.closedUntil("entra")).toBeNull();
  });
});
