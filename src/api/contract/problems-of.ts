// The errors of an operation: its own, and those that follow from what it takes and from who may ask.
import type { Operation, ProblemCodes } from "./operation.ts";

/** Errors by status. */
export type Problems = Readonly<Record<number, ProblemCodes>>;

/** For routes that ask for an app role. */
export const ACCESS_PROBLEMS: Problems = {
  401: { unauthorized: "Sign in first." },
  403: {
    forbidden: "The account lacks the app role.",
    crossSiteRequest: "A browser's session needs the app's own page: see X-Requested-With.",
  },
};

/** For every route: what failed is none of the caller's business, or may be over soon. */
export const FAILURES: Problems = {
  500: { unexpectedFailure: "Something went wrong; the log of the app has the details." },
  503: {
    "*": "Something that the app needs cannot be used now, and the code names it; Retry-After says when to ask again. `authNotConfigured`: nobody may use the routes before ADMIN_AUTH is set.",
  },
};

const QUERY: Problems = {
  400: { invalidQuery: "The query has faults: each is told." },
};
const CONTINUATION: Problems = {
  400: { invalidContinuation: "The continuation belongs to another question, or to none." },
};
const JSON_BODY: Problems = {
  400: { malformedJson: "The body is not JSON in UTF-8." },
  413: { bodyTooLarge: "The body has more bytes than the route takes." },
  415: { unsupportedMediaType: "The body is not application/json." },
};
const BODY_FAULTS: Problems = {
  400: { invalidRequest: "The body has faults: each is told." },
};

/** All errors of an operation by status. */
export function problemsOf({ who, parameters, body, problems = {} }: Operation): Problems {
  const query = parameters?.query;
  const isGuarded = !who.some((one) => ["anyone", "signature", "console"].includes(one));
  // A document that has faults of its own is refused with a code of its own.
  const hasOwnFaults = problems[422]?.invalidConfiguration !== undefined;
  const all = [
    ...(query === undefined ? [] : [QUERY]),
    ...(query !== undefined && "continuation" in query.shape ? [CONTINUATION] : []),
    ...(body === undefined ? [] : [JSON_BODY]),
    ...(body === undefined || hasOwnFaults || who.includes("signature") ? [] : [BODY_FAULTS]),
    problems,
    ...(isGuarded ? [ACCESS_PROBLEMS] : []),
    FAILURES,
  ];
  const merged: Record<number, ProblemCodes> = {};
  for (const some of all)
    for (const [status, codes] of Object.entries(some))
      merged[Number(status)] = { ...merged[Number(status)], ...codes };
  return merged;
}
