// The public contract as an OpenAPI 3.1 document (spec.openapis.org/oas/v3.1), made from the schemas that routes parse and
// answer with.
import type { z } from "zod";
import { problemDetails } from "../answers/problem-details.ts";
import { INTRODUCTION, SECURITY_SCHEMES, VERSION } from "./about.ts";
import { answered, type JsonSchema, sent } from "./json-schemas.ts";
import { type Operation, TAGS, type Who } from "./operation.ts";
import { answerName, responsesOf, SHARED_RESPONSES } from "./responses-of.ts";

/** An OpenAPI document, ready for JSON. */
export type OpenApiDocument = {
  readonly openapi: "3.1.1";
  readonly info: Readonly<Record<string, unknown>>;
  readonly servers: readonly object[];
  readonly tags: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: object;
};

type Named<T> = Readonly<Record<string, T>>;

const bodyName = ({ id }: Operation): string => `${id} body`;
const placeName = ({ id }: Operation, place: string): string => `${id} ${place}`;

function schemasSent(operation: Operation): (readonly [string, z.ZodType])[] {
  const { parameters = {}, body } = operation;
  const placed = Object.entries(parameters).map(
    ([place, schema]) => [placeName(operation, place), schema] as const,
  );
  return body === undefined ? placed : [...placed, [bodyName(operation), body]];
}

const schemasAnswered = (operation: Operation): (readonly [string, z.ZodType])[] =>
  Object.entries(operation.answers).flatMap(([status, { content = {} }]) =>
    Object.entries(content).flatMap(([mediaType, schema]) =>
      schema === null ? [] : [[answerName(operation, status, mediaType), schema] as const],
    ),
  );

function parametersOf(operation: Operation, named: Named<JsonSchema>): object[] {
  return (["path", "query", "header"] as const).flatMap((place) => {
    const { properties = {}, required = [] } = named[placeName(operation, place)] ?? {};
    return Object.entries(properties).map(([name, one]) => {
      const { description, ...schema } = typeof one === "object" ? one : {};
      const about = description === undefined ? {} : { description };
      return { name, in: place, required: required.includes(name), ...about, schema };
    });
  });
}

function securityOf(who: readonly Who[]): Named<readonly string[]>[] {
  return who.flatMap((one): Named<readonly string[]>[] => {
    if (one === "anyone") return [{}];
    if (one === "signature") return [{ webhookSignature: [] }, { hubSignature: [] }];
    if (one === "console") return [{ consoleSignature: [] }];
    return [{ bearer: [one] }, { session: [one] }];
  });
}

function descriptionOf({ description, who: [who] }: Operation): string {
  const needs = ["anyone", "signature", "console"].includes(who)
    ? []
    : [`Needs the app role \`${who}\`.`];
  return [...(description === undefined ? [] : [description]), ...needs].join("\n\n");
}

function operationObject(
  operation: Operation,
  inputs: Named<JsonSchema>,
  outputs: Named<JsonSchema>,
): object {
  const { id, tag, summary, who } = operation;
  const description = descriptionOf(operation);
  const parameters = parametersOf(operation, inputs);
  const schema = inputs[bodyName(operation)];
  const content = { "application/json": { schema } };
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === "" ? {} : { description }),
    security: securityOf(who),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(schema === undefined ? {} : { requestBody: { required: true, content } }),
    responses: responsesOf(operation, outputs),
  };
}

/** The document of these operations. Throws where two schemas, of callers and of answers, have one name. */
export function openApiDocument(operations: readonly Operation[]): OpenApiDocument {
  const inputs = sent(Object.fromEntries(operations.flatMap(schemasSent)));
  const outputs = answered(
    Object.fromEntries([["Problem", problemDetails], ...operations.flatMap(schemasAnswered)]),
  );
  const twice = Object.keys(inputs.components).filter((name) => name in outputs.components);
  if (twice.length > 0) throw new Error(`two schemas have one name: ${twice.join(", ")}`);
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const path = `/${operation.route}`;
    const told = operationObject(operation, inputs.named, outputs.named);
    paths[path] = { ...paths[path], [operation.method]: told };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "User sync of Drupal and Microsoft Entra ID",
      version: VERSION,
      description: INTRODUCTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/api" }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { ...outputs.components, ...inputs.components },
      responses: SHARED_RESPONSES,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}
