// What an undo reads of the audit log: all rows of one user in one cycle. The rows of one user are few and lie together.
import { z } from "zod";
import { keptChangeSchema } from "../rules/audit-entry.ts";
import type { PastWrite } from "../rules/past-writes.ts";
import { operationSchema } from "../rules/plan.ts";
import type { ReversalSource } from "../sync/ports.ts";
import type { AuditReader } from "./audit-log.ts";

// Its values are written to people: a row that is not what it should be is refused.
const pastWrite = z.object({
  operation: operationSchema,
  status: z.enum(["success", "failure", "skipped", "warning"]),
  system: z.enum(["drupal", "entra"]).optional(),
  direction: z.enum(["drupalToEntra", "entraToDrupal"]).optional(),
  entraId: z.string().optional(),
  changes: z.array(keptChangeSchema),
});

/** Reads the writes of a cycle from an audit log. */
export function createReversalSource(
  audit: AuditReader,
): ReversalSource & { writtenBy(cycleId: string): Promise<string[]> } {
  return {
    writtenBy: async (cycleId) => {
      const users = new Set<string>();
      const scope = { kind: "cycle", cycleId } as const;
      for await (const { operation, drupalUuid } of audit.each({ scope, where: {} }))
        if (operation !== "none" && drupalUuid !== undefined) users.add(drupalUuid);
      return [...users];
    },
    of: async (cycleId, drupalUuid) => {
      const newestFirst: PastWrite[] = [];
      const scope = { kind: "user", drupalUuid } as const;
      for await (const entry of audit.each({ scope, where: { cycleId } }))
        newestFirst.push(pastWrite.parse(entry));
      return newestFirst.toReversed();
    },
  };
}
