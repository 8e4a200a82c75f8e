// The users that a cycle told of: page by page for people and programs, and one row for each change as CSV.
import { z } from "zod";
import { CYCLE_OUTCOMES, type Cycle, type CycleUser } from "../rules/cycle.ts";
import { readContinuation, writeContinuation } from "./continuation.ts";
import { pageParameters } from "./query.ts";
import { valueText } from "./value-text.ts";

/** Reads one page of a cycle's users; null before anyone of it was served. */
export type ReadUsers = (id: string, page: number) => Promise<readonly (CycleUser | null)[] | null>;

/** The query of GET cycles/{id}. */
export const cycleParameters = pageParameters.extend({
  outcome: z.enum(CYCLE_OUTCOMES).optional().describe("Only users who ended so."),
  format: z
    .enum(["json", "csv"])
    .default("json")
    .describe("csv: each change of each user as a row."),
  bom: z
    .enum(["true", "false"])
    .default("false")
    .describe("true: the CSV file begins with a byte order mark, for Excel."),
});

interface Place {
  readonly page: number;
  readonly at: number;
}

async function* usersFrom(cycle: Cycle, { page, at }: Place, read: ReadUsers) {
  for (let number = page; number < cycle.nominated.pages; number += 1) {
    const users = (await read(cycle.id, number)) ?? [];
    for (const [index, user] of users.entries()) {
      if (user !== null && (number > page || index >= at))
        yield { user, place: { page: number, at: index } };
    }
  }
}

const place = z.tuple([z.string(), z.int().min(0), z.int().min(0)]);

function placeOf(continuation: string | undefined, of: string): Place {
  if (continuation === undefined) return { page: 0, at: 0 };
  const [, page, at] = readContinuation(continuation, place, ([name]) => name === of);
  return { page, at };
}

/** Up to `limit` users with the outcome, and where the next page is. */
export async function pageOfUsers(
  cycle: Cycle,
  query: z.infer<typeof cycleParameters>,
  read: ReadUsers,
): Promise<{ readonly items: readonly CycleUser[]; readonly continuation: string | null }> {
  const { outcome, limit, continuation } = query;
  const name = `${cycle.id} ${outcome ?? ""}`;
  const items: CycleUser[] = [];
  for await (const { user, place: at } of usersFrom(cycle, placeOf(continuation, name), read)) {
    if (outcome !== undefined && user.outcome !== outcome) continue;
    if (items.length === limit) {
      return { items, continuation: writeContinuation([name, at.page, at.at]) };
    }
    items.push(user);
  }
  return { items, continuation: null };
}

/** The columns of the CSV form. */
export const CYCLE_COLUMNS = [
  "displayName",
  "drupalUuid",
  "entraObjectId",
  "outcome",
  "reason",
  "message",
  "system",
  "operation",
  "attribute",
  "before",
  "after",
  "why",
] as const;

/** Each change of each user as a row; a user without changes has one row. */
export async function* cycleRows(
  cycle: Cycle,
  outcome: CycleUser["outcome"] | undefined,
  read: ReadUsers,
): AsyncGenerator<Record<string, string>> {
  for await (const { user } of usersFrom(cycle, { page: 0, at: 0 }, read)) {
    if (outcome !== undefined && user.outcome !== outcome) continue;
    const { displayName, drupalUuid, entraObjectId, reason, steps } = user;
    const common = {
      displayName: displayName ?? "",
      drupalUuid: drupalUuid ?? "",
      entraObjectId: entraObjectId ?? "",
      outcome: user.outcome,
      reason: reason.code,
      message: reason.message,
    };
    if (steps.length === 0) yield common;
    for (const { system, operation, changes } of steps) {
      if (changes.length === 0) yield { ...common, system, operation };
      for (const { attribute, before, after, why } of changes)
        yield {
          ...common,
          system,
          operation,
          attribute,
          before: valueText(before),
          after: valueText(after),
          why,
        };
    }
  }
}
