// Runs one invocation the way the worker's InvocationHandler does: arguments, hooks, handler, hooks, response.

import { randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import type { CoreSeam } from "./core-seam.ts";
import type { CoreInvocationContext, RetryContext, RpcTypedData } from "./core-types.ts";
import type { FunctionDefinition } from "./describe-function.ts";
import { messageOf } from "./host-error.ts";
import type { LogLevel, Report } from "./host-events.ts";
import type { LoadedApp } from "./load-app.ts";

/** What an invocation is started with. */
export interface InvokeRequest {
  readonly definition: FunctionDefinition;
  readonly reason: string;
  readonly input: RpcTypedData;
  readonly triggerMetadata?: Readonly<Record<string, RpcTypedData>>;
  readonly retryContext?: RetryContext;
  readonly invocationId?: string;
  /** Work that belongs to the invocation after the handler: output bindings. Its failure fails the invocation. */
  readonly afterwards?: (response: InvocationResponse) => Promise<void>;
}

const Output = z.object({
  string: z.string().nullish(),
  json: z.string().nullish(),
  bytes: z.instanceof(Uint8Array).nullish(),
  int: z.number().nullish(),
  double: z.number().nullish(),
  http: z.unknown().optional(),
});

const Response = z.object({
  outputData: z.array(z.object({ name: z.string(), data: Output })).default([]),
  returnValue: Output.nullish(),
});

/** A value that a function put out. */
export type OutputValue = z.output<typeof Output>;

/** What an invocation put out. */
export type InvocationResponse = z.output<typeof Response> & {
  /** The handler returned undefined or null. */
  readonly returnedNothing: boolean;
};

/** Runs functions of one app; rejects when the invocation failed. */
export type Invoke = (request: InvokeRequest) => Promise<InvocationResponse>;

/** An invocation that ran longer than functionTimeout. */
export class FunctionTimeoutError extends Error {
  override name = "FunctionTimeoutError";
}

const Arguments = z.object({ context: z.unknown(), inputs: z.array(z.unknown()) });
// Hooks may replace these; the library's hook contexts write through to the plain object.
const PreHook = z.object({
  inputs: z.array(z.unknown()),
  functionCallback: z.custom<(...args: unknown[]) => unknown>(
    (value) => typeof value === "function",
  ),
});

/** Makes the function that runs invocations of a loaded app. */
export function createInvoke(options: {
  readonly app: LoadedApp;
  readonly seam: CoreSeam;
  readonly report: Report;
  readonly timeoutMs: number;
}): Invoke {
  const { app, seam, report, timeoutMs } = options;

  return async (request) => {
    const { definition } = request;
    const invocationId = request.invocationId ?? randomUUID();
    const about = { function: definition.name, invocationId };
    report({ kind: "start", ...about, reason: request.reason });
    const started = performance.now();
    const finish = (error?: unknown): void =>
      report({
        kind: "end",
        ...about,
        durationMs: Math.round((performance.now() - started) * 10) / 10,
        success: error === undefined,
        ...(error === undefined ? {} : { error: messageOf(error) }),
      });
    try {
      const response = await withTimeout(
        run(app, seam, report, request, invocationId),
        timeoutMs,
        definition.name,
      );
      await request.afterwards?.(response);
      finish();
      return response;
    } catch (error) {
      finish(error ?? new Error("The function threw an empty value."));
      throw error;
    }
  };
}

async function run(
  app: LoadedApp,
  seam: CoreSeam,
  report: Report,
  request: InvokeRequest,
  invocationId: string,
): Promise<InvocationResponse> {
  const { definition } = request;
  const { appHookData } = app;
  const hookData: Record<string, unknown> = {};
  let invocationContext: unknown;
  const core: CoreInvocationContext = {
    invocationId,
    metadata: definition.registration.metadata,
    state: undefined,
    request: {
      invocationId,
      functionId: definition.name,
      inputData: [{ name: definition.trigger.name, data: request.input }],
      triggerMetadata: request.triggerMetadata ?? {},
      traceContext: {
        // W3C Trace Context, version 00, not sampled.
        traceParent: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`,
        traceState: "",
        attributes: {},
      },
      ...(request.retryContext ? { retryContext: request.retryContext } : {}),
    },
    log: (level: LogLevel, category, message) => {
      const entry = { hookData, appHookData, invocationContext, level, category, message };
      seam.runLogHooks(entry);
      report({
        kind: "log",
        level: entry.level,
        category,
        message: String(entry.message),
        function: definition.name,
        invocationId,
      });
    },
  };

  const model = app.model.getInvocationModel(core);
  const { context, inputs } = Arguments.parse(await model.getArguments());
  invocationContext = context;

  core.state = "preInvocationHooks";
  const pre: Record<string, unknown> = {
    hookData,
    appHookData,
    invocationContext: context,
    functionCallback: definition.registration.callback,
    inputs,
  };
  await seam.runHooks("preInvocation", pre);
  const call = PreHook.parse(pre);

  core.state = "invocation";
  const post: Record<string, unknown> = {
    hookData,
    appHookData,
    invocationContext: context,
    inputs: call.inputs,
    result: null,
    error: null,
  };
  try {
    post.result = await model.invokeFunction(context, call.inputs, call.functionCallback);
  } catch (error) {
    post.error = error;
  }
  core.state = "postInvocationHooks";
  await seam.runHooks("postInvocation", post);
  core.state = undefined;
  if (post.error !== null && post.error !== undefined) throw post.error;
  return {
    ...Response.parse(await model.getResponse(context, post.result)),
    returnedNothing: post.result === undefined || post.result === null,
  };
}

async function withTimeout<T>(work: Promise<T>, ms: number, name: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new FunctionTimeoutError(`Timeout of ${ms} ms exceeded by function "${name}".`)),
      ms,
    );
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
