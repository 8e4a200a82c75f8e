// What a request says its body is.
import type { HttpRequest } from "@azure/functions";

/** The media type in lower case and without parameters, or null where none is told. */
export const mediaTypeOf = (request: HttpRequest): string | null =>
  request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? null;
