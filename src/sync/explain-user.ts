// Explains one user without writing anything: the same look and the same decision as provisioning, and there it ends.
import { onlyDirection } from "../rules/configuration.ts";
import { type Explained, explain } from "../rules/explanation.ts";
import { newLink } from "../rules/link.ts";
import type { ProvisionRequest } from "../rules/provision-request.ts";
import { findSubject } from "./find-match.ts";
import { lookAtUser, planFor } from "./look-at-user.ts";
import type { LookPorts } from "./ports.ts";

/** Looks, decides, explains. Throws named failures where a side cannot be read. Takes no lease and saves nothing. */
export async function explainUser(request: ProvisionRequest, ports: LookPorts): Promise<Explained> {
  const current = await ports.configuration.current();
  const configuration = onlyDirection(current, request.direction);
  const subject = await findSubject(request, configuration, ports);
  if (subject.kind === "conflict") return { kind: "unmatched", reason: subject.reason };
  const { drupalUuid, nominee } = subject;
  const link = (await ports.links.get(drupalUuid))?.link ?? newLink(drupalUuid);
  const look = await lookAtUser({ link, nominee, request, configuration }, ports);
  const { situation, plan } = await planFor(look, ports);
  return { kind: "explained", explanation: explain(situation, plan, null), reason: plan.reason };
}
