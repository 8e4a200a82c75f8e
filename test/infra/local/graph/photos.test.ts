import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { errorOf, type Graph, jpeg, startGraph, textAt, valuesOf } from "./graph-client.ts";

let graph: Graph;
let ada: string;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.simulator.close());
beforeEach(async () => {
  await graph.send("POST", "/_control/reset");
  ada = await graph.create("ada", { mail: "ada@contoso.example" });
});

const put = (body: Buffer, type = "image/jpeg", id = ada) =>
  graph.send("PUT", `/users/${id}/photo/$value`, {
    body: new Uint8Array(body),
    headers: { "Content-Type": type },
  });
const get = (path: string) => graph.send("GET", `/users/${ada}/${path}`);

test("a user without a picture has neither metadata nor bytes", async () => {
  for (const path of ["photo", "photo/$value", "photos/48x48"]) {
    const answer = await get(path);
    expect([answer.status, errorOf(answer).code], path).toEqual([404, "ImageNotFound"]);
  }
  expect(valuesOf(await get("photos"))).toEqual([]);
});

test("the code of the 404 and the 1x1 metadata can be switched to the other known forms", async () => {
  await graph.control({ photoNotFoundCode: "ErrorItemNotFound", noPhotoMetadata: "1x1" });
  const metadata = await get("photo");
  expect(metadata.body).toMatchObject({
    id: "1x1",
    "@odata.mediaContentType": "image/gif",
    "@odata.mediaEtag": "",
  });
  expect(errorOf(await get("photo/$value")).code).toBe("ErrorItemNotFound");
});

test("an uploaded picture is answered byte for byte, with its size and type", async () => {
  const picture = jpeg(300, 5000);
  expect((await put(picture)).status).toBe(200);
  const value = await get("photo/$value");
  expect(value.headers.get("content-type")).toBe("image/jpeg");
  expect(value.bytes.equals(picture)).toBe(true);
  const metadata = await get("photo");
  expect(metadata.body).toMatchObject({ id: "300x300", width: 300, height: 300 });
});

test("the sizes are the documented ones up to the upload", async () => {
  await put(jpeg(120));
  const sizes = valuesOf(await get("photos")).map(({ id }) => id);
  expect(sizes).toEqual(["48x48", "64x64", "96x96", "120x120"]);
  expect((await get("photos/96x96/$value")).status).toBe(200);
  expect((await get("photos/240x240/$value")).status).toBe(404);
  expect((await get("photos/50x50")).status).toBe(404);
});

test("mediaEtag changes with each upload and not in between", async () => {
  const etag = async () => textAt(await get("photo"), "@odata.mediaEtag");
  await put(jpeg(300));
  const first = await etag();
  expect(await etag()).toBe(first);
  expect(first).toMatch(/^"[0-9A-F]{8}"$/);
  await put(jpeg(301));
  expect(await etag()).not.toBe(first);
});

test("a conditional request gets the whole picture, since If-None-Match is not supported", async () => {
  await put(jpeg(300));
  const etag = textAt(await get("photo"), "@odata.mediaEtag");
  const answer = await graph.send("GET", `/users/${ada}/photo/$value`, {
    headers: { "If-None-Match": etag },
  });
  expect(answer.status).toBe(200);
});

test("what is no JPEG, or too large, is refused", async () => {
  expect((await put(Buffer.from("<svg/>"))).status).toBe(400);
  expect((await put(jpeg(), "image/png")).status).toBe(501);
  expect((await put(jpeg(300, 4 * 1024 * 1024 + 1))).status).toBe(413);
  expect((await get("photo")).status).toBe(404);
});

test("a user without a mailbox takes 100 KB only", async () => {
  const bob = await graph.create("bob");
  expect((await put(jpeg(300, 100 * 1024), "image/jpeg", bob)).status).toBe(200);
  expect((await put(jpeg(300, 100 * 1024 + 1), "image/jpeg", bob)).status).toBe(404);
});

test("a removed picture is gone, and pictures are in no delta", async () => {
  const { last } = await graph.readAll("/users/delta");
  await put(jpeg(300));
  expect((await graph.send("DELETE", `/users/${ada}/photo/$value`)).status).toBe(204);
  expect((await get("photo/$value")).status).toBe(404);
  const round = await graph.send("GET", textAt(last, "@odata.deltaLink"));
  expect(valuesOf(round)).toEqual([]);
});
