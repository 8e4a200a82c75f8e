// `npm start` as a newcomer meets it: what it says, what it takes for real, and how it stops.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { readStartOptions, StartFault } from "../../../infra/local/start-options.ts";

const REPOSITORY = resolve(import.meta.dirname, "../../..");

function appFolder(values: Record<string, string> | null): string {
  const folder = mkdtempSync(join(tmpdir(), "start-"));
  const write = (name: string, Values: object) =>
    writeFileSync(join(folder, name), JSON.stringify({ Values }));
  write("local.settings.sample.json", {
    DRUPAL_BASE_URL: "http://127.0.0.1:8088",
    GRAPH_BASE_URL: "http://127.0.0.1:8089",
  });
  if (values !== null) write("local.settings.json", values);
  return folder;
}

describe("what npm start is asked for", () => {
  it("is 50 people on the usual ports, with both simulators", () => {
    expect(readStartOptions([], {}, appFolder(null))).toMatchObject({
      people: 50,
      functionsPort: 7071,
      drupalPort: 8088,
      graphPort: 8089,
      useDrupalSimulator: true,
      useGraphSimulator: true,
    });
  });

  it("moves the simulators with their ports, without taking the sample's addresses for real systems", () => {
    const options = readStartOptions(
      ["--empty"],
      { DRUPAL_PORT: "9001", GRAPH_PORT: "9002" },
      appFolder(null),
    );
    expect(options).toMatchObject({
      people: 0,
      drupalPort: 9001,
      useDrupalSimulator: true,
      useGraphSimulator: true,
    });
  });

  it("uses the real Drupal and the real Entra where local.settings.json names them", () => {
    const drupal = appFolder({ DRUPAL_BASE_URL: "https://www.contoso.example" });
    expect(readStartOptions([], {}, drupal)).toMatchObject({
      useDrupalSimulator: false,
      useGraphSimulator: true,
    });
    const localDrupal = appFolder({ DRUPAL_BASE_URL: "http://127.0.0.1:8888" });
    expect(readStartOptions([], {}, localDrupal).useDrupalSimulator).toBe(false);
    const entra = appFolder({ ENTRA_TENANT_ID: crypto.randomUUID() });
    expect(readStartOptions([], {}, entra)).toMatchObject({
      useDrupalSimulator: true,
      useGraphSimulator: false,
    });
  });

  const faults: readonly [string, string[], Record<string, string>, RegExp][] = [
    ["a port that is no number", [], { GRAPH_PORT: "abc" }, /GRAPH_PORT must be a port number/],
    ["too high a port", [], { FUNCTIONS_PORT: "70000" }, /FUNCTIONS_PORT/],
    ["half a person", ["--users", "1.5"], {}, /--users takes a whole number/],
    ["an unknown flag", ["--colour"], {}, /Usage/],
  ];
  for (const [what, argv, env, message] of faults) {
    it(`is refused in one line: ${what}`, () => {
      const read = () => readStartOptions(argv, env, appFolder(null));
      expect(read).toThrow(StartFault);
      expect(read).toThrow(message);
    });
  }
});

describe("npm start", () => {
  let child: ChildProcess | undefined;
  afterEach(() => void child?.kill("SIGKILL"));

  function start(env: Record<string, string>, argv: readonly string[] = []) {
    const process_ = spawn(process.execPath, [join(REPOSITORY, "infra/local/start.ts"), ...argv], {
      env: {
        ...process.env,
        FUNCTIONS_PORT: "0",
        DRUPAL_PORT: "0",
        GRAPH_PORT: "0",
        LOCAL_DATA: mkdtempSync(join(tmpdir(), "data-")),
        ...env,
      },
    });
    child = process_;
    let output = "";
    process_.stdout.on("data", (chunk) => {
      output += chunk;
    });
    process_.stderr.on("data", (chunk) => {
      output += chunk;
    });
    const ended = new Promise<number | null>((done) => process_.once("close", done));
    return { process: process_, ended, output: () => output };
  }

  it("says what runs where, ends its screen with Ready:, and stops it all on Ctrl-C", async () => {
    const started = start({}, ["--users", "3"]);
    await expect.poll(started.output, { timeout: 30_000 }).toMatch(/^Ready: /m);
    const lines = started.output().trimEnd().split("\n");
    expect(lines.at(-1)).toMatch(/^Ready: /);
    const url = (name: string) =>
      new RegExp(`${name} +(http://[^ ]+)`).exec(started.output())?.[1] ?? "";
    const people = await (await fetch(`${url("Drupal")}_page/users`)).json();
    expect(z.looseObject({ total: z.number() }).parse(people).total).toBeGreaterThanOrEqual(3);
    for (const name of ["Dashboard", "Contract"]) expect((await fetch(url(name))).status).toBe(200);
    for (const name of ["Drupal", "Entra"]) {
      const page = await (await fetch(`${url(name)}_page/users`)).json();
      expect(page, `${name} knows where to ask for a sync`).toMatchObject({ canSync: true });
    }
    started.process.kill("SIGINT");
    expect(await started.ended).toBe(0);
    await expect(fetch(url("Entra"))).rejects.toThrow();
  }, 60_000);

  it("says in one line that a port is in use, and starts nothing", async () => {
    const taken = createServer();
    await new Promise<void>((done) => taken.listen(0, "127.0.0.1", done));
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? String(address.port) : "";
    const started = start({ GRAPH_PORT: port });
    expect(await started.ended).toBe(1);
    expect(started.output().trim().split("\n").at(-1)).toBe(
      `Port ${port} for the Graph simulator is in use: free it, or set GRAPH_PORT to another.`,
    );
    taken.close();
  }, 60_000);
});
