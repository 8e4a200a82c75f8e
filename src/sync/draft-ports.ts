// What a preview works with: a configuration that nobody has saved must not close a system for the sync, nor stay in what the
// sync remembers. A permission that only the draft would need is the draft's fault.
import type { CyclePorts } from "./cycle-ports.ts";
import { closedByNoDraft } from "./look-through-gate.ts";

/** The same ports, with nothing kept of what a draft asks. */
export function draftPorts(ports: CyclePorts): CyclePorts {
  const grants = ports.draftGrants();
  return {
    ...ports,
    grants,
    look: { ...ports.look, grants },
    quarantine: closedByNoDraft(ports.quarantine),
  };
}
