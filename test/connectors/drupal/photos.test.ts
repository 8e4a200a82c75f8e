// Pictures of Drupal accounts over real sockets, against the site of the recordings.
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startDrupalSimulator } from "../../../infra/local/drupal/start-drupal-simulator.ts";
import { createDrupalPhotos } from "../../../src/connectors/drupal/photos.ts";
import { jpeg, png } from "../../doubles/picture-files.ts";
import { clientOf, control, failure, requests, type Simulator } from "./simulated-drupal.ts";

const FIELD = "user_picture";
const now = () => new Date();

let drupal: Simulator;
let uuid = "";
beforeAll(async () => {
  drupal = await startDrupalSimulator({ site: "observed" });
});
beforeEach(async () => {
  await control(drupal.url, { webhook: { formats: [] } });
  uuid = drupal.simulation.site.users.inUidOrder().at(-1)?.uuid ?? "";
  await photosOf().clear(uuid, FIELD);
});
afterAll(() => drupal.close());

const photosOf = (name = "svc-sync", password = "Test-Pass-1") =>
  createDrupalPhotos(clientOf(drupal.url, name, password, now), now);

it("uploads, shows at once, replaces, and deletes the file that is of no use any more", async () => {
  const photos = photosOf();
  expect(await photos.picture(uuid, FIELD)).toBeNull();
  const first = await photos.upload(uuid, FIELD, "aaaa.jpg", jpeg(240, 240, "one"));
  expect(await photos.picture(uuid, FIELD)).toMatchObject({ fileId: first, filename: "aaaa.jpg" });
  const second = await photos.upload(uuid, FIELD, "aaaa.jpg", jpeg(240, 240, "two"));
  // A taken name gets a number (contract/drupal 196).
  expect(await photos.picture(uuid, FIELD)).toMatchObject({
    fileId: second,
    filename: "aaaa_0.jpg",
  });
  await photos.deleteFile(first);
  await photos.deleteFile(first);
  expect(await photos.picture(uuid, FIELD)).toMatchObject({ fileId: second });
});

it("reads the pictures of many in few requests, and answers nobody who is not there", async () => {
  const photos = photosOf();
  const fileId = await photos.upload(uuid, FIELD, "b.png", png(100, 100));
  const others = Array.from({ length: 60 }, () => crypto.randomUUID());
  await photos.pictures([uuid], FIELD);
  const before = await requests(drupal.url);
  const shown = await photos.pictures([uuid, ...others], FIELD);
  expect(shown).toEqual(new Map([[uuid, fileId]]));
  // The second page shows nobody: who we are is proven again.
  expect((await requests(drupal.url)) - before).toBeLessThanOrEqual(3);
});

it("tells a user who is gone from a field that is missing", async () => {
  const photos = photosOf();
  expect(await photos.picture(crypto.randomUUID(), FIELD)).toBeUndefined();
  for (const work of [
    () => photos.picture(uuid, "field_photo"),
    () => photos.pictures([uuid], "field_photo"),
  ])
    expect(await failure(work())).toMatchObject({ kind: "rejected", code: "photoFieldMissing" });
});

it("names what the site refuses: too large, or no picture of an allowed kind", async () => {
  const photos = photosOf();
  const large = jpeg(240, 240, "", 300 * 1024);
  expect(await failure(photos.upload(uuid, FIELD, "c.jpg", large))).toMatchObject({
    kind: "rejected",
    code: "photoTooLarge",
  });
  const text = Buffer.from("no picture");
  expect(await failure(photos.upload(uuid, FIELD, "c.jpg", text))).toMatchObject({
    kind: "rejected",
    code: "photoRefusedByDrupal",
  });
  expect(await photos.picture(uuid, FIELD)).toBeNull();
});

it("asks for the field's limits, which only some may know, and not each time", async () => {
  const unknown = { maxBytes: null, extensions: null, maxPixels: null };
  const photos = photosOf();
  expect(await photos.limits(FIELD)).toEqual(unknown);
  const before = await requests(drupal.url);
  await photos.limits(FIELD);
  expect(await requests(drupal.url)).toBe(before);
  expect(await photosOf("admin", "Admin-Pass-1").limits(FIELD)).toEqual({
    maxBytes: 200 * 1024,
    extensions: ["png", "gif", "jpg", "jpeg", "webp"],
    maxPixels: 1024,
  });
});

it("does not take a closed door for an account without a picture", async () => {
  const wrong = createDrupalPhotos(clientOf(drupal.url, "svc-sync", "wrong", now), now);
  expect(await failure(wrong.picture(uuid, FIELD))).toMatchObject({ kind: "access" });
});
