// The admin page's files as they were built, held in memory: who asks for anything else gets the page itself, which knows
// its own paths.
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { HttpResponseInit } from "@azure/functions";
import { Problem } from "./problem.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

/**
 * Nothing but the app's own scripts, styles and data; no text ever becomes script (Trusted Types), no other page frames this
 * one or shares its process (CSP Level 3; Cross-Origin-Opener-Policy). `blob:` is for pictures that need a bearer token.
 */
const PAGE_HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
};

type Coding = "br" | "gzip" | "identity";

interface BuiltFile {
  readonly contentType: string;
  bytesAs(coding: Coding): Uint8Array<ArrayBuffer>;
}

const compress: Readonly<Record<Coding, (bytes: Buffer) => Buffer>> = {
  br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (bytes) => gzipSync(bytes, { level: 9 }),
  identity: (bytes) => bytes,
};

// Compressed once, when first asked for: the host does not compress answers of functions.
function builtFile(path: string): BuiltFile {
  const bytes = readFileSync(path);
  const known = new Map<Coding, Uint8Array<ArrayBuffer>>();
  return {
    contentType: TYPES[extname(path)] ?? "application/octet-stream",
    bytesAs: (coding) => {
      const made = known.get(coding) ?? new Uint8Array(compress[coding](bytes));
      known.set(coding, made);
      return made;
    },
  };
}

function filesIn(folder: string): ReadonlyMap<string, BuiltFile> {
  const files = new Map<string, BuiltFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1).replaceAll("\\", "/");
    if (entry.isFile()) files.set(name, builtFile(path));
  }
  return files;
}

// RFC 9110 12.5.3, as far as browsers use it: a coding with `q=0` is refused, another one is welcome.
function codingFor(accepted: string | null): Coding {
  const welcome = (accepted ?? "")
    .split(",")
    .filter((one) => !/;\s*q=0(\.0*)?\s*$/.test(one))
    .map((one) => one.split(";")[0]?.trim().toLowerCase());
  return welcome.includes("br") ? "br" : welcome.includes("gzip") ? "gzip" : "identity";
}

/**
 * What answers for the page: `path` is what comes after `dashboard/`. Files with a hash in their name are kept by browsers
 * for a year; the page itself is asked for each time. A Problem 404 for a file that is not there, 503 before it was built.
 */
export function createDashboardFiles(
  folder = join(import.meta.dirname, "../../dashboard"),
): (path: string, acceptEncoding: string | null) => HttpResponseInit {
  let files: ReadonlyMap<string, BuiltFile> | null = null;
  const read = () => {
    try {
      files ??= filesIn(folder);
      return files;
    } catch {
      throw new Problem(503, "dashboardNotBuilt", "The page was not built: run npm run build.");
    }
  };
  return (path, acceptEncoding) => {
    const all = read();
    const isAsset = path.startsWith("assets/");
    const file = all.get(isAsset ? path : "index.html");
    if (file === undefined)
      throw new Problem(404, "fileNotFound", "The page has no such file: load it anew.");
    const coding = codingFor(acceptEncoding);
    return {
      status: 200,
      headers: {
        ...PAGE_HEADERS,
        "Content-Type": file.contentType,
        "Cache-Control": isAsset ? "public, max-age=31536000, immutable" : "no-store",
        Vary: "Accept-Encoding",
        ...(coding === "identity" ? {} : { "Content-Encoding": coding }),
      },
      body: file.bytesAs(coding),
    };
  };
}
