// Checks what the app registered: the triggers, bindings and options that this host runs, and nothing else.

import { z } from "zod";
import { isDisabled, resolveConnection, resolvePercent } from "./app-settings.ts";
import type { Registration } from "./core-seam.ts";
import { describeIssues, HostError } from "./host-error.ts";
import { type RetryPolicy, readRetryPolicy } from "./retry-policy.ts";

/** Who may call an HTTP function. */
export type AuthLevel = "anonymous" | "function" | "admin";

/** What starts a function. */
export type Trigger =
  | {
      readonly kind: "http";
      readonly name: string;
      readonly route: string;
      readonly methods: readonly string[];
      readonly authLevel: AuthLevel;
    }
  | {
      readonly kind: "queue";
      readonly name: string;
      readonly queueName: string;
      readonly connectionString: string;
    }
  | {
      readonly kind: "timer";
      readonly name: string;
      readonly schedule: string;
      readonly runOnStartup: boolean;
      readonly useMonitor: boolean;
    };

/** The triggers of one kind. */
export type TriggerOf<K extends Trigger["kind"]> = Extract<Trigger, { kind: K }>;

/** A queue that receives what the function puts out under `name`. */
export interface QueueOutput {
  readonly name: string;
  readonly queueName: string;
  readonly connectionString: string;
}

/** A function that this host can run. */
export interface FunctionDefinition<T extends Trigger = Trigger> {
  readonly name: string;
  readonly trigger: T;
  readonly queueOutputs: readonly QueueOutput[];
  readonly retry: RetryPolicy | undefined;
  readonly disabled: boolean;
  readonly registration: Registration;
}

const common = {
  name: z.string(),
  direction: z.literal("in"),
  properties: z
    .strictObject({
      supportsDeferredBinding: z.literal("false", "sdkBinding is not modelled"),
    })
    .optional(),
};

const HttpTrigger = z.strictObject({
  ...common,
  type: z.literal("httpTrigger"),
  route: z.string().optional(),
  methods: z
    .array(z.string().regex(/^[a-z]+$/i, "not an HTTP method"))
    .min(1, "at least one method"),
  authLevel: z.enum(["anonymous", "function", "admin"]),
});

const QueueTrigger = z.strictObject({
  ...common,
  type: z.literal("queueTrigger"),
  queueName: z.string(),
  connection: z.string().optional(),
});

const TimerTrigger = z.strictObject({
  ...common,
  type: z.literal("timerTrigger"),
  schedule: z.string(),
  runOnStartup: z.boolean().optional(),
  useMonitor: z.boolean().optional(),
});

const AnyTrigger = z.discriminatedUnion("type", [HttpTrigger, QueueTrigger, TimerTrigger]);

const HttpReturn = z.strictObject({
  name: z.string().optional(),
  type: z.literal("http"),
  direction: z.literal("out"),
});

const QueueOut = z.strictObject({
  name: z.string().optional(),
  type: z.literal("queue"),
  direction: z.literal("out"),
  queueName: z.string(),
  connection: z.string().optional(),
});

const AnyBinding = z.looseObject({ type: z.string(), direction: z.enum(["in", "out", "inout"]) });

const isTriggerType = (type: string): boolean => /trigger$/i.test(type);

/** Checks one registration and resolves its settings. Throws a HostError that names the function. */
export function describeFunction(registration: Registration): FunctionDefinition {
  const { name, bindings, retryOptions } = registration.metadata;
  const where = `Function "${name}"`;
  // The host's rule for function names (FunctionMetadataManager / Utility.ValidateName).
  if (!/^[a-z][a-z0-9_-]{0,127}$/i.test(name))
    throw new HostError(`${where}: the name is not valid.`);

  let trigger: Trigger | undefined;
  const queueOutputs: QueueOutput[] = [];
  const returns: string[] = [];
  for (const [bindingName, binding] of Object.entries(bindings)) {
    const { type, direction } = check(AnyBinding, binding, `${where}, binding "${bindingName}"`);
    const at = `${where}, ${type}`;
    if (isTriggerType(type)) {
      trigger = readTrigger(name, bindingName, binding, type, at);
    } else if (direction !== "out") {
      throw new HostError(`${at}: input bindings are not modelled.`);
    } else if (type === "queue") {
      const output = check(QueueOut, binding, at);
      queueOutputs.push({ name: bindingName, ...readQueue(output, at) });
      if (bindingName === "$return") returns.push("queue");
    } else if (type === "http" && bindingName === "$return") {
      check(HttpReturn, binding, at);
      returns.push("http");
    } else {
      throw new HostError(`${at}: this output binding is not modelled.`);
    }
  }
  if (!trigger) throw new HostError(`${where}: there is no trigger.`);
  if ((trigger.kind === "http") !== returns.includes("http"))
    throw new HostError(`${where}: an http return belongs to an http trigger and only to one.`);
  return {
    name,
    trigger,
    queueOutputs,
    retry: readRetryPolicy(retryOptions, trigger.kind, where),
    disabled: isDisabled(name),
    registration,
  };
}

function readTrigger(
  functionName: string,
  name: string,
  binding: unknown,
  type: string,
  at: string,
): Trigger {
  if (!["httpTrigger", "queueTrigger", "timerTrigger"].includes(type))
    throw new HostError(`${at}: this trigger is not modelled.`);
  const trigger = check(AnyTrigger, binding, at);
  switch (trigger.type) {
    case "httpTrigger":
      return {
        kind: "http",
        name,
        route: resolvePercent(trigger.route ?? functionName, at),
        methods: trigger.methods.map((method) => method.toUpperCase()),
        authLevel: trigger.authLevel,
      };
    case "queueTrigger":
      return { kind: "queue", name, ...readQueue(trigger, at) };
    case "timerTrigger":
      return {
        kind: "timer",
        name,
        schedule: resolvePercent(trigger.schedule, at),
        runOnStartup: trigger.runOnStartup ?? false,
        useMonitor: trigger.useMonitor ?? true,
      };
  }
}

function readQueue(
  binding: { readonly queueName: string; readonly connection?: string | undefined },
  at: string,
): { queueName: string; connectionString: string } {
  const queueName = resolvePercent(binding.queueName, at).toLowerCase();
  if (queueName.includes("{"))
    throw new HostError(`${at}: binding expressions ("${queueName}") are not modelled.`);
  // Naming Queues and Metadata, Azure Storage REST reference.
  if (!/^[a-z0-9](?:-?[a-z0-9])*$/.test(queueName) || queueName.length < 3 || queueName.length > 63)
    throw new HostError(`${at}: "${queueName}" is not a valid queue name.`);
  return { queueName, connectionString: resolveConnection(binding.connection, at) };
}

function check<T extends z.ZodType>(schema: T, value: unknown, at: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new HostError(`${at}: ${describeIssues(parsed.error.issues)}`);
  return parsed.data;
}

/** Tells functions of one kind apart, for `filter`. */
export function hasTrigger<K extends Trigger["kind"]>(
  kind: K,
): (definition: FunctionDefinition) => definition is FunctionDefinition<TriggerOf<K>> {
  return (definition): definition is FunctionDefinition<TriggerOf<K>> =>
    definition.trigger.kind === kind;
}
