// One route as the published contract tells of it.
import type { z } from "zod";
import type { Right } from "../principal.ts";

/** Who may ask: anyone, the sender of a signed webhook, the site's console, or an account with an app role. */
export type Who = "anyone" | "signature" | "console" | Right;

/** The parts of the API, in the order in which they are told. */
export const TAGS = {
  Cycles: "Passes over everyone, or over what changed, of one system; their plans and approvals.",
  Provisioning: "One user, now.",
  Links: "Who belongs to whom, and why a user is as they are.",
  "Audit log": "What was done, to whom, by whose word, and how it ended.",
  Drift: "Who is not the same on both sides.",
  Escrow: "Users who wait to be tried again.",
  Configuration: "What is synced, and how: one JSON document with a history.",
  Webhooks: "What Drupal tells.",
  "Drupal's console":
    "What the Drupal module may ask for the people of its site, where DRUPAL_CONSOLE is on.",
  Service: "The app itself.",
} as const;

/** The codes that errors of one status may carry, each with what it means. `*` stands for codes that are not listed. */
export type ProblemCodes = Readonly<Record<string, string>>;

/** An answer that is no error. */
export interface Answer {
  readonly description: string;
  /** By media type: a schema, or null for bytes. Left out where there is no body. */
  readonly content?: Readonly<Record<string, z.ZodType | null>>;
  /** By name, with what it tells. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A route with a method. */
export interface Operation {
  /** The function's name in camelCase: logs and clients speak of the same. */
  readonly id: string;
  readonly method: "get" | "post" | "put" | "delete";
  /** As the function registers it, below `/api`. */
  readonly route: string;
  readonly tag: keyof typeof TAGS;
  readonly summary: string;
  readonly description?: string;
  /** Each of them may; those behind the first are told more. */
  readonly who: readonly [Who, ...Who[]];
  /** By where they stand: the schemas that the route parses with. */
  readonly parameters?: Readonly<Partial<Record<"path" | "query" | "header", z.ZodObject>>>;
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, Answer>>;
  /** By status: errors of its own, beside those that follow from what it takes (`problemsOf`). */
  readonly problems?: Readonly<Record<number, ProblemCodes>>;
}
