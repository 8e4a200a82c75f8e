// Supplies `@azure/functions-core` to the unmodified @azure/functions, the way the genuine worker does:
// by answering that one module id from Module.prototype.require (azure-functions-nodejs-worker, setupCoreModule).

import Module from "node:module";
import type {
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  ProgrammingModel,
} from "./core-types.ts";
import type { LogLevel } from "./host-events.ts";

/** A function that the app registered, before its bindings were checked. */
export interface Registration {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/** What the app left in the seam while it was loaded. */
export interface CoreSeam {
  readonly registrations: readonly Registration[];
  programmingModel(): ProgrammingModel | undefined;
  /** Ends the registration of functions; hooks may still come (they are per event). */
  lock(): void;
  runHooks(name: HookName, context: Record<string, unknown>): Promise<void>;
  /** Log hooks cannot be awaited: logging is synchronous. */
  runLogHooks(context: Record<string, unknown>): void;
}

const HOOK_NAMES = ["preInvocation", "postInvocation", "appStart", "appTerminate", "log"] as const;
type HookName = (typeof HOOK_NAMES)[number];

// The library reads this version; `app.hook.log` needs 4.34, streaming 4.28.
const HOST_VERSION = "4.1037.0";
const WORKER_VERSION = "3.10.0";

function systemError(message: string, error: Error = new Error(message)): Error {
  return Object.assign(error, { isAzureFunctionsSystemError: true });
}

class Disposable {
  readonly #dispose: () => void;

  constructor(dispose: () => void) {
    this.#dispose = dispose;
  }

  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  dispose(): void {
    this.#dispose();
  }
}

const isHookName = (name: string): name is HookName => HOOK_NAMES.some((known) => known === name);

/**
 * Installs the module for this process and returns what the app puts into it. The library remembers
 * the module on its first use, so there is one seam per process, as there is one worker per process.
 */
export function installCoreSeam(
  log: (level: LogLevel, category: "user" | "system", message: string) => void,
): CoreSeam {
  const registrations: Registration[] = [];
  const hooks = new Map<HookName, HookCallback[]>(HOOK_NAMES.map((name) => [name, []]));
  let model: ProgrammingModel | undefined;
  let locked = false;

  const core = {
    version: WORKER_VERSION,
    hostVersion: HOST_VERSION,
    Disposable,
    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
      if (locked) throw systemError("A function can only be registered during app startup.");
      const id = metadata.functionId ?? metadata.name;
      if (registrations.some((other) => (other.metadata.functionId ?? other.metadata.name) === id))
        throw systemError(`A function with id "${id}" has already been registered.`);
      const registration = { metadata, callback };
      registrations.push(registration);
      return new Disposable(() => {
        if (locked) throw systemError("A function can only be disposed during app startup.");
        registrations.splice(registrations.indexOf(registration), 1);
      });
    },
    registerHook(name: string, callback: HookCallback): Disposable {
      const list = isHookName(name) ? hooks.get(name) : undefined;
      if (!list) {
        const message = `Unrecognized hook "${name}"`;
        throw systemError(message, new RangeError(message));
      }
      list.push(callback);
      return new Disposable(() => {
        list.splice(list.indexOf(callback), 1);
      });
    },
    setProgrammingModel(next: ProgrammingModel): void {
      model = next;
    },
    getProgrammingModel: () => model,
    log,
  };

  // The patch sees ESM imports of CommonJS packages too: Node runs those through the CommonJS loader.
  const original = Module.prototype.require;
  const patched = function (this: Module, id: string): unknown {
    return id === "@azure/functions-core" ? core : Reflect.apply(original, this, [id]);
  };
  Module.prototype.require = Object.assign(patched, original);

  return {
    registrations,
    programmingModel: () => model,
    lock: () => {
      locked = true;
    },
    runHooks: async (name, context) => {
      for (const hook of hooks.get(name) ?? []) await hook(context);
    },
    runLogHooks: (context) => {
      for (const hook of hooks.get("log") ?? []) hook(context);
    },
  };
}
