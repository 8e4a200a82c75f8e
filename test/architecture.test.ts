// The import table of the floor plan (src/README.md), held by a test: who may know whom.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseSync } from "oxc-parser";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const filesBelow = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));

const shipped = ["functions", "src"].flatMap(filesBelow);
const text = (file: string): string => readFileSync(join(ROOT, file), "utf8");

function importsOf(file: string): Import[] {
  const { module } = parseSync(file, text(file));
  const target = (specifier: string) =>
    specifier.startsWith(".") ? relative(ROOT, join(ROOT, dirname(file), specifier)) : specifier;
  const imported = module.staticImports.map((one) => ({
    from: file,
    to: target(one.moduleRequest.value),
    typeOnly: one.entries.length > 0 && one.entries.every((entry) => entry.isType),
  }));
  const reExported = module.staticExports
    .flatMap((one) => one.entries)
    .flatMap(({ moduleRequest, isType }) =>
      moduleRequest ? [{ from: file, to: target(moduleRequest.value), typeOnly: isType }] : [],
    );
  return [...imported, ...reExported];
}

const imports = shipped.flatMap(importsOf);

function roomOf(path: string): string {
  if (path === "src/composition-root.ts" || path.startsWith("src/composition/")) return "root";
  if (path === "src/config.ts") return "config";
  if (/^src\/sync\/(cycle-|photo-)?ports\.ts$/.test(path)) return "ports";
  const [top, room, part] = path.split("/");
  if (top === "functions") return "functions";
  if (top === "src" && room === "connectors")
    return part?.endsWith(".ts") ? "connectors" : `connectors/${part}`;
  return top === "src"
    ? (room ?? "src")
    : `package ${path
        .split("/")
        .slice(0, path.startsWith("@") ? 2 : 1)
        .join("/")}`;
}

/** May `from` import this? `type` stands for "types only". */
const TABLE: Readonly<Record<string, Readonly<Record<string, "yes" | "type">>>> = {
  functions: {
    rules: "yes",
    api: "yes",
    root: "yes",
    "package @azure/functions": "yes",
    "package zod": "yes",
  },
  root: {
    root: "yes",
    rules: "yes",
    ports: "yes",
    sync: "yes",
    "connectors/drupal": "yes",
    "connectors/entra": "yes",
    storage: "yes",
    api: "yes",
    config: "yes",
    "package @azure/identity": "yes",
  },
  config: { rules: "yes", "package zod": "yes" },
  api: {
    api: "yes",
    rules: "yes",
    config: "type",
    "package croner": "yes",
    "package csv-stringify": "yes",
    "package jose": "yes",
    "package zod": "yes",
    "package @azure/functions": "type",
  },
  // In the browser: it knows the contract's answers, and nothing of how they are made.
  dashboard: {
    dashboard: "yes",
    rules: "type",
    api: "type",
    "package preact": "yes",
    "package vite": "yes",
    "package zod": "type",
  },
  connectors: { connectors: "yes", rules: "yes" },
  "connectors/drupal": {
    "connectors/drupal": "yes",
    connectors: "yes",
    rules: "yes",
    ports: "type",
    "package zod": "yes",
    "package standardwebhooks": "yes",
  },
  "connectors/entra": {
    "package image-size": "yes",
    "connectors/entra": "yes",
    connectors: "yes",
    rules: "yes",
    ports: "type",
    "package zod": "yes",
    "package @microsoft/microsoft-graph-client": "yes",
  },
  storage: {
    storage: "yes",
    rules: "yes",
    ports: "type",
    "package zod": "yes",
    "package @azure/core-auth": "type",
    "package @azure/data-tables": "yes",
    "package @azure/storage-queue": "yes",
    "package @azure/storage-blob": "yes",
  },
  ports: { ports: "type", rules: "type" },
  sync: { sync: "yes", rules: "yes", ports: "type" },
  rules: {
    rules: "yes",
    "package zod": "yes",
    "package @marcbachmann/cel-js": "yes",
    "package re2js": "yes",
  },
};

const isBuiltin = (path: string): boolean => path.startsWith("node:");

/** The use cases: each is entered from outside, none from another. */
const USE_CASES = [
  "provision-user",
  "explain-user",
  "find-user",
  "search-users",
  "settle-conflict",
  "unlink-user",
  "change-configuration",
  "receive-events",
  "check-health",
  "record-dead-letter",
  "run-cycle",
  "start-cycle",
  "preview-configuration",
  "steer-cycle",
  "watch-cycles",
  "replay-escrow",
  "apply-retention",
  "report-drift",
].map((name) => `src/sync/${name}.ts`);

describe("the floor plan", () => {
  it("lets each room import only what the table allows", () => {
    const refused = imports
      .filter(({ to }) => !isBuiltin(to))
      .filter(({ from, to, typeOnly }) => {
        const leave = TABLE[roomOf(from)]?.[roomOf(to)];
        return leave !== "yes" && !(leave === "type" && typeOnly);
      })
      .map(({ from, to }) => `${from} imports ${to}`);
    expect(refused).toEqual([]);
  });

  it("keeps use cases apart: none imports another, except for its types", () => {
    const crossing = imports.filter(
      ({ from, to, typeOnly }) => !typeOnly && USE_CASES.includes(from) && USE_CASES.includes(to),
    );
    expect(crossing).toEqual([]);
  });

  it("has no import cycles", () => {
    const edges = new Map(shipped.map((file) => [file, new Set<string>()]));
    for (const { from, to, typeOnly } of imports) if (!typeOnly) edges.get(from)?.add(to);
    const cycles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file))
        cycles.push([...trail.slice(trail.indexOf(file)), file].join(" -> "));
      if (trail.includes(file) || done.has(file)) return;
      for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
      done.add(file);
    };
    for (const file of shipped) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it("ships nothing of the stand-ins for the cloud", () => {
    const leaking = imports.filter(({ to }) => to.startsWith("infra/") || to.startsWith("test/"));
    expect(leaking).toEqual([]);
  });

  it("reads the environment in one place and the clock in none of the rules", () => {
    const environment = shipped.filter(
      (file) => text(file).includes("process.env") && file !== "src/config.ts",
    );
    const clocks = shipped.filter(
      (file) =>
        file.startsWith("src/rules/") && /Date\.now\(|new Date\(\)|Math\.random\(/.test(text(file)),
    );
    expect({ environment, clocks }).toEqual({ environment: [], clocks: [] });
  });

  it("names files in kebab-case, without the words that say nothing, and begins each with its role", () => {
    const vague =
      /(^|[-/])(utils?|helpers?|managers?|services?|impl|common|index|misc)(\.tsx?$|-|\/)/;
    const badlyNamed = shipped.filter((file) => vague.test(file) || !/^[a-z0-9/.-]+$/.test(file));
    const headless = shipped.filter((file) => !text(file).startsWith("// "));
    const long = shipped.filter((file) => text(file).split("\n").length > 301);
    expect({ badlyNamed, headless, long }).toEqual({ badlyNamed: [], headless: [], long: [] });
  });

  it("names no function or route so that the host would refuse it", () => {
    const refused = shipped
      .filter((file) => file.startsWith("functions/"))
      .filter(
        (file) =>
          /route: "(admin|runtime)/i.test(text(file)) || /functions\/(admin|runtime)/.test(file),
      );
    expect(refused).toEqual([]);
  });
});
