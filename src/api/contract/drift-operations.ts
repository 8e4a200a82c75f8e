// The contract of the drift report.
import { driftPage } from "../answers/drift-page.ts";
import { DRIFT_COLUMNS, driftParameters } from "../drift-answer.ts";
import { pageOrCsv } from "./answers-of.ts";
import type { Operation } from "./operation.ts";

/** Everything about drift. */
export const driftOperations: readonly Operation[] = [
  {
    id: "drift",
    method: "get",
    route: "drift",
    tag: "Drift",
    summary: "Who is not the same on both sides",
    description:
      "From the last listings that came to their end: it asks neither system, and tells as of when it is.",
    who: ["Audit.Read"],
    parameters: { query: driftParameters },
    answers: { 200: pageOrCsv("A page of the report.", driftPage, DRIFT_COLUMNS) },
  },
];
