// The contract of the cycles: start, list, look at, approve, cancel, undo.
import { z } from "zod";
import { cycle, cycleWithUsers } from "../answers/cycle.ts";
import { cycleList } from "../answers/cycle-list.ts";
import { approveBody, cycleId, startBody } from "../cycle-request.ts";
import { CYCLE_COLUMNS, cycleParameters } from "../cycle-users.ts";
import { pageParameters } from "../query.ts";
import { jsonAnswer, LOCATION, pageOrCsv } from "./answers-of.ts";
import type { Operation } from "./operation.ts";

const path = z.object({ id: cycleId.describe("The cycle.") });
const notFound = { 404: { cycleNotFound: "There is no such cycle." } };
const accepted = (description: string) => ({ 202: jsonAnswer(description, cycle, LOCATION) });

/** Everything about cycles. */
export const cycleOperations: readonly Operation[] = [
  {
    id: "startCycle",
    method: "post",
    route: "cycles",
    tag: "Cycles",
    summary: "Start a cycle",
    description:
      "Looks through everyone, or what changed, of one system. With `dryRun` it only plans, and the plan may be approved afterwards. With `canary` so many users are written first, and the rest waits for a look.",
    who: ["Sync.Operate"],
    body: startBody.meta({
      id: "StartCycle",
      examples: [{ direction: "entraToDrupal", kind: "initial", dryRun: true }],
    }),
    answers: accepted("The cycle is queued."),
    problems: {
      409: { cycleActive: "A cycle of this feed is under way: Location names it." },
    },
  },
  {
    id: "cycles",
    method: "get",
    route: "cycles",
    tag: "Cycles",
    summary: "List cycles and jobs",
    description: "The cycles, newest first, and how the job of each feed stands.",
    who: ["Audit.Read"],
    parameters: { query: pageParameters },
    answers: { 200: jsonAnswer("A page of cycles, and all jobs.", cycleList) },
  },
  {
    id: "cycle",
    method: "get",
    route: "cycles/{id}",
    tag: "Cycles",
    summary: "Look at a cycle",
    description: "How it stands, how far it is, and page by page the users that it tells of.",
    who: ["Audit.Read"],
    parameters: { path, query: cycleParameters },
    answers: {
      200: pageOrCsv("The cycle with a page of its users.", cycleWithUsers, CYCLE_COLUMNS),
    },
    problems: notFound,
  },
  {
    id: "approveCycle",
    method: "post",
    route: "cycles/{id}/approve",
    tag: "Cycles",
    summary: "Approve a plan, or go on after a canary",
    description:
      "Carries out the plan of a dry run, or of a cycle that waits for an approval. The approval is bound to the plan by its print, and each user to their part of it: whose plan is another one by then is left out.",
    who: ["Sync.Operate"],
    parameters: { path },
    body: approveBody.meta({ id: "ApproveCycle", examples: [{ plan: "q2nZ1vY0b3xT8sLw5mKc7A" }] }),
    answers: accepted("The cycle goes on."),
    problems: {
      ...notFound,
      409: {
        notWaiting: "There is nothing to approve.",
        otherPlan: "The plan is not the one that was looked at.",
        approvalExpired: "The approval comes too late: see `waitsFor.expiresAt`.",
      },
    },
  },
  {
    id: "cancelCycle",
    method: "post",
    route: "cycles/{id}/cancel",
    tag: "Cycles",
    summary: "Cancel a cycle",
    description: "Stops it before its next user. What was written stays written.",
    who: ["Sync.Operate"],
    parameters: { path },
    answers: accepted("The cycle is about to stop."),
    problems: { ...notFound, 409: { notWaiting: "The cycle has ended." } },
  },
  {
    id: "undoCycle",
    method: "post",
    route: "cycles/{id}/undo",
    tag: "Cycles",
    summary: "Plan the reverse of a cycle",
    description:
      "Plans to set back what a cycle wrote, where it still stands. Nothing is written before that plan is approved; nobody is deleted, and no link is taken apart.",
    who: ["Sync.Operate"],
    parameters: { path },
    answers: accepted("The cycle that plans the reverse."),
    problems: { ...notFound, 409: { cycleActive: "The cycle has not ended." } },
  },
];
