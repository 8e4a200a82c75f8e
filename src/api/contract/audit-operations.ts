// The contract of the audit log.
import { auditPage } from "../answers/audit-page.ts";
import { auditParameters } from "../audit-request.ts";
import { jsonAnswer } from "./answers-of.ts";
import type { Operation } from "./operation.ts";

/** Everything about the audit log. */
export const auditOperations: readonly Operation[] = [
  {
    id: "audit",
    method: "get",
    route: "audit",
    tag: "Audit log",
    summary: "Read the audit log",
    description: "Newest first; all filters must fit.",
    who: ["Audit.Read"],
    parameters: { query: auditParameters },
    answers: { 200: jsonAnswer("A page of entries.", auditPage) },
  },
];
