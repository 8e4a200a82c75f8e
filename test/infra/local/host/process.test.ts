// The host as a process: settings, timeout, crash, a lost parent, and startHost without a process.

import { expect, it } from "vitest";
import { spawnHost } from "../../../../infra/local/host/spawn-host.ts";
import { startHost } from "../../../../infra/local/host/start-host.ts";
import { eventually } from "./eventually.ts";

const appDirectory = new URL("./fixtures/hanging", import.meta.url).pathname;

it("fills the environment from the settings file without overriding it, and hides its keys", async () => {
  const host = await spawnHost({
    appDirectory,
    settingsFile: `${appDirectory}/settings.json`,
    settings: { IN_BOTH: "environment" },
    keys: { master: "the-master-key" },
  });
  const response = await fetch(`${host.url}/api/settings`);
  expect(await response.json()).toEqual({
    file: "file",
    both: "environment",
    keys: null,
    runtime: "node",
  });
  expect(await host.close()).toBe(0);
});

it("fails a function that exceeds functionTimeout, and gives the process up", async () => {
  const host = await spawnHost({ appDirectory });
  expect((await fetch(`${host.url}/api/hangs`)).status).toBe(500);
  await eventually(() => host.process.exitCode !== null);
  expect(host.process.exitCode).toBe(1);
  expect(host.events.find(({ kind }) => kind === "fatal")).toMatchObject({
    message: 'Timeout of 300 ms exceeded by function "hangs". The worker has to be restarted.',
  });
});

it("stops when its parent is gone, and at once when it is killed", async () => {
  const orphan = await spawnHost({ appDirectory });
  orphan.process.disconnect();
  await eventually(() => orphan.process.exitCode !== null);
  expect(orphan.events.at(-1)).toMatchObject({ kind: "stopped" });

  const killed = await spawnHost({ appDirectory });
  await killed.kill();
  expect(killed.process.signalCode).toBe("SIGKILL");
  await expect(fetch(`${killed.url}/api/settings`)).rejects.toThrow();
});

it("says in one line that its port is in use", async () => {
  const host = await spawnHost({ appDirectory });
  const port = Number(new URL(host.url).port);
  await expect(spawnHost({ appDirectory, port })).rejects.toThrow(
    new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port}: [^\\n]*EADDRINUSE[^\\n]*$`),
  );
  await host.close();
});

it("runs in the process of its caller too, once", async () => {
  const options = { appDirectory, port: 0, settings: { FROM_FILE: "given" } };
  const host = await startHost(options);
  const response = await fetch(`${host.url}/api/settings`);
  expect(await response.json()).toMatchObject({ file: "given" });
  expect(host.functions.map(({ name }) => name)).toEqual(["hangs", "settings"]);
  await expect(startHost(options)).rejects.toThrow("A process can run one Functions host");
  await host.close();
});
