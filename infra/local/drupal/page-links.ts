// The links of one page of a collection.
import { link } from "./resource-objects.ts";
import { type Call, ownUrl, pageUrl } from "./route-tools.ts";

/** First, next and previous page where there are such. */
export function pageLinks(
  call: Call,
  offset: number,
  limit: number,
  more: boolean,
): Record<string, { href: string }> {
  const { request } = call;
  const before = offset > 0;
  return {
    ...(before ? { first: link(pageUrl(request, 0, limit)) } : {}),
    ...(more ? { next: link(pageUrl(request, offset + limit, limit)) } : {}),
    ...(before ? { prev: link(pageUrl(request, Math.max(0, offset - limit), limit)) } : {}),
    self: link(ownUrl(request)),
  };
}
