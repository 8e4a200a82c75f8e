// What an undo reads of the audit log: all rows of one user in one cycle. The rows of one user are few and lie together.
import { z } from "zod";
import { keptChangeSchema } from "../rules/audit-entry.ts";
import type { PastWrite } from "../rules/past-writes.ts";
import { operationSchema } from "../rules/plan.ts";
import type { ReversalSource } from "../sync/ports.ts";
import type { AuditPosition, AuditReader } from "./audit-log.ts";

const PAGE = 500;

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
      let after: AuditPosition | null | undefined;
      do {
        const scope = { kind: "cycle", cycleId } as const;
        const page = await audit.page({ scope, where: {}, limit: PAGE, after: after ?? undefined });
        for (const { operation, drupalUuid } of page.entries)
          if (operation !== "none" && drupalUuid !== undefined) users.add(drupalUuid);
        after = page.next;
      } while (after !== null);
      return [...users];
    },
    of: async (cycleId, drupalUuid) => {
      const newestFirst: PastWrite[] = [];
      let after: AuditPosition | null | undefined;
      do {
        const page = await audit.page({
          scope: { kind: "user", drupalUuid },
          where: { cycleId },
          limit: PAGE,
          after: after ?? undefined,
        });
        newestFirst.push(...page.entries.map((entry) => pastWrite.parse(entry)));
        after = page.next;
      } while (after !== null);
      return newestFirst.toReversed();
    },
  };
}
