// The invocation that something happens in, for what is deep inside and still has a word for the log.
import { AsyncLocalStorage } from "node:async_hooks";
import { type LogEvent, logLine } from "../rules/log-line.ts";

/** Where the lines of an invocation go: the Functions context, whose lines reach Application Insights with its id. */
export interface Invocation {
  warn(line: string): void;
}

const current = new AsyncLocalStorage<Invocation>();

/** Runs a handler so that {@link warn} speaks for it. */
export const duringInvocation = <T>(invocation: Invocation, handle: () => T): T =>
  current.run(invocation, handle);

/** A warning of the invocation that we are in; outside of one nobody hears it. */
export function warn(event: LogEvent): void {
  current.getStore()?.warn(logLine(event));
}
