// The contract of escrow: who waits, and the order to try them again now.
import { escrowPage, replayed } from "../answers/escrow.ts";
import { ESCROW_COLUMNS, escrowParameters, replayBody } from "../escrow-request.ts";
import { jsonAnswer, pageOrCsv } from "./answers-of.ts";
import type { Operation } from "./operation.ts";

/** Everything about escrow. */
export const escrowOperations: readonly Operation[] = [
  {
    id: "escrow",
    method: "get",
    route: "escrow",
    tag: "Escrow",
    summary: "List who waits to be tried again",
    description: "By cause, and user by user.",
    who: ["Audit.Read"],
    parameters: { query: escrowParameters },
    answers: { 200: pageOrCsv("A page of users, and all causes.", escrowPage, ESCROW_COLUMNS) },
  },
  {
    id: "replayEscrow",
    method: "post",
    route: "escrow/replay",
    tag: "Escrow",
    summary: "Try users again now",
    description: "For when a cause is mended: one user, all of a cause, or all.",
    who: ["Sync.Operate"],
    body: replayBody.meta({
      id: "ReplayEscrow",
      description: "Exactly one of `drupalUuid`, `code` and `all`; `system` goes with `code`.",
      examples: [{ code: "entraRefused", system: "entra" }, { all: true }],
    }),
    answers: { 202: jsonAnswer("They are on the queue.", replayed) },
    problems: { 404: { notInEscrow: "This user does not wait in escrow." } },
  },
];
