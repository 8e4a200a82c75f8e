// Pictures on the people page: what a person uploads and removes there, and the button that asks the product for a sync.
import { afterAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { startDrupalSimulator } from "../../../../infra/local/drupal/start-drupal-simulator.ts";
import { gif, jpeg, png, webp } from "../../../doubles/picture-files.ts";
import { startProductDouble } from "../product-double.ts";
import { ask, create } from "./drupal-client.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";

const receiver = await startWebhookReceiver();
const product = await startProductDouble();
let productUrl: string | undefined;
const simulator = await startDrupalSimulator({
  webhook: { url: receiver.url, secret: "s", formats: ["contrib"] },
  productUrl: () => productUrl,
});
const { url } = simulator;
afterAll(async () => {
  await simulator.close();
  await receiver.close();
  await product.close();
});
beforeEach(async () => {
  await ask(url, "POST", "/_control/reset");
  receiver.received.length = 0;
  product.asked.length = 0;
  productUrl = product.url;
});

const shown = z.object({ uuid: z.string(), picture: z.string().nullable() });
const listing = z.object({ version: z.string(), canSync: z.boolean(), users: z.array(shown) });
const list = async () => listing.parse((await ask(url, "GET", "/_page/users")).body);

const ORIGIN = { Origin: url, "Content-Type": "application/octet-stream" };
const put = (uuid: string, name: string, bytes: Buffer, headers = ORIGIN) =>
  ask(
    url,
    "PUT",
    `/_page/users/${uuid}/picture?${new URLSearchParams({ name })}`,
    bytes,
    "",
    headers,
  );
const remove = (uuid: string, headers: Readonly<Record<string, string>> = ORIGIN) =>
  ask(url, "DELETE", `/_page/users/${uuid}/picture`, undefined, "", headers);

const stored = (uuid: string) => {
  const { users, files } = simulator.simulation.site;
  const user = users.get(uuid);
  return { user, file: files.get(user?.user_picture?.target ?? "") };
};

test("an upload is the person's own file, moves `changed`, and is told by a webhook", async () => {
  const { id } = await create(url, { name: "pictured" });
  const before = stored(id).user;
  if (before !== undefined) simulator.simulation.site.users.put({ ...before, changed: 1 });
  const bytes = png(100, 80, "me");
  const { picture } = shown.parse((await put(id, "me.png", bytes)).body);
  const { user, file } = stored(id);
  expect(file).toMatchObject({ owner: id, permanent: true, filename: "me.png", bytes });
  expect(user?.user_picture).toMatchObject({ width: 100, height: 80 });
  expect(user?.changed).toBeGreaterThan(1);
  expect(JSON.parse(receiver.received.at(-1)?.raw ?? "{}")).toMatchObject({
    event: "entity:user:update",
    entity: { uuid: [{ value: id }], user_picture: [{ target_uuid: file?.uuid }] },
  });
  const download = await fetch(`${url}${picture}`);
  expect(download.headers.get("content-type")).toBe("image/png");
  expect(Buffer.from(await download.arrayBuffer())).toEqual(bytes);
});

test("each kind of picture is taken, under whatever name, and found again by the page's address", async () => {
  const { id } = await create(url, { name: "kinds" });
  const kinds: readonly [string, Buffer][] = [
    ["photo.jpg", jpeg(10, 10)],
    ["Zoë & I, 100%?.gif", gif(10, 10)],
    ['"写真" #1.webp', webp(10, 10)],
  ];
  for (const [name, bytes] of kinds) {
    const { picture } = shown.parse((await put(id, name, bytes)).body);
    expect(stored(id).file?.filename).toBe(name.replaceAll('"', "'"));
    expect(Buffer.from(await (await fetch(`${url}${picture}`)).arrayBuffer())).toEqual(bytes);
  }
});

test("what Drupal's form would refuse is refused in its words, and changes nothing", async () => {
  const { id } = await create(url, { name: "refused" });
  const tries: readonly [string, Buffer, string][] = [
    ["me.png", Buffer.from("no picture"), "The image file is invalid"],
    ["me.txt", png(10, 10), "Only files with the following extensions"],
    // As it comes from a camera.
    ["me.png", Buffer.concat([png(10, 10), Buffer.alloc(12_000_000)]), "the maximum file size"],
  ];
  for (const [name, bytes, why] of tries) {
    const answer = await put(id, name, bytes);
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([
      422,
      expect.stringContaining(why),
    ]);
  }
  expect((await put(crypto.randomUUID(), "me.png", png(10, 10))).status).toBe(404);
  expect(stored(id).user?.user_picture).toBeNull();
  expect(simulator.simulation.site.files.size).toBe(0);
});

test("a removed picture is shown no more, and its file stays", async () => {
  const { id } = await create(url, { name: "removed" });
  await put(id, "me.png", png(10, 10));
  const { version } = await list();
  expect(shown.parse((await remove(id)).body).picture).toBeNull();
  const after = await list();
  expect(after.version).not.toBe(version);
  expect(after.users.find(({ uuid }) => uuid === id)?.picture).toBeNull();
  expect(simulator.simulation.site.files.size).toBe(1);
});

const sync = (headers: Readonly<Record<string, string>> = ORIGIN) =>
  ask(url, "POST", "/_page/sync-pictures", undefined, "", headers);

test("the button asks the product for a cycle of pictures, and tells its word", async () => {
  const started = await sync();
  expect([started.status, started.body]).toEqual([202, { message: "Sync started" }]);
  expect(product.asked).toEqual(['POST /api/cycles application/json {"kind":"photos"}']);
  product.answer = { status: 409, body: JSON.stringify({ title: "A cycle is under way." }) };
  const refused = await sync();
  expect([refused.status, refused.body]).toEqual([
    409,
    { errors: [{ detail: "A cycle is under way." }] },
  ]);
});

test("without a product there is no button, and with one it comes to an open page", async () => {
  productUrl = undefined;
  const before = await list();
  expect(before.canSync).toBe(false);
  expect((await sync()).status).toBe(404);
  productUrl = product.url;
  const after = await ask(url, "GET", `/_page/users?version=${before.version}`);
  expect(listing.parse(after.body).canSync).toBe(true);
});

test("another web page may neither change pictures nor start a sync", async () => {
  const { id } = await create(url, { name: "guarded" });
  for (const Origin of ["http://evil.example", "null"]) {
    const headers = { ...ORIGIN, Origin };
    expect((await put(id, "me.png", png(10, 10), headers)).status).toBe(403);
    expect((await remove(id, headers)).status).toBe(403);
    expect((await sync(headers)).status).toBe(403);
  }
  expect((await sync({})).status).toBe(403);
  expect(product.asked).toEqual([]);
});
