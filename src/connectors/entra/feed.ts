// Everyone in Entra from a list, and what changed since from users/delta, page by page.
import { z } from "zod";
import { entraAttributesOf } from "../../rules/attribute-mapping.ts";
import type { SyncConfiguration } from "../../rules/configuration.ts";
import { AccessError, TransientError } from "../../rules/errors.ts";
import type { Feed, FeedPage, FeedUser } from "../../sync/cycle-ports.ts";
import { type GraphClient, isDeltaExpired, isPageExpired } from "./client.ts";
import {
  firstPage,
  followedBy,
  graphLinks,
  pageStep,
  parsed,
  readGraph,
  readPages,
} from "./graph-reads.ts";
import { graphUser, MANAGER, queryOf, selectFor, toEntraUser, userQuery } from "./wire.ts";

const PERMISSION = "User.Read.All (or more) for users and their changes";

const positionSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("everyone"), step: pageStep, deltaLink: z.string() }),
  z.object({ kind: z.literal("changes"), step: pageStep }),
]);
type Position = z.infer<typeof positionSchema>;
const textOf = (position: Position): string => JSON.stringify(position);

// One that another release wrote, and that cannot be read now, has only everyone to go on with.
function positionOf(text: string): Position | null {
  try {
    return positionSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

const items = z.object({ value: z.array(z.looseObject({ id: z.guid() })) });

const transient = (code: string, message: string): TransientError =>
  new TransientError(message, { system: "entra", code });

/** Users by id, each as its last item shows it; null: to be looked at. */
type Shown = Map<string, FeedUser | null>;

function pageOf(shown: Shown): Pick<FeedPage, "users" | "hints"> {
  return {
    users: [...shown.values()].filter((user) => user !== null),
    hints: [...shown].flatMap(([id, user]) => (user === null ? [id] : [])),
  };
}

// Whoever is not shown whole is looked at; where nobody is, we lack the right to see them.
function listed(body: unknown, attributes: readonly string[]): Shown {
  const shown: Shown = new Map();
  for (const item of parsed(items, body).value) {
    const whole = graphUser.safeParse(item);
    const user = whole.success ? toEntraUser(whole.data, attributes) : null;
    shown.set(item.id, user && { system: "entra", user, isManagerKnown: true });
  }
  if (shown.size > 0 && pageOf(shown).users.length === 0) {
    const options = { system: "entra", code: "graphPermissionMissing" } as const;
    throw new AccessError(`Graph shows no user whole: grant ${PERMISSION}`, options);
  }
  return shown;
}

/**
 * The last item of a user counts (docs#6785). Items may hold nothing but the id (docs#4946), and a manager comes once,
 * as an annotation, when it changes (explorer-v4#4018): such users are looked at. A property that a whole item lacks was
 * never set (delta-query-overview).
 */
function changed(body: unknown, attributes: readonly string[]): Shown {
  const shown: Shown = new Map();
  const withManager = new Set<string>();
  for (const item of parsed(items, body).value) {
    if ("manager@delta" in item) withManager.add(item.id);
    const whole = graphUser.safeParse(item);
    const isHint = !whole.success || withManager.has(item.id) || "@removed" in item;
    shown.delete(item.id);
    shown.set(
      item.id,
      isHint
        ? null
        : { system: "entra", user: toEntraUser(whole.data, attributes), isManagerKnown: false },
    );
  }
  return shown;
}

/**
 * The feed of a tenant. Everyone: one request for the link from which changes will be read, made before the first page so
 * that nothing is missed, and one for each 999 users. Changes: one for each 200 or so, and one when nothing changed.
 */
export function createEntraFeed(graph: GraphClient): Feed {
  const readEveryone = async (
    { step, deltaLink }: Extract<Position, { kind: "everyone" }>,
    configuration: SyncConfiguration,
  ): Promise<FeedPage> => {
    const expired = () =>
      transient("listingExpired", "Graph does not go on with a list of users: it begins anew");
    const body: unknown = await readGraph(graph, PERMISSION, graph.api(step.path).get()).catch(
      (error: unknown) => {
        throw step.pages > 0 && isPageExpired(error) ? expired() : error;
      },
    );
    if (body === null) throw expired();
    const { "@odata.nextLink": next } = parsed(graphLinks, body);
    const page = pageOf(listed(body, entraAttributesOf(configuration)));
    if (next === undefined) return { ...page, next: null, watermark: deltaLink };
    const following = followedBy(step, graph.pathOf(next));
    const position = textOf({ kind: "everyone", step: following, deltaLink });
    return { ...page, next: position, watermark: null };
  };

  const readChanges = async (
    { step }: Extract<Position, { kind: "changes" }>,
    configuration: SyncConfiguration,
  ): Promise<FeedPage | "expired"> => {
    const body: unknown = await readGraph(graph, PERMISSION, graph.api(step.path).get()).catch(
      (error: unknown) => {
        if (isDeltaExpired(error)) return null;
        throw error;
      },
    );
    if (body === null) return "expired";
    const links = parsed(graphLinks, body);
    // Absent, and so unknown: a null would say that there is no manager.
    const attributes = entraAttributesOf(configuration).filter((name) => name !== MANAGER);
    const page = pageOf(changed(body, attributes));
    if (links["@odata.nextLink"] !== undefined) {
      const following = followedBy(step, graph.pathOf(links["@odata.nextLink"]));
      const next = textOf({ kind: "changes", step: following });
      return { ...page, next, watermark: null };
    }
    if (links["@odata.deltaLink"] !== undefined)
      return { ...page, next: null, watermark: graph.pathOf(links["@odata.deltaLink"]) };
    throw transient("entraAnswerMalformed", "Graph ended a page of changes without a link");
  };

  const currentDeltaLink = async (select: string): Promise<string> => {
    const path = `/users/delta?${queryOf({ $select: select, $deltatoken: "latest" })}`;
    const deltaLink = (await readPages(graph, PERMISSION, path, z.unknown()))?.deltaLink;
    if (typeof deltaLink === "string") return deltaLink;
    throw transient("entraAnswerMalformed", "Graph gives no link to read changes from");
  };

  return {
    begin: async (watermark, configuration) => {
      if (watermark !== null) return textOf({ kind: "changes", step: firstPage(watermark) });
      const attributes = entraAttributesOf(configuration);
      const tracked = attributes.includes(MANAGER) ? `,${MANAGER}` : "";
      const deltaLink = await currentDeltaLink(`${selectFor(attributes)}${tracked}`);
      const path = `/users?$top=999&${userQuery(attributes)}`;
      return textOf({ kind: "everyone", step: firstPage(path), deltaLink });
    },
    page: async (text, configuration) => {
      const position = positionOf(text);
      if (position === null) return "expired";
      return position.kind === "everyone"
        ? readEveryone(position, configuration)
        : readChanges(position, configuration);
    },
  };
}
