// `/_control`: what tests and demonstrations may switch while the simulator runs. Unknown keys are refused.
import { z } from "zod";
import type { DrupalRequest, Reply } from "./drupal-http.ts";
import { createFaults, faultRule, seededRandom } from "./faults.ts";
import { insertUser } from "./save-user.ts";
import { personUsers } from "./seeded-site.ts";
import { type Simulation, setWebhook } from "./simulation.ts";
import { CANCEL_METHODS } from "./site.ts";
import { webhookPatch } from "./webhook-settings.ts";

const controlPatch = z.strictObject({
  latencyMs: z.number().min(0).optional(),
  faults: z.array(faultRule).optional(),
  seed: z.int().optional(),
  down: z.boolean().optional(),
  readOnly: z.boolean().optional(),
  simpleOauth: z.boolean().optional(),
  cancelMethod: z.enum(CANCEL_METHODS).optional(),
  lostUpdates: z.boolean().optional(),
  clock: z.strictObject({ offsetMs: z.number().optional() }).optional(),
  webhook: webhookPatch.optional(),
  clearFlood: z.literal(true).optional(),
});
/** A change of the simulator's behaviour. */
export type ControlPatch = z.infer<typeof controlPatch>;

const moreUsers = z.strictObject({
  count: z.int().min(1).max(200_000),
  events: z.boolean().default(false),
});

const json = (status: number, value: unknown): Reply => ({ status, body: { kind: "json", value } });

/** What is switched how, and how much has happened. The secret is not shown. */
export function summary(simulation: Simulation): Record<string, unknown> {
  const { site, webhook, faults, outbox, deliveries, requests } = simulation;
  const failed = deliveries.filter(({ status }) => status < 200 || status > 299).length;
  const total = Object.values(requests.counts()).reduce((sum, count) => sum + count, 0);
  return {
    users: site.users.size,
    files: site.files.size,
    settings: { ...site.settings },
    webhook: { ...webhook, secret: webhook.secret === "" ? "" : "***" },
    faults: faults.rules,
    outboxPending: outbox.pending,
    deliveries: { total: deliveries.length, failed },
    requests: total,
  };
}

/** Applies a change; the random generator of the faults starts anew with each list or seed. */
export function applyControl(simulation: Simulation, patch: ControlPatch): void {
  const { settings, flood } = simulation.site;
  const { latencyMs, down, readOnly, simpleOauth, cancelMethod, lostUpdates } = patch;
  const given = { latencyMs, down, readOnly, simpleOauth, cancelMethod, lostUpdates };
  Object.assign(
    settings,
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
  if (patch.clock?.offsetMs !== undefined) settings.clockOffsetMs = patch.clock.offsetMs;
  if (patch.clearFlood === true) flood.clear();
  if (patch.webhook !== undefined) setWebhook(simulation.webhook, patch.webhook);
  if (patch.faults !== undefined || patch.seed !== undefined)
    simulation.faults = createFaults(
      patch.faults ?? simulation.faults.rules,
      seededRandom(patch.seed ?? 1),
    );
}

/** Adds more of the shared people: silently, as a restored backup would, or as if an administrator created each. */
export async function addPeople(
  simulation: Simulation,
  count: number,
  events: boolean,
): Promise<void> {
  const { site } = simulation;
  const from = simulation.seeded;
  simulation.seeded += count;
  const admin = site.users.byUid(1) ?? null;
  for (const user of personUsers(from, from + count, site.now())) {
    const now = site.now();
    if (events) await insertUser(site, { ...user, created: now, changed: now }, admin);
    else site.users.put({ ...user, uid: site.users.takeUid() });
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

const refused = (error: z.ZodError): Reply =>
  json(400, {
    error: "invalid",
    issues: error.issues.map(({ path, message }) => ({ path, message })),
  });

/** Answers `/_control...`; undefined when there is no such route. */
export async function answerControl(
  simulation: Simulation,
  request: DrupalRequest,
): Promise<Reply | undefined> {
  const route = `${request.method} ${request.path.replace(/\/$/, "")}`;
  switch (route) {
    case "GET /_control":
      return json(200, summary(simulation));
    case "PATCH /_control": {
      const patch = controlPatch.safeParse(parsed(request.body));
      if (!patch.success) return refused(patch.error);
      applyControl(simulation, patch.data);
      return json(200, summary(simulation));
    }
    case "POST /_control/reset":
      simulation.reset();
      return json(200, summary(simulation));
    case "GET /_control/requests":
      return json(200, { counts: simulation.requests.counts(), last: simulation.requests.last() });
    case "GET /_control/deliveries":
      return json(200, { pending: simulation.outbox.pending, deliveries: simulation.deliveries });
    case "POST /_control/users": {
      const more = moreUsers.safeParse(parsed(request.body));
      if (!more.success) return refused(more.error);
      await addPeople(simulation, more.data.count, more.data.events);
      return json(201, { users: simulation.site.users.size });
    }
    default:
      return undefined;
  }
}
