// The contract of the sync configuration: read, preview, replace, and its history.
import { z } from "zod";
import { syncConfigurationSchema } from "../../rules/configuration.ts";
import {
  configurationVersion,
  configurationVersions,
  impact,
  jsonSchema,
  savedConfiguration,
  savedDocument,
} from "../answers/configuration.ts";
import {
  changeConfigurationParameters,
  readConfigurationParameters,
} from "../configuration-request.ts";
import { pageParameters } from "../query.ts";
import { ETAG, jsonAnswer, LOCATION, RETRY_AFTER } from "./answers-of.ts";
import type { Operation } from "./operation.ts";

/** Everything about the configuration. */
export const configurationOperations: readonly Operation[] = [
  {
    id: "configuration",
    method: "get",
    route: "configuration",
    tag: "Configuration",
    summary: "Read the configuration",
    who: ["Audit.Read"],
    parameters: {
      query: readConfigurationParameters,
      header: z.object({
        "If-None-Match": z.string().optional().describe("The ETag of the version at hand."),
      }),
    },
    answers: {
      200: jsonAnswer("The document.", savedDocument, {
        ETag: "Names the version; left out while nobody has saved one.",
      }),
      304: { description: "It is the version at hand.", headers: ETAG },
    },
    problems: {
      503: {
        configurationInvalid: "What is saved is not valid: nothing is synced until it is.",
      },
    },
  },
  {
    id: "changeConfiguration",
    method: "put",
    route: "configuration",
    tag: "Configuration",
    summary: "Replace the configuration, or preview a change",
    description:
      "Saves over the version that If-Match names, and over no other. With `preview=true` nothing is saved: the answer is what the change would do, and the headers may be left out.",
    who: ["Sync.Operate"],
    parameters: {
      query: changeConfigurationParameters,
      header: z.object({
        "If-Match": z.string().optional().describe("The ETag of the version that was read."),
        "If-None-Match": z.literal("*").optional().describe("For the first save."),
      }),
    },
    body: syncConfigurationSchema.meta({
      id: "SyncConfiguration",
      examples: [{ guests: true, matching: [{ drupal: "mail", entra: "mail" }] }],
    }),
    answers: {
      200: jsonAnswer(
        "It is saved; with `preview=true`: what it would do.",
        z.union([savedConfiguration, impact]),
        {
          ...ETAG,
          ...LOCATION,
        },
      ),
      202: jsonAnswer("What is known of the preview so far: ask again.", impact, {
        ...LOCATION,
        ...RETRY_AFTER,
      }),
    },
    problems: {
      400: { invalidPrecondition: "If-Match or If-None-Match cannot be read." },
      409: { previewActive: "Someone else's preview is under way: Location names its cycle." },
      412: { preconditionFailed: "The configuration is not the one that was read." },
      422: { invalidConfiguration: "The document has faults: each is told, with its place." },
      428: { preconditionRequired: "If-Match or If-None-Match is needed." },
    },
  },
  {
    id: "configurationSchema",
    method: "get",
    route: "configuration/schema",
    tag: "Configuration",
    summary: "The JSON Schema of the configuration",
    description: "For editors. It tells nothing of this site.",
    who: ["anyone"],
    answers: {
      200: {
        description: "A JSON Schema (draft 2020-12).",
        content: { "application/schema+json": jsonSchema },
      },
    },
  },
  {
    id: "configurationHistory",
    method: "get",
    route: "configuration/history",
    tag: "Configuration",
    summary: "List the saved versions",
    description: "Newest first, with who saved each and when.",
    who: ["Audit.Read"],
    parameters: { query: pageParameters },
    answers: { 200: jsonAnswer("A page of versions.", configurationVersions) },
  },
  {
    id: "configurationVersion",
    method: "get",
    route: "configuration/history/{version}",
    tag: "Configuration",
    summary: "Read a saved version",
    who: ["Audit.Read"],
    parameters: {
      path: z.object({ version: z.string().describe("The `id` of a version of the history.") }),
    },
    answers: { 200: jsonAnswer("The version with its document.", configurationVersion) },
    problems: { 404: { unknownVersion: "There is no such version." } },
  },
];
