// Pictures of Entra over real sockets: what is known of them in batches, what is downloaded, and what is let in.
import { createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createGraphClient } from "../../../src/connectors/entra/client.ts";
import { createEntraPhotos } from "../../../src/connectors/entra/photos.ts";
import { checkedPicture } from "../../../src/connectors/entra/picture-check.ts";
import { gif, jpeg, png, webp } from "../../doubles/picture-files.ts";
import { type SimulatedGraph, startSimulatedGraph } from "./simulated-graph.ts";

let graph: SimulatedGraph;
beforeAll(async () => {
  graph = await startSimulatedGraph();
});
beforeEach(() => graph.control({ faults: [], noPhotoMetadata: "404" }));
afterAll(() => graph.close());

const admin = { Authorization: "Bearer local", "Content-Type": "application/json" };
const entraPhotos = () => createEntraPhotos(graph.client());

let people = 0;
async function aUser(photo?: Buffer): Promise<string> {
  people += 1;
  const name = `person${people}`;
  const response = await fetch(`${graph.url}/v1.0/users`, {
    method: "POST",
    headers: admin,
    body: JSON.stringify({
      accountEnabled: true,
      displayName: name,
      mailNickname: name,
      userPrincipalName: `${name}@contoso.example`,
      mail: `${name}@contoso.example`,
      passwordProfile: { password: "A password of the tests 1!" },
    }),
  });
  const { id } = z.object({ id: z.string() }).parse(await response.json());
  if (photo !== undefined)
    await fetch(`${graph.url}/v1.0/users/${id}/photo/$value`, {
      method: "PUT",
      headers: { ...admin, "Content-Type": "image/jpeg" },
      body: new Uint8Array(photo),
    });
  return id;
}

describe("what Graph knows of pictures", () => {
  it("is asked for 20 users in a request, and tells those who have one from those who have none", async () => {
    const ids = await Promise.all(
      Array.from({ length: 45 }, (_, at) => aUser(at % 2 === 0 ? jpeg(300, 300) : undefined)),
    );
    const before = await graph.served("$batch");
    const seen = await entraPhotos().seen(ids);
    expect((await graph.served("$batch")) - before).toBe(3);
    expect(seen.size).toBe(45);
    expect(seen.get(ids[0] ?? "")).toMatchObject({ kind: "picture", width: 300 });
    expect(seen.get(ids[1] ?? "")).toEqual({ kind: "none" });
  });

  it("is also no picture where Graph shows a GIF of one pixel", async () => {
    await graph.control({ noPhotoMetadata: "1x1" });
    const id = await aUser();
    expect((await entraPhotos().seen([id])).get(id)).toEqual({ kind: "none" });
  });

  it.each([
    [403, "ErrorAccessDenied", { kind: "forbidden" }],
    [404, "MailboxNotHostedInExchangeOnline", { kind: "noMailbox" }],
    [400, "AuthenticationError", { kind: "noMailbox" }],
    [503, "serviceUnavailable", { kind: "unavailable", retryAfterMs: null }],
    [500, "generalException", { kind: "unavailable", retryAfterMs: null }],
  ] as const)(
    "%i %s of one user is %j, and no matter of the others",
    async (status, code, kind) => {
      const [one, other] = [await aUser(jpeg(100, 100)), await aUser(jpeg(100, 100))];
      const path = `/users/${one}/photo`;
      await graph.control({ faults: [{ kind: "status", path, status, code }] });
      const seen = await entraPhotos().seen([one, other]);
      expect(seen.get(one)).toEqual(kind);
      expect(seen.get(other)).toMatchObject({ kind: "picture" });
    },
  );

  it("keeps to the time that Graph asks for one of them", async () => {
    const id = await aUser(jpeg(100, 100));
    const fault = { kind: "status", path: "/photo", status: 429, retryAfterSeconds: 7 };
    await graph.control({ faults: [fault] });
    expect((await entraPhotos().seen([id])).get(id)).toEqual({
      kind: "throttled",
      retryAfterMs: 7000,
    });
  });
});

describe("a download", () => {
  it("brings the size that is asked for, or nothing where there is none", async () => {
    const id = await aUser(jpeg(300, 300, "Ada"));
    const picture = await entraPhotos().download(id, null);
    expect(picture).toMatchObject({ width: 300, contentType: "image/jpeg", extension: "jpg" });
    expect(Buffer.from(picture?.bytes ?? [])).toEqual(jpeg(300, 300, "Ada"));
    expect(await entraPhotos().download(id, 240)).not.toBeNull();
    expect(await entraPhotos().download(id, 648)).toBeNull();
    expect(await entraPhotos().download(await aUser(), null)).toBeNull();
  });

  it("names a failure that passes", async () => {
    const id = await aUser(jpeg(300, 300));
    await graph.control({ faults: [{ kind: "status", path: "/\\$value", status: 503 }] });
    await expect(entraPhotos().download(id, null)).rejects.toMatchObject({ kind: "transient" });
  });

  it.each([
    ["20 MB", Buffer.alloc(20 * 1024 * 1024, 1), "photoRefusedTooLarge"],
    ["an SVG", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"), "photoRefusedType"],
  ])("of %s is refused, and no more of it is read than must be", async (_name, body, code) => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { "Content-Type": "image/jpeg" }).end(body);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const client = createGraphClient({
      baseUrl: new URL(`http://127.0.0.1:${port}`),
      token: async () => "local",
      timeoutMs: 5000,
      now: () => new Date(),
    });
    const work = createEntraPhotos(client).download(crypto.randomUUID(), 240);
    await expect(work).rejects.toMatchObject({ kind: "rejected", code });
    server.closeAllConnections();
    server.close();
  });
});

describe("a picture that is let in", () => {
  it.each([
    ["JPEG", jpeg(240, 240), "image/jpeg", "jpg"],
    [
      "JPEG, filled up with zeros",
      Buffer.concat([jpeg(240, 240), Buffer.alloc(9)]),
      "image/jpeg",
      "jpg",
    ],
    ["PNG", png(240, 240), "image/png", "png"],
    ["GIF", gif(240, 240), "image/gif", "gif"],
    ["WebP", webp(240, 240), "image/webp", "webp"],
  ])("is a %s by its bytes, whatever it was called", (_name, bytes, contentType, extension) => {
    expect(checkedPicture(bytes)).toMatchObject({
      width: 240,
      height: 240,
      contentType,
      extension,
    });
  });

  it.each([
    [
      "an SVG",
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      "Type",
    ],
    ["a page", Buffer.from("<!doctype html><title>Sign in</title>"), "Type"],
    ["nothing", Buffer.alloc(0), "Type"],
    ["a bitmap", Buffer.concat([Buffer.from("BM"), Buffer.alloc(60, 9)]), "Type"],
    ["a JPEG that ends early", jpeg(240, 240, "", 900).subarray(0, 700), "Truncated"],
    ["a PNG that ends early", png(240, 240).subarray(0, -4), "Truncated"],
    ["a GIF that ends early", gif(240, 240).subarray(0, -1), "Truncated"],
    ["a WebP that ends early", webp(240, 240).subarray(0, -2), "Truncated"],
    ["one pixel", gif(1, 1), "TooSmall"],
    ["a picture that unfolds to gigabytes", jpeg(60_000, 60_000), "Dimensions"],
  ])("is not %s", (_name, bytes, code) => {
    expect(() => checkedPicture(bytes)).toThrow(
      expect.objectContaining({ kind: "rejected", code: `photoRefused${code}` }),
    );
  });
});
