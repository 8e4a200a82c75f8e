// Holds answers against the published contract: status, media type, code, and a body without any field that is not documented.
import { Ajv2020 } from "ajv/dist/2020.js";
import { z } from "zod";

const answer = z.looseObject({
  $ref: z.string().optional(),
  content: z.record(z.string(), z.looseObject({ schema: z.unknown().optional() })).optional(),
});
const operation = z.looseObject({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  responses: z.record(z.string(), answer),
});
const contract = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({ responses: z.record(z.string(), answer) }),
});

const FORMATS: Readonly<Record<string, RegExp>> = {
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
};
const BASE = "https://contract.example/";

// The published answers may get more fields in time. Here a field that nobody documented is a fault.
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const parts = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const);
  const isForm =
    "properties" in schema && !("$ref" in schema) && !("additionalProperties" in schema);
  return { ...Object.fromEntries(parts), ...(isForm ? { additionalProperties: false } : {}) };
}

const pointer = (...path: readonly string[]): string =>
  path.map((one) => `/${one.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** The contract as a judge of answers. */
export function contractCheck(document: unknown) {
  const { paths, components } = contract.parse(document);
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: FORMATS });
  ajv.addSchema(z.record(z.string(), z.unknown()).parse(closed(document)), BASE);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId: id, security, responses }]) => {
      const isOpen = security.some((one) => Object.keys(one).length === 0);
      const right = security.flatMap(({ bearer = [] }) => bearer)[0] ?? null;
      return { id, method, path, responses, right: isOpen ? null : right };
    }),
  );
  const seen = new Map<string, Set<number>>();

  const responseOf = (id: string, status: string) => {
    const found = operations.find((one) => one.id === id);
    const response = found?.responses[status];
    if (found === undefined || response === undefined) return null;
    const shared = response.$ref?.split("/").at(-1);
    if (shared === undefined) {
      const place = pointer("paths", found.path, found.method, "responses", status);
      return { content: response.content ?? {}, place };
    }
    const place = pointer("components", "responses", shared);
    return { content: components.responses[shared]?.content ?? {}, place };
  };

  return {
    /** `right`: the app role that it asks for; null where anyone, or a signature, will do. */
    operations,
    /** The statuses of an operation that were held against the contract so far. */
    seen: (id: string): readonly number[] => [...(seen.get(id) ?? [])],
    /** The body of an answer that is as documented, null where it is no JSON; throws what is wrong otherwise. */
    check: async (id: string, response: Response): Promise<unknown> => {
      const what = `${id} answered ${response.status}`;
      const text = await response.text();
      const documented = responseOf(id, String(response.status));
      if (documented === null) throw new Error(`${what}, which is not documented: ${text}`);
      const { content, place } = documented;
      seen.set(id, (seen.get(id) ?? new Set()).add(response.status));
      const mediaType = response.headers.get("content-type")?.split(";")[0];
      if (mediaType === undefined && Object.keys(content).length === 0) return null;
      const form = content[mediaType ?? ""];
      if (mediaType === undefined || form === undefined)
        throw new Error(`${what} as ${mediaType}, which is not documented`);
      if (!mediaType.endsWith("json")) return null;
      const body: unknown = JSON.parse(text);
      const judge = ajv.getSchema(`${BASE}#${place}${pointer("content", mediaType, "schema")}`);
      if (judge === undefined) throw new Error(`${what}: ${mediaType} has no schema`);
      if (judge(body) !== true)
        throw new Error(`${what}: ${ajv.errorsText(judge.errors)}\n${text.slice(0, 2000)}`);
      return body;
    },
  };
}

/** A judge of answers. */
export type ContractCheck = ReturnType<typeof contractCheck>;
