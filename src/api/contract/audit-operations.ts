// The contract of the audit log.
import { z } from "zod";
import { auditPage } from "../answers/audit-page.ts";
import { AUDIT_COLUMNS } from "../audit-answer.ts";
import { auditParameters } from "../audit-request.ts";
import { pageOrCsv } from "./answers-of.ts";
import type { Operation } from "./operation.ts";

const page = pageOrCsv("A page of entries, or all that fits as a file.", auditPage, AUDIT_COLUMNS);

/** Everything about the audit log. */
export const auditOperations: readonly Operation[] = [
  {
    id: "audit",
    method: "get",
    route: "audit",
    tag: "Audit log",
    summary: "Read the audit log",
    description:
      "Newest first; all filters must fit. A page may be short, or empty, and have a continuation: a search for what is rare ends after so many rows, and goes on with the next page.",
    who: ["Audit.Read"],
    parameters: { query: auditParameters },
    answers: {
      200: {
        ...page,
        content: {
          ...page.content,
          "application/x-ndjson": z.string().describe("Each entry as a line; it streams."),
        },
      },
    },
  },
];
