// Reading Graph: answers that are what it documents, missing rights that name themselves, pages to the last one.
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
const links = z.object({
  "@odata.nextLink": z.string().optional(),
  "@odata.deltaLink": z.string().optional(),
});

/** All items of a list, and the deltaLink where there is one; null when the list does not exist. */
export async function readPages<T>(
  graph: GraphClient,
  permission: string,
  start: string,
  item: z.ZodType<T>,
): Promise<{ readonly items: readonly T[]; readonly deltaLink: string | null } | null> {
  const page = z.object({ value: z.array(item) });
  const items: T[] = [];
  for (let path: string | null = start; path !== null; ) {
    const body: unknown = await readGraph(graph, permission, graph.api(path).get());
    if (body === null) return null;
    items.push(...parsed(page, body).value);
    const { "@odata.nextLink": next, "@odata.deltaLink": deltaLink } = parsed(links, body);
    if (next === undefined) {
      return { items, deltaLink: deltaLink === undefined ? null : graph.pathOf(deltaLink) };
    }
    path = graph.pathOf(next);
  }
  return null;
}
