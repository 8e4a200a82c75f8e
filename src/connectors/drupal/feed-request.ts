// How JSON:API is asked for the pages of a run: by keys, never by offset, which would skip users when others go.
import type { ChangesPosition, EveryonePosition } from "./feed-position.ts";

type Parameters = [string, string][];

// [path, operator, value]
type Condition = readonly [path: string, operator: string, value: string | number];

const condition = (id: string, [path, operator, value]: Condition, group?: string): Parameters => [
  [`filter[${id}][condition][path]`, path],
  [`filter[${id}][condition][operator]`, operator],
  [`filter[${id}][condition][value]`, String(value)],
  ...(group === undefined
    ? []
    : [[`filter[${id}][condition][memberOf]`, group] satisfies [string, string]]),
];

// The name of a filter is free. One of its own for each run keeps Drupal's page cache out, where an answer that was made
// just before a commit may be stored just after it, and stay.
const nameOf = (run: number): string => `run${run.toString(36)}`;

const UID = "drupal_internal__uid";

/** Users by uid: never uid 0, which nobody sees whole (facts: drupal 7). */
export const everyoneAfter = ({ run, afterUid }: EveryonePosition): Parameters => [
  ...condition(nameOf(run), [UID, ">", afterUid]),
  ["sort", UID],
];

/** The newest accounts first. */
export const newestAccounts = (run: number): Parameters => [
  ...condition(nameOf(run), [UID, ">", 0]),
  ["sort", `-${UID}`],
];

/** The last changed first, up to a second: a migration may set times in the future. */
export const lastChanged = (run: number, upTo: number): Parameters => [
  ...condition(nameOf(run), [UID, ">", 0]),
  ...condition("past", ["changed", "<=", upTo]),
  ["sort", "-changed"],
];

/**
 * Users by `changed` and uid (contract/drupal 110), in UNIX seconds: an ISO time answers nobody (facts: drupal 5). Our
 * own account always belongs to them, so that an answer is never empty while we are let in; uid 0 never does.
 */
export function changedAfter({ run, after }: ChangesPosition, ownUuid: string): Parameters {
  const any = nameOf(run);
  return [
    [`filter[${any}][group][conjunction]`, "OR"],
    ...condition("later", ["changed", ">", after.changed], any),
    ["filter[tie][group][conjunction]", "AND"],
    ["filter[tie][group][memberOf]", any],
    ...condition("same", ["changed", "=", after.changed], "tie"),
    ...condition("next", [UID, ">", after.uid], "tie"),
    ...condition("own", ["id", "=", ownUuid], any),
    ...condition("real", [UID, ">", 0]),
    ["sort", `changed,${UID}`],
  ];
}
