// Pictures: two ways to upload, the rules that are enforced and those that are not, and the download.
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { startDrupalSimulator } from "../../../../infra/local/drupal/start-drupal-simulator.ts";
import { ask, create, details, one, patch } from "./drupal-client.ts";

const simulator = await startDrupalSimulator();
const { url } = simulator;
afterAll(() => simulator.close());

const png = (width: number, height: number, size = 60): Buffer => {
  const bytes = Buffer.alloc(size);
  Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").copy(bytes);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
};
const upload = async (path: string, name: string, bytes: Buffer) =>
  await ask(url, "POST", path, bytes, undefined, {
    "Content-Type": "application/octet-stream",
    "Content-Disposition": `file; filename="${name}"`,
  });
const uri = (answer: Awaited<ReturnType<typeof ask>>): string =>
  z.object({ url: z.string() }).parse(one(answer).attributes?.uri).url;

test("an upload to a user is linked at once, moves `changed`, and can be downloaded by anybody", async () => {
  const { id } = await create(url, { name: "face" });
  const bytes = png(200, 100);
  const answer = await upload(`/jsonapi/user/user/${id}/user_picture`, "face.png", bytes);
  expect(answer.status).toBe(200);
  expect(one(answer).attributes).toMatchObject({
    filename: "face.png",
    status: true,
    filesize: 60,
  });
  const picture = simulator.simulation.site.users.get(id)?.user_picture;
  expect(picture).toMatchObject({ target: one(answer).id, width: 200, height: 100 });
  const download = await fetch(`${url}${uri(answer)}`);
  expect(download.headers.get("content-type")).toBe("image/png");
  expect(Buffer.from(await download.arrayBuffer())).toEqual(bytes);
});

test("a second upload gets a numbered name and leaves the first file", async () => {
  const { id } = await create(url, { name: "again" });
  const path = `/jsonapi/user/user/${id}/user_picture`;
  const first = await upload(path, "again.png", png(1, 1));
  const second = await upload(path, "again.png", png(2, 2));
  expect(uri(second)).toContain("again_0.png");
  expect((await fetch(`${url}${uri(first)}`)).status).toBe(200);
});

test("a loose upload is temporary until it is linked", async () => {
  const { id } = await create(url, { name: "loose" });
  const staged = await upload("/jsonapi/user/user/user_picture", "staged.png", png(120, 120));
  expect(staged.status).toBe(201);
  expect(one(staged).attributes).toMatchObject({ status: false });
  const data = { type: "file--file", id: one(staged).id, meta: { alt: "Ada" } };
  const body = { data: { type: "user--user", id, relationships: { user_picture: { data } } } };
  expect((await ask(url, "PATCH", `/jsonapi/user/user/${id}`, body)).status).toBe(200);
  const file = await ask(url, "GET", `/jsonapi/file/file/${one(staged).id}`);
  expect(one(file).attributes).toMatchObject({ status: true });
  expect(simulator.simulation.site.users.get(id)?.user_picture).toMatchObject({
    alt: "Ada",
    width: 120,
  });
  await patch(url, id, { field_department: "kept" });
  expect(simulator.simulation.site.users.get(id)?.user_picture).toMatchObject({ alt: "Ada" });
});

test("size, content and extension are enforced, width and height are not", async () => {
  const { id } = await create(url, { name: "rules" });
  const path = `/jsonapi/user/user/${id}/user_picture`;
  const complaint = async (name: string, bytes: Buffer): Promise<string> => {
    const answer = await upload(path, name, bytes);
    expect(answer.status).toBe(422);
    return details(answer)[0] ?? "";
  };
  expect(await complaint("big.png", png(100, 100, 205_000))).toContain(
    "exceeding the maximum file size of 200 KB",
  );
  expect(await complaint("fake.png", Buffer.from("this is no png"))).toContain(
    "The image file is invalid",
  );
  expect(await complaint("text.txt", png(100, 100))).toContain(
    "Only files with the following extensions",
  );
  expect((await upload(path, "large.png", png(1500, 1500))).status).toBe(200);
  expect((await upload(path, "tiny.png", png(20, 20))).status).toBe(200);
  expect(uri(await upload(path, "evil.php.png", png(48, 48)))).toContain("evil.php_.png");
});
