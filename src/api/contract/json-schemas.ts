// Zod schemas as the JSON Schemas of an OpenAPI 3.1 document: those with an id once, under components, the others in place.
import { z } from "zod";

/** A JSON Schema (draft 2020-12, which OpenAPI 3.1 takes as it is). */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What was asked for, by the name that it was asked under, and the components that it refers to. */
export interface JsonSchemas {
  readonly named: Readonly<Record<string, JsonSchema>>;
  readonly components: Readonly<Record<string, JsonSchema>>;
}

type Override = NonNullable<z.core.ToJSONSchemaParams["override"]>;

const COMPONENTS = "#/components/schemas/";

// What zod says of its own values, and what is not so in an API.
const tidied: Override = ({ jsonSchema }) => {
  // Of a value that is frozen in memory; of a property, OpenAPI would read "never sent to the server".
  delete jsonSchema.readOnly;
  delete jsonSchema.id;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
};

// Answers may get more fields in time: clients are not to refuse them.
const opened: Override = (context) => {
  tidied(context);
  if (context.jsonSchema.additionalProperties === false)
    delete context.jsonSchema.additionalProperties;
};

function schemasOf(
  schemas: Readonly<Record<string, z.ZodType>>,
  io: "input" | "output",
): JsonSchemas {
  const whole = z.toJSONSchema(z.object(schemas), {
    io,
    unrepresentable: "any",
    override: io === "input" ? tidied : opened,
  });
  const placed: z.core.JSONSchema.BaseSchema = JSON.parse(
    JSON.stringify(whole).replaceAll('"$ref":"#/$defs/', `"$ref":"${COMPONENTS}`),
  );
  const { properties = {}, $defs = {} } = placed;
  const isSchema = (one: unknown): one is JsonSchema => typeof one === "object" && one !== null;
  return {
    named: Object.fromEntries(
      Object.entries(properties).flatMap(([name, one]) => (isSchema(one) ? [[name, one]] : [])),
    ),
    components: $defs,
  };
}

/** What callers send, as they send it: defaults may be left out, and unknown names are refused. */
export const sent = (schemas: Readonly<Record<string, z.ZodType>>): JsonSchemas =>
  schemasOf(schemas, "input");

/** What the app answers. */
export const answered = (schemas: Readonly<Record<string, z.ZodType>>): JsonSchemas =>
  schemasOf(schemas, "output");
