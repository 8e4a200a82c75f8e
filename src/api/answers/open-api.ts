// The answer of GET openapi.json: an OpenAPI 3.1 document, whose form is the specification's to tell.
import { z } from "zod";

/** As little as any OpenAPI document has (spec.openapis.org/oas/v3.1). */
export const openApi = z.looseObject({
  openapi: z.string(),
  info: z.looseObject({}),
  paths: z.record(z.string(), z.unknown()),
});
