// One life of the simulator, from start or reset to the next reset: the tenant and all that hangs on it.
import type { ProductUrl } from "../sync-pictures.ts";
import { answer } from "./answer.ts";
import { answerBatch } from "./batch.ts";
import { createFaultPlan, type Fault, type FaultPlan } from "./faults.ts";
import type { GraphReply, GraphRequest } from "./graph-message.ts";
import { createRequestLog, type RequestLog } from "./request-log.ts";
import { ROUTES, type Route } from "./route-table.ts";
import { seedGroups, seedUsers } from "./seed-users.ts";
import { subscriptionRoutes } from "./subscription-routes.ts";
import { createSubscriptions, type Subscriptions } from "./subscriptions.ts";
import { createTenant, type Tenant } from "./tenant.ts";
import { createThrottle } from "./throttle.ts";

/** The tenant with its limits, faults, log and subscriptions. */
export interface SimulatorLife {
  readonly tenant: Tenant;
  readonly log: RequestLog;
  readonly subscriptions: Subscriptions;
  readonly faults: { list: readonly Fault[]; plan: FaultPlan };
  /** How many people were seeded. */
  seeded: number;
  readonly productUrl: ProductUrl;
  answer(request: GraphRequest): Promise<GraphReply>;
  end(): void;
}

/** How a life begins. */
export interface LifeOptions {
  readonly people: number;
  readonly latencyMs: number;
  readonly onWrite: (line: string) => void;
  readonly productUrl: ProductUrl;
}

/** Begins a life with its people seeded. */
export function beginLife(options: LifeOptions): SimulatorLife {
  const tenant = createTenant({ latencyMs: options.latencyMs });
  seedUsers(tenant, options.people);
  seedGroups(tenant);
  const log = createRequestLog(options.onWrite);
  const faults: SimulatorLife["faults"] = { list: [], plan: createFaultPlan([], tenant.random) };
  const subscriptions = createSubscriptions(tenant);
  const parts = {
    tenant,
    throttle: createThrottle(tenant),
    faults: () => faults.plan,
    log,
    routes: [...ROUTES, ...subscriptionRoutes(subscriptions)],
  };
  const batchRoute: Route = {
    method: "POST",
    template: "/$batch",
    // The batch itself costs nothing: its items are counted one by one (json-batching.md).
    units: undefined,
    roles: [],
    handler: (_tenant, call) => answerBatch(call, (item) => answer(parts, item)),
  };
  const routes = [batchRoute, ...parts.routes];
  return {
    tenant,
    log,
    subscriptions,
    faults,
    seeded: options.people,
    productUrl: options.productUrl,
    answer: (request) => answer({ ...parts, routes }, request),
    end: () => subscriptions.end(),
  };
}
