// The admin page's files: what is given out, as what, and to whom nothing is.
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from "node:zlib";
import type { HttpResponseInit } from "@azure/functions";
import { beforeAll, describe, expect, it } from "vitest";
import { createDashboardFiles } from "../../src/api/dashboard-files.ts";

const folder = mkdtempSync(join(tmpdir(), "dashboard-"));
const PAGE = "<!doctype html><title>The page</title>";
const SCRIPT = `console.log("${"x".repeat(2000)}")`;

beforeAll(async () => {
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), PAGE);
  await writeFile(join(folder, "assets/index-abc.js"), SCRIPT);
  await writeFile(join(folder, "assets/index-abc.css"), "a{}");
});

const fileAt = createDashboardFiles(folder);
const headersOf = ({ headers }: HttpResponseInit) => new Headers(headers as Record<string, string>);
const bytesOf = ({ body }: HttpResponseInit) => Buffer.from(body as Uint8Array);
const refusalOf = (ask: () => unknown) => {
  try {
    ask();
    return null;
  } catch (error) {
    return error;
  }
};

describe("the page", () => {
  it.each([
    "",
    "audit",
    "users/0a1b",
    "cycles/../../host.json",
    "%2e%2e/package.json",
    "index.html",
  ])("is what every path without a file gives: %s", (path) => {
    const answer = fileAt(path, null);
    expect(bytesOf(answer).toString()).toBe(PAGE);
    expect(headersOf(answer).get("content-type")).toBe("text/html; charset=utf-8");
    expect(headersOf(answer).get("cache-control")).toBe("no-store");
  });

  it("lets nothing but the app's own files run or be loaded, and is framed by nobody", () => {
    const headers = headersOf(fileAt("", null));
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy.split("; ")).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ]),
    );
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  });
});

describe("a file of the page", () => {
  it("is kept by browsers for good, as its name says what is in it", () => {
    const answer = fileAt("assets/index-abc.js", null);
    expect(bytesOf(answer).toString()).toBe(SCRIPT);
    expect(headersOf(answer).get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(headersOf(answer).get("cache-control")).toBe("public, max-age=31536000, immutable");
  });

  it.each([
    ["br, gzip", "br"],
    ["gzip, deflate, br;q=0.8", "br"],
    ["gzip;q=1.0, br;q=0", "gzip"],
    ["GZIP", "gzip"],
    ["identity", null],
    ["", null],
  ])("comes in the best coding that is accepted: %s", (accepted, coding) => {
    const answer = fileAt("assets/index-abc.js", accepted);
    const undo = coding === "br" ? brotliDecompressSync : coding === "gzip" ? gunzipSync : null;
    const bytes = bytesOf(answer);
    expect(headersOf(answer).get("content-encoding")).toBe(coding);
    expect(headersOf(answer).get("vary")).toBe("Accept-Encoding");
    expect((undo === null ? bytes : undo(bytes)).toString()).toBe(SCRIPT);
  });

  it.each(["assets/gone.js", "assets/../index.html", "assets/", "assets/%2e%2e/index.html"])(
    "that is not there is 404: %s",
    (path) => {
      expect(refusalOf(() => fileAt(path, null))).toMatchObject({
        status: 404,
        code: "fileNotFound",
      });
    },
  );

  it("is 503 before the page was built, and is there once it is", async () => {
    const later = join(folder, "later");
    const lateFileAt = createDashboardFiles(later);
    expect(refusalOf(() => lateFileAt("", null))).toMatchObject({
      status: 503,
      code: "dashboardNotBuilt",
    });
    await mkdir(later);
    await writeFile(join(later, "index.html"), PAGE);
    expect(lateFileAt("", null).status).toBe(200);
  });
});

describe("the page as it is built", () => {
  it("is under 150 kB for whoever loads it the first time", () => {
    const built = resolve(import.meta.dirname, "../../dist/dashboard");
    const files = readdirSync(built, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
    const size = files.reduce((sum, bytes) => sum + brotliCompressSync(bytes).byteLength, 0);
    expect(size).toBeGreaterThan(10_000);
    expect(size).toBeLessThan(150_000);
  });
});
