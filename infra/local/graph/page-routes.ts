// The page of the simulator: Entra's users as a person sees them, with forms that act as the API would.
import type { IncomingMessage } from "node:http";
import type { GraphReply } from "./graph-message.ts";
import type { SimulatorLife } from "./simulator-life.ts";

/** Answers the page's own requests; undefined for everything else. */
export function answerPage(
  _life: SimulatorLife,
  _request: IncomingMessage,
  _target: string,
  _body: Buffer,
): GraphReply | undefined {
  return undefined;
}
