// All operations of the public contract, in the order in which they are told. A route is added to the list of its noun, and its
// answer to ../answers: test/e2e/contract.test.ts holds both against the running app.
import { appOperations } from "./app-operations.ts";
import { auditOperations } from "./audit-operations.ts";
import { configurationOperations } from "./configuration-operations.ts";
import { consoleOperations } from "./console-operations.ts";
import { cycleOperations } from "./cycle-operations.ts";
import { driftOperations } from "./drift-operations.ts";
import { escrowOperations } from "./escrow-operations.ts";
import { linkOperations } from "./link-operations.ts";
import type { Operation } from "./operation.ts";
import { provisionOperations } from "./provision-operations.ts";
import { webhookOperations } from "./webhook-operations.ts";

/** Every route with its methods. */
export const OPERATIONS: readonly Operation[] = [
  ...cycleOperations,
  ...provisionOperations,
  ...linkOperations,
  ...auditOperations,
  ...driftOperations,
  ...escrowOperations,
  ...configurationOperations,
  ...webhookOperations,
  ...consoleOperations,
  ...appOperations,
];
