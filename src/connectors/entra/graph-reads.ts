// Reading Graph: answers that are what it documents, missing rights that name themselves, pages to the last one.
import { createHash } from "node:crypto";
import { z } from "zod";
import { AccessError, NotFoundError, RejectedError, TransientError } from "../../rules/errors.ts";
import type { GraphClient } from "./client.ts";

/** The answer in the shape that Graph documents, or TransientError. */
export function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new TransientError("Graph's answer is not what it documents", {
    system: "entra",
    code: "entraAnswerMalformed",
    cause: result.error,
  });
}

/**
 * Reads; null on 404. A read that is forbidden is forbidden for every user, so it is an AccessError that says what to
 * grant: `permission`.
 */
export async function readGraph<T>(
  graph: GraphClient,
  permission: string,
  work: Promise<T>,
): Promise<T | null> {
  try {
    return await graph.call(work);
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    if (error instanceof RejectedError && error.code === "insufficientPrivileges") {
      const message = `the app lacks a permission to read in Graph: grant ${permission}`;
      const options = { system: "entra", code: "graphPermissionMissing", cause: error } as const;
      throw new AccessError(message, options);
    }
    throw error;
  }
}

// A page has one of the two links; pages may be empty (Graph: delta-query-overview, paging).
/** Where the next page is, and where the next round. */
export const graphLinks = z.object({
  "@odata.nextLink": z.string().optional(),
  "@odata.deltaLink": z.string().optional(),
});

/** How far a chain of pages was followed: its current page, how many came before, and the print of one of them. */
export const pageStep = z.object({ path: z.string(), pages: z.int(), mark: z.string() });
type PageStep = z.infer<typeof pageStep>;

// Twenty million users in pages of 999, four in pages of 200.
const MOST_PAGES = 20_000;

const printOf = (path: string): string =>
  createHash("sha256").update(path).digest("base64url").slice(0, 22);

/** The first page of a chain. */
export const firstPage = (path: string): PageStep => ({ path, pages: 0, mark: "" });

/**
 * The page after this one. Links that never end occur (microsoft-graph-docs#4263): one that leads back is found by
 * comparing it with the page that was marked last, at ever longer distances (Brent's algorithm).
 */
export function followedBy({ path, pages, mark }: PageStep, next: string): PageStep {
  if (next === path || printOf(next) === mark || pages >= MOST_PAGES) {
    const options = { system: "entra", code: "listingLoops" } as const;
    throw new TransientError("Graph's pages lead round in a circle", options);
  }
  const isMarked = (pages & (pages + 1)) === 0;
  return { path: next, pages: pages + 1, mark: isMarked ? printOf(path) : mark };
}

/** All items of a list, and the deltaLink where there is one; null when the list does not exist. */
export async function readPages<T>(
  graph: GraphClient,
  permission: string,
  start: string,
  item: z.ZodType<T>,
): Promise<{ readonly items: readonly T[]; readonly deltaLink: string | null } | null> {
  const page = z.object({ value: z.array(item) });
  const items: T[] = [];
  for (let step = firstPage(start); ; ) {
    const body: unknown = await readGraph(graph, permission, graph.api(step.path).get());
    if (body === null) return null;
    items.push(...parsed(page, body).value);
    const { "@odata.nextLink": next, "@odata.deltaLink": deltaLink } = parsed(graphLinks, body);
    if (next === undefined) {
      return { items, deltaLink: deltaLink === undefined ? null : graph.pathOf(deltaLink) };
    }
    step = followedBy(step, graph.pathOf(next));
  }
}
