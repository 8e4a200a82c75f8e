// Pictures through the real door: Graph to Blob Storage to Drupal, in a cycle, after a link, on demand, and back out over HTTP.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Tenant } from "../../infra/local/graph/tenant.ts";
import type { AuditEntry } from "../../src/rules/audit-entry.ts";
import { gif, jpeg, png } from "../doubles/picture-files.ts";
import { type CycleClient, cycleClient } from "./cycle-client.ts";
import { eventually, type Stack, startStack } from "./stack.ts";

// A larger run: PHOTO_PEOPLE=2000 npm test -- test/e2e/photos
const PEOPLE = Number(process.env.PHOTO_PEOPLE ?? 100);
const PICTURED = PEOPLE * 0.6;
const PATIENCE_MS = 60_000 + PEOPLE * 300;
const PHOTOS = { direction: "entraToDrupal", kind: "photos" } as const;

let stack: Stack;
let operator: CycleClient;
let people: { readonly uuid: string; readonly objectId: string; readonly name: string }[];

let tenant: Tenant;

const tenantUser = (objectId: string) => {
  const user = tenant.users.get(objectId);
  if (user === undefined) throw new Error(`no such user: ${objectId}`);
  return user;
};

/** A picture as Graph has it, of whatever bytes. */
const plant = (objectId: string, bytes: Buffer, contentType = "image/jpeg", side = 240): string => {
  const etag = `"${createHash("sha1").update(bytes).digest("hex").slice(0, 8)}"`;
  const photo = { bytes, contentType, width: side, height: side, etag };
  tenant.users.setPhoto(tenantUser(objectId), photo);
  return etag;
};

const pictured = (uuid: string) => stack.drupal.pictureOf(uuid);

const person = (at: number) => people[at] ?? { uuid: "", objectId: "", name: "" };

const asked = async () => {
  const { counts } = await operator.requestsOf("graph");
  const of = (route: string) =>
    Object.entries(counts)
      .filter(([name]) => name.includes(route))
      .reduce((sum, [, count]) => sum + count, 0);
  return { batches: of("$batch"), downloads: of("$value") };
};

const auditOf = (uuid: string): Promise<AuditEntry[]> =>
  operator.auditOf(`&user=${uuid}&resourceType=photo`);

const uploadOwn = async (uuid: string, bytes: Buffer): Promise<void> => {
  const response = await fetch(`${stack.drupal.url}/jsonapi/user/user/${uuid}/user_picture`, {
    method: "POST",
    headers: {
      Authorization: stack.drupal.admin,
      Accept: "application/vnd.api+json",
      "Content-Type": "application/octet-stream",
      "Content-Disposition": 'file; filename="me.png"',
    },
    body: new Uint8Array(bytes),
  });
  expect(response.status).toBe(200);
};

beforeAll(async () => {
  stack = await startStack({
    people: PEOPLE,
    fillTenant: (filled) => {
      tenant = filled;
    },
  });
  operator = cycleClient(stack);
  await operator.silence();
  // Pictures come with their cycle here: those of new links have a test of their own.
  await operator.configure({ photos: { enabled: false } });
  const initial = { direction: "drupalToEntra", kind: "initial" } as const;
  const first = await operator.run(initial, PATIENCE_MS);
  expect(first).toMatchObject({ status: "complete", operations: { create: PEOPLE } });
  await operator.quiet(PATIENCE_MS);
  const byMarker = new Map(
    stack
      .entraUsers()
      .map((user) => [user.onPremisesExtensionAttributes?.extensionAttribute15, user.id]),
  );
  people = (await stack.drupal.people()).flatMap(({ uuid, name }) => {
    const objectId = byMarker.get(uuid);
    return objectId === undefined ? [] : [{ uuid, objectId, name }];
  });
  expect(people).toHaveLength(PEOPLE);
  for (const { objectId, name } of people.slice(0, PICTURED)) plant(objectId, jpeg(240, 240, name));
  await operator.configure({});
}, 2 * PATIENCE_MS);
afterAll(() => stack.close());

describe("a cycle of pictures", () => {
  it(
    "uploads those that are there, then asks in batches, and moves nothing",
    async () => {
      const first = await operator.run(PHOTOS, PATIENCE_MS);
      expect(first).toMatchObject({
        kind: "photos",
        status: "complete",
        reading: { users: PEOPLE, unchanged: 0 },
        outcomes: { written: PICTURED, skipped: PEOPLE - PICTURED },
        operations: { create: PICTURED },
      });
      expect((await pictured(person(0).uuid))?.bytes).toEqual(jpeg(240, 240, person(0).name));
      const before = await asked();
      const second = await operator.run(PHOTOS);
      expect(second).toMatchObject({ status: "complete", nominated: 0, outcomes: {} });
      const after = await asked();
      expect(after.batches - before.batches).toBe(PEOPLE / 20);
      expect(after.downloads).toBe(before.downloads);
    },
    PATIENCE_MS,
  );

  it("brings one that changed, and the old file goes", async () => {
    const { uuid, objectId } = person(1);
    const old = await pictured(uuid);
    const before = await asked();
    plant(objectId, jpeg(240, 240, "another"));
    const cycle = await operator.run(PHOTOS);
    expect(cycle).toMatchObject({ outcomes: { written: 1 }, operations: { update: 1 } });
    expect((await asked()).downloads - before.downloads).toBe(1);
    expect((await pictured(uuid))?.bytes).toEqual(jpeg(240, 240, "another"));
    expect(await stack.drupal.hasFile(old?.uuid ?? "")).toBe(false);
    expect(await auditOf(uuid)).toMatchObject([
      { operation: "update", status: "success", cause: "cycle", cycleId: cycle.id },
      { operation: "create", status: "success", cause: "cycle" },
    ]);
  });

  it("keeps a person's own upload, and replaces it where Entra has the word; both are told", async () => {
    const { uuid } = person(2);
    await uploadOwn(uuid, png(100, 100, "holiday"));
    const kept = await operator.run(PHOTOS);
    expect(kept.outcomes).toEqual({ skipped: 1 });
    expect((await pictured(uuid))?.bytes).toEqual(png(100, 100, "holiday"));
    await operator.configure({ photos: { authority: "entra" } });
    const replaced = await operator.run(PHOTOS);
    expect(replaced.operations).toEqual({ update: 1 });
    expect((await pictured(uuid))?.bytes).toEqual(jpeg(240, 240, person(2).name));
    await operator.configure({});
    const codes = (await auditOf(uuid)).map(({ operation, status, reason }) => [
      operation,
      status,
      reason?.code,
    ]);
    expect(codes).toEqual([
      ["update", "success", "changedInEntra"],
      ["none", "skipped", "photoOwn"],
      ["create", "success", "changedInEntra"],
    ]);
  });

  it("gives 404, 403, 429, 503 and the GIF of one pixel outcomes of their own, and takes no picture away", async () => {
    const [gone, forbidden, throttled, away, pixel] = [3, 4, 5, 6, 7].map(person);
    const fault = (at: typeof gone, status: number, times?: number) => ({
      kind: "status",
      path: `/users/${at?.objectId}/photo`,
      status,
      ...(times === undefined ? {} : { times }),
    });
    tenant.users.setPhoto(tenantUser(gone?.objectId ?? ""), undefined);
    const nothing = { bytes: gif(1, 1), contentType: "image/gif", width: 1, height: 1, etag: "" };
    tenant.users.setPhoto(tenantUser(pixel?.objectId ?? ""), nothing);
    await stack.control("graph", {
      faults: [fault(forbidden, 403), fault(throttled, 429, 2), fault(away, 503, 2)],
    });
    const cycle = await operator.run(PHOTOS);
    await stack.control("graph", { faults: [] });
    // Those who were throttled, or met an error, were asked again by the cycle itself.
    expect(cycle).toMatchObject({
      status: "complete",
      outcomes: { skipped: 2, failed: 1, inSync: 2 },
    });
    const codeOf = async (at: typeof gone) => (await auditOf(at?.uuid ?? ""))[0]?.reason?.code;
    expect(await codeOf(gone)).toBe("photoMissing");
    expect(await codeOf(forbidden)).toBe("photoForbidden");
    expect(await codeOf(pixel)).toBe("photoMissing");
    for (const one of [gone, forbidden, throttled, away, pixel])
      expect(await pictured(one?.uuid ?? "")).not.toBeNull();
  });

  it("refuses what is no picture, with a reason, and names a PNG by its bytes", async () => {
    const large = jpeg(240, 240, "", 20 * 1024 * 1024);
    const planted: readonly [number, Buffer, string | null][] = [
      [10, png(240, 240, "called a JPEG"), null],
      [11, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), "photoRefusedType"],
      [12, Buffer.from("<!doctype html><title>Sign in</title>"), "photoRefusedType"],
      [13, large, "photoRefusedTooLarge"],
      [14, jpeg(240, 240, "ends early", 900).subarray(0, 700), "photoRefusedTruncated"],
      [15, jpeg(1, 1, "a pixel"), "photoRefusedTooSmall"],
    ];
    const before = new Map<number, string | undefined>();
    for (const [at] of planted) before.set(at, (await pictured(person(at).uuid))?.uuid);
    for (const [at, bytes] of planted) plant(person(at).objectId, bytes);
    const cycle = await operator.run(PHOTOS);
    expect(cycle).toMatchObject({ status: "complete", outcomes: { written: 1, warning: 5 } });
    for (const [at, bytes, code] of planted) {
      const { uuid } = person(at);
      const [entry] = await auditOf(uuid);
      if (code === null) expect((await pictured(uuid))?.bytes).toEqual(bytes);
      else {
        expect(entry, `${at}`).toMatchObject({ status: "warning", reason: { code } });
        expect((await pictured(uuid))?.uuid).toBe(before.get(at));
      }
    }
    const downloads = (await asked()).downloads;
    await operator.run(PHOTOS);
    expect((await asked()).downloads).toBe(downloads);
  });

  it("asks for a smaller size where the site takes no larger file", async () => {
    const { uuid, objectId } = person(20);
    // The simulator resamples nothing: all sizes have the same bytes, so that none fits a field of 200 KB.
    plant(objectId, jpeg(240, 240, "", 300 * 1024));
    const cycle = await operator.run(PHOTOS);
    expect(cycle).toMatchObject({ outcomes: { warning: 1 } });
    expect((await auditOf(uuid))[0]?.reason?.code).toBe("photoRefusedTooLarge");
    const { last } = await operator.requestsOf("graph");
    const sizes = last.flatMap(({ path }) => /photos\/(\d+x\d+)\/\$value/.exec(path)?.[1] ?? []);
    expect(sizes.slice(-4)).toEqual(["120x120", "96x96", "64x64", "48x48"]);
  });
});

describe("a picture follows its user", () => {
  it("at once after a new link, and on demand", async () => {
    const objectId = await stack.createEntraUser("grace.hopper");
    plant(objectId, jpeg(240, 240, "Grace"));
    const response = await stack.api("/provision", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ system: "entra", id: objectId }),
    });
    expect(response.status).toBe(200);
    const shown = z
      .object({ link: z.object({ drupalUuid: z.string() }) })
      .parse(await (await stack.api(`/links/${objectId}`)).json());
    const uuid = shown.link.drupalUuid;
    await eventually("the picture of the new account", () => pictured(uuid));
    expect((await pictured(uuid))?.bytes).toEqual(jpeg(240, 240, "Grace"));
    plant(objectId, jpeg(240, 240, "Grace, admiral"));
    await stack.api("/provision", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ system: "entra", id: objectId }),
    });
    await eventually("the new picture", async () =>
      (await pictured(uuid))?.bytes.equals(jpeg(240, 240, "Grace, admiral")),
    );
  });
});

describe("GET links/{id}/photo", () => {
  it("serves what is kept, as what it is, and says when the reader has it already", async () => {
    const { uuid, objectId, name } = person(0);
    for (const id of [uuid, objectId]) {
      const response = await stack.api(`/links/${id}/photo`);
      expect(response.status).toBe(200);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(jpeg(240, 240, name));
      expect(response.headers.get("content-type")).toBe("image/jpeg");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    }
    const { headers } = await stack.api(`/links/${uuid}/photo`);
    const again = await stack.api(`/links/${uuid}/photo`, {
      headers: { "If-None-Match": headers.get("etag") ?? "" },
    });
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
    const shown = z
      .object({ photo: z.looseObject({ hash: z.string() }) })
      .parse(await (await stack.api(`/links/${uuid}`)).json());
    expect(`"${shown.photo.hash}"`).toBe(headers.get("etag"));
    expect(shown.photo).toMatchObject({ isUploadPending: false, missingSince: null });
  });

  it("answers 404 where none is kept, and for what cannot be an id", async () => {
    const { code } = z
      .object({ code: z.string() })
      .parse(await (await stack.api(`/links/${person(PEOPLE - 1).uuid}/photo`)).json());
    expect(code).toBe("photoNotFound");
    expect((await stack.api("/links/..%2f/photo")).status).toBeGreaterThanOrEqual(400);
  });
});
