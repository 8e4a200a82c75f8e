// Loads a compiled app in the order of the genuine worker: files of `main`, appStart hooks, capabilities, lock.

import { globSync, readFileSync } from "node:fs";
import { Server } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { CoreSeam } from "./core-seam.ts";
import type { ProgrammingModel } from "./core-types.ts";
import { describeIssues, HostError, messageOf } from "./host-error.ts";

const PackageJson = z.object({ main: z.string().min(1) });

/** A loaded app. */
export interface LoadedApp {
  readonly model: ProgrammingModel;
  /** Data that all hooks of the app share. */
  readonly appHookData: Record<string, unknown>;
  /** The port of the library's own HTTP server when the app enabled HTTP streams. */
  readonly streamPort: number | undefined;
  /** Closes the library's own HTTP server. */
  closeStreamServer(): void;
}

/** Imports the app's files and settles its set-up. */
export async function loadApp(appDirectory: string, seam: CoreSeam): Promise<LoadedApp> {
  for (const file of filesOfMain(appDirectory)) {
    try {
      // Like the worker on Node 20 and later: an error while loading is fatal for the whole app.
      await import(pathToFileURL(join(appDirectory, file)).href);
    } catch (error) {
      throw new HostError(`${file} cannot be loaded: ${messageOf(error)}`);
    }
  }
  const model = seam.programmingModel();
  if (!model || seam.registrations.length === 0)
    throw new HostError(
      "The app registered no function: is there exactly one copy of @azure/functions?",
    );
  const appHookData: Record<string, unknown> = {};
  await seam.runHooks("appStart", {
    hookData: {},
    appHookData,
    functionAppDirectory: appDirectory,
  });
  const { capabilities, server } = await capabilitiesOf(model);
  seam.lock();
  const httpUri = capabilities.HttpUri;
  return {
    model,
    appHookData,
    streamPort: httpUri === undefined ? undefined : Number(new URL(httpUri).port),
    closeStreamServer: () => server?.close(),
  };
}

function filesOfMain(appDirectory: string): string[] {
  const file = join(appDirectory, "package.json");
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new HostError(`package.json cannot be read: ${messageOf(error)}`);
  }
  const parsed = PackageJson.safeParse(json);
  if (!parsed.success) throw new HostError(`package.json: ${describeIssues(parsed.error.issues)}`);
  const files = globSync(parsed.data.main, { cwd: appDirectory }).sort();
  if (files.length === 0)
    throw new HostError(
      `Found zero files matching the supplied pattern "${parsed.data.main}": was the app built?`,
    );
  return files;
}

/**
 * Asks the library for its capabilities. With HTTP streams it opens a server here, with `listen()` and so
 * on all interfaces and without any authentication; bound to loopback only the host can reach it.
 */
async function capabilitiesOf(
  model: ProgrammingModel,
): Promise<{ capabilities: Record<string, string>; server: Server | undefined }> {
  let server: Server | undefined;
  const original = Server.prototype.listen;
  Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
    server = this;
    const [callback] = args;
    if (typeof callback !== "function")
      throw new HostError("The library opened its HTTP server in an unknown way.");
    return Reflect.apply(original, this, [0, "127.0.0.1", callback]);
  };
  let pending: Promise<Record<string, string>>;
  try {
    // The library calls listen before its first await, so the patch is gone before anyone else listens.
    pending = model.getCapabilities({
      RawHttpBodyBytes: "true",
      RpcHttpTriggerMetadataRemoved: "true",
      RpcHttpBodyOnly: "true",
      IgnoreEmptyValuedRpcHttpHeaders: "true",
      UseNullableValueDictionaryForHttp: "true",
      WorkerStatus: "true",
      TypedDataCollection: "true",
      HandlesWorkerTerminateMessage: "true",
    });
  } finally {
    Server.prototype.listen = original;
  }
  return { capabilities: await pending, server };
}
