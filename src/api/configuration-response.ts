// The answers of the configuration's routes: the document as saved or with its defaults, what came of a change, and what one
// would do.
import type { HttpResponseInit } from "@azure/functions";
import { parseSyncConfiguration } from "../rules/configuration.ts";
import type { ConfigurationFault } from "../rules/configuration-faults.ts";
import type { Impact } from "../rules/impact.ts";
import type {
  effectiveConfiguration,
  impact as impactSchema,
  savedConfiguration,
  savedDocument,
} from "./answers/configuration.ts";
import { jsonOf } from "./json-of.ts";
import { Problem, SAFE_HEADERS } from "./problem.ts";

const withEtag = (etag: string | null): Record<string, string> =>
  etag === null ? {} : { ETag: etag };

/** The document as it was saved. */
export function documentResponse(document: unknown, etag: string | null): HttpResponseInit {
  return jsonOf<typeof savedDocument>()(200, document, withEtag(etag));
}

/** Nothing new for a client that has this version. */
export function notModifiedResponse(etag: string): HttpResponseInit {
  return { status: 304, headers: { ...SAFE_HEADERS, ETag: etag } };
}

/** The document with every default filled in; a Problem 503 while what is saved is not valid, as for the sync itself. */
export function effectiveResponse(document: unknown, etag: string | null): HttpResponseInit {
  const parsed = parseSyncConfiguration(document);
  if (parsed.ok)
    return jsonOf<typeof effectiveConfiguration>()(200, parsed.configuration, withEtag(etag));
  const { faults } = parsed;
  const message = "The saved sync configuration is not valid: nothing is synced until it is.";
  throw new Problem(503, "configurationInvalid", message, { faults });
}

type Refused =
  | { readonly kind: "invalid"; readonly faults: readonly ConfigurationFault[] }
  | { readonly kind: "moved" };

/** What came of a change. */
export function changeResponse(
  answer: { readonly kind: "saved"; readonly etag: string } | Refused,
): HttpResponseInit {
  switch (answer.kind) {
    case "saved":
      return jsonOf<typeof savedConfiguration>()(200, { etag: answer.etag }, withEtag(answer.etag));
    case "invalid": {
      const { faults } = answer;
      throw new Problem(422, "invalidConfiguration", "The configuration has faults.", { faults });
    }
    case "moved":
      throw new Problem(
        412,
        "preconditionFailed",
        "The configuration is not the one that the request is about: read it again.",
      );
  }
}

const cycleAt = (id: string): Record<string, string> => ({ Location: `/api/cycles/${id}` });

/** What a change would do; 202 with what is known so far while its cycle still plans. */
export function previewResponse(
  answer:
    | { readonly kind: "impact"; readonly impact: Impact; readonly hasEnded: boolean }
    | { readonly kind: "active"; readonly cycleId: string }
    | Refused,
): HttpResponseInit {
  switch (answer.kind) {
    case "impact": {
      const { impact, hasEnded } = answer;
      const location = impact.cycleId === null ? {} : cycleAt(impact.cycleId);
      const again: Record<string, string> = hasEnded ? {} : { "Retry-After": "5" };
      return jsonOf<typeof impactSchema>()(hasEnded ? 200 : 202, impact, { ...location, ...again });
    }
    case "active":
      throw new Problem(
        409,
        "previewActive",
        "Someone else's preview of another change is under way: wait for it, or cancel it.",
        { headers: cycleAt(answer.cycleId) },
      );
    default:
      return changeResponse(answer);
  }
}
