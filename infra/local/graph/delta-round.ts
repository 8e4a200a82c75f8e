// Where a reader is in a delta round: the tokens of users/delta and groups/delta, their life and their links.
import * as z from "zod";
import { readDeltaIds } from "./delta-ids.ts";
import { badRequest, GraphError, unsupportedQuery } from "./graph-error.ts";
import { context, type GraphCall, type GraphReply } from "./graph-message.ts";
import type { JsonObject } from "./json-value.ts";
import { packToken, unpackToken } from "./page-token.ts";
import { requireOptions } from "./query-options.ts";
import type { Tenant } from "./tenant.ts";

const TOKEN_LIFE_MS = 7 * 24 * 3_600_000;

const roundShape = z.object({
  generation: z.string(),
  resource: z.enum(["users", "groups"]),
  /** initial: everything there is; changes: what happened after `since`. */
  mode: z.enum(["initial", "changes"]),
  select: z.array(z.string()).nullable(),
  ids: z.array(z.string()).nullable(),
  since: z.number().int(),
  /** Last change of this round, fixed at its first page; absent in a deltaLink. */
  upTo: z.number().int().nullable(),
  at: z.number().int(),
  issuedAt: z.number(),
  /** An empty page was already sent at this place (deltaNoise). */
  paused: z.boolean(),
});

/** The state that a token holds. */
export type DeltaRound = z.infer<typeof roundShape>;

/** One page's items and how the round goes on; `next` undefined ends it. */
export interface DeltaPage {
  readonly items: readonly JsonObject[];
  readonly next: number | undefined;
}

const expired = (): GraphError =>
  new GraphError(
    400,
    "syncStateNotFound",
    "The sync state generation is not found. The delta token is expired and data must be synchronized again.",
  );

const gone = (call: GraphCall, round: DeltaRound | undefined): GraphError => {
  // delta-query-overview: Location is the request URL with an empty $deltatoken.
  const select = round?.select ? `$select=${round.select.join(",")}&` : "";
  const location = `${call.origin}/v1.0/${call.segments.join("/")}?${select}$deltatoken=`;
  return new GraphError(
    410,
    "resyncRequired",
    "Resync required. Replace any local items with the server's version.",
    undefined,
    { Location: location },
  );
};

const readRound = (
  tenant: Tenant,
  call: GraphCall,
  resource: DeltaRound["resource"],
  token: string,
): DeltaRound => {
  const round = unpackToken(token, roundShape);
  if (tenant.settings.deltaExpired === "gone") throw gone(call, round);
  if (tenant.settings.deltaExpired === "syncStateNotFound") throw expired();
  if (round === undefined || round.resource !== resource) throw badRequest("Badly formed token.");
  // Another life of the directory knows nothing of this token; nor does this one after 7 days.
  const tooOld = tenant.clock.now() - round.issuedAt > TOKEN_LIFE_MS;
  if (round.generation !== tenant.generation || tooOld) throw expired();
  return round;
};

/** The round a request opens or goes on with. */
export function openRound(
  tenant: Tenant,
  call: GraphCall,
  resource: DeltaRound["resource"],
  horizon: number,
  select: readonly string[] | undefined,
): DeltaRound {
  // $top is silently ignored (docs issue 17516); the rest is refused.
  requireOptions(call, ["$select", "$filter", "$deltatoken", "$skiptoken", "$top"]);
  const skip = call.query.get("$skiptoken");
  const delta = call.query.get("$deltatoken");
  const filter = call.query.get("$filter");
  if (skip !== undefined) {
    if (select !== undefined || filter !== undefined || delta !== undefined) {
      throw unsupportedQuery("Query options cannot be repeated with $skiptoken.");
    }
    return readRound(tenant, call, resource, skip);
  }
  if (delta !== undefined && delta !== "" && delta !== "latest") {
    if (filter !== undefined) {
      throw unsupportedQuery("$filter cannot be repeated with $deltatoken.");
    }
    const round = readRound(tenant, call, resource, delta);
    // $select next to a delta token changes what is tracked from now on.
    const tracked = select === undefined ? round.select : [...select];
    return { ...round, mode: "changes", select: tracked, upTo: horizon, at: 0, paused: false };
  }
  const latest = delta === "latest";
  return {
    generation: tenant.generation,
    resource,
    mode: latest ? "changes" : "initial",
    select: select === undefined ? null : [...select],
    ids: filter === undefined ? null : readDeltaIds(filter),
    since: horizon,
    upTo: horizon,
    at: 0,
    issuedAt: tenant.clock.now(),
    paused: false,
  };
}

// The link that goes on with a round.
const roundNextLink = (tenant: Tenant, call: GraphCall, round: DeltaRound): string => {
  const token = packToken({ ...round, issuedAt: tenant.clock.now() });
  return `${call.origin}/v1.0/${round.resource}/delta?$skiptoken=${token}`;
};

// The link for the next round: it starts where this one began, so nothing that happened in between is lost.
const roundDeltaLink = (tenant: Tenant, call: GraphCall, round: DeltaRound): string => {
  const since = round.upTo ?? round.since;
  const token = packToken({
    ...round,
    mode: "changes",
    since,
    upTo: null,
    at: 0,
    issuedAt: tenant.clock.now(),
    paused: false,
  });
  return `${call.origin}/v1.0/${round.resource}/delta?$deltatoken=${token}`;
};

/** What makes up a page of a round. */
export interface DeltaAnswer {
  readonly fragment: string;
  readonly read: (size: number) => DeltaPage;
}

// Replays: Graph may send an item again, on this page or a later one (docs issues 6785, 4738).
const withReplays = (tenant: Tenant, items: readonly JsonObject[]): readonly JsonObject[] => {
  const { deltaNoise } = tenant.settings;
  if (deltaNoise === 0) return items;
  return [...items, ...items.filter(() => tenant.random.next() < deltaNoise)];
};

/** One page of a round: an empty one now and then, replays, and a nextLink or a deltaLink. */
export function answerRound(
  tenant: Tenant,
  call: GraphCall,
  round: DeltaRound,
  { fragment, read }: DeltaAnswer,
): GraphReply {
  const start = context(call, fragment);
  if (!round.paused && tenant.random.next() < tenant.settings.deltaNoise) {
    const link = roundNextLink(tenant, call, { ...round, paused: true });
    return { status: 200, body: { ...start, "@odata.nextLink": link, value: [] } };
  }
  const page = read(tenant.settings.deltaPageSize);
  const link: JsonObject =
    page.next === undefined
      ? { "@odata.deltaLink": roundDeltaLink(tenant, call, round) }
      : {
          "@odata.nextLink": roundNextLink(tenant, call, {
            ...round,
            at: page.next,
            paused: false,
          }),
        };
  return { status: 200, body: { ...start, ...link, value: withReplays(tenant, page.items) } };
}

/** The item of a user or group that is gone: `changed` may come back, `deleted` may not. */
export function removedItem(id: string, reason: "changed" | "deleted"): JsonObject {
  return { id, "@removed": { reason } };
}
