// What an operation answers, as OpenAPI tells it: its own answers, and its errors with the codes that they may carry.
import type { JsonSchema } from "./json-schemas.ts";
import type { Operation, ProblemCodes } from "./operation.ts";
import { ACCESS_PROBLEMS, FAILURES, problemsOf } from "./problems-of.ts";

/** Under which name an answer's schema is asked for. */
export const answerName = ({ id }: Operation, status: string, mediaType: string): string =>
  `${id} ${status} ${mediaType}`;

interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, { readonly schema?: JsonSchema }>>;
}

const PROBLEM = { $ref: "#/components/schemas/Problem" };

function problemResponse(codes: ProblemCodes): Response {
  const lines = Object.entries(codes).map(([code, what]) =>
    code === "*" ? what : `\`${code}\`: ${what}`,
  );
  const named = { ...PROBLEM, properties: { code: { enum: Object.keys(codes) } } };
  const schema = "*" in codes ? PROBLEM : named;
  return { description: lines.join("\n\n"), content: { "application/problem+json": { schema } } };
}

// Errors that nearly every route has are told once.
const SHARED = Object.entries({ ...ACCESS_PROBLEMS, ...FAILURES }).map(([status, codes]) => ({
  name: `Problem${status}`,
  print: JSON.stringify([status, codes]),
  codes,
}));

/** The responses that operations share. */
export const SHARED_RESPONSES: Readonly<Record<string, object>> = Object.fromEntries(
  SHARED.map(({ name, codes }) => [name, problemResponse(codes)]),
);

function problemOrShared(status: string, codes: ProblemCodes): object {
  const shared = SHARED.find(({ print }) => print === JSON.stringify([status, codes]));
  return shared === undefined
    ? problemResponse(codes)
    : { $ref: `#/components/responses/${shared.name}` };
}

function answerResponse(
  operation: Operation,
  status: string,
  named: Readonly<Record<string, JsonSchema>>,
): Response | null {
  const answer = operation.answers[Number(status)];
  if (answer === undefined) return null;
  const { description, content, headers } = answer;
  const headersTold = Object.entries(headers ?? {}).map(([name, what]) => [
    name,
    { description: what, schema: { type: "string" } },
  ]);
  const contentTold = Object.keys(content ?? {}).map((mediaType) => {
    const schema = named[answerName(operation, status, mediaType)];
    return [mediaType, schema === undefined ? {} : { schema }] as const;
  });
  return {
    description,
    ...(headers === undefined ? {} : { headers: Object.fromEntries(headersTold) }),
    ...(content === undefined ? {} : { content: Object.fromEntries(contentTold) }),
  };
}

function both(answer: Response, problem: Response): Response {
  return {
    ...answer,
    description: `${answer.description}\n\n${problem.description}`,
    content: { ...answer.content, ...problem.content },
  };
}

/** The responses of an operation by status; `named`: the schemas of its answers. */
export function responsesOf(
  operation: Operation,
  named: Readonly<Record<string, JsonSchema>>,
): Record<string, object> {
  const problems = problemsOf(operation);
  const statuses = [...Object.keys(operation.answers), ...Object.keys(problems)];
  return Object.fromEntries(
    [...new Set(statuses)].toSorted().map((status) => {
      const answer = answerResponse(operation, status, named);
      const codes = problems[Number(status)];
      if (codes === undefined) return [status, answer ?? {}];
      const told =
        answer === null ? problemOrShared(status, codes) : both(answer, problemResponse(codes));
      return [status, told];
    }),
  );
}
