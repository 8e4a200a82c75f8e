// Builds everything once; the only file that knows everyone.
import { type AdminAccess, createAdminAccess } from "./api/admin-access.ts";
import { type AuthorizeConsole, createConsoleAccess } from "./api/console-access.ts";
import type { Schedule } from "./api/next-run.ts";
import { storageAccount } from "./composition/azure-identity.ts";
import { budgets, connect } from "./composition/connected-systems.ts";
import { type CycleDoor, createCycleDoor } from "./composition/cycle-door.ts";
import { warn } from "./composition/invocation.ts";
import { createThrottleCount, measured, writesCounted } from "./composition/measured.ts";
import { createMetricsDoor, type MetricsDoor } from "./composition/metrics-door.ts";
import { forAWhile, surroundings } from "./composition/surroundings.ts";
import { type Config, loadConfig } from "./config.ts";
import { createConsoleCheck } from "./connectors/drupal/console-signature.ts";
import { createPlaces } from "./connectors/drupal/places.ts";
import { type Delivery, readWebhook } from "./connectors/drupal/webhook.ts";
import { createGrantSource } from "./connectors/entra/grants.ts";
import type { SyncConfiguration } from "./rules/configuration.ts";
import type { Explained } from "./rules/explanation.ts";
import type { FoundPeople } from "./rules/found-people.ts";
import type { JobName } from "./rules/job.ts";
import type { Outcome } from "./rules/outcome.ts";
import type { PhotoOutcome } from "./rules/photo.ts";
import type { PhotoRequest } from "./rules/photo-request.ts";
import type { ProvisionRequest } from "./rules/provision-request.ts";
import { type AuditReader, createAuditLog } from "./storage/audit-log.ts";
import { createAuditRetention } from "./storage/audit-retention.ts";
import { createConfigurationStore } from "./storage/configuration.ts";
import { createEscrowStore, type EscrowReader } from "./storage/escrow.ts";
import type { LinkReader } from "./storage/link-reader.ts";
import { createLinkStore } from "./storage/links.ts";
import { createPhotoQueue } from "./storage/photo-queue.ts";
import { createPhotoStore } from "./storage/photos.ts";
import { createProvisionQueue } from "./storage/provision-queue.ts";
import { createQuarantineStore } from "./storage/quarantine.ts";
import { createReversalSource } from "./storage/reversals.ts";
import { answerPhotoRequest } from "./sync/answer-photo-request.ts";
import { applyRetention, type Retained, type RetentionPorts } from "./sync/apply-retention.ts";
import { type ConfigurationDoor, changeConfiguration } from "./sync/change-configuration.ts";
import { createHealthCheck, type Health } from "./sync/check-health.ts";
import { explainUser } from "./sync/explain-user.ts";
import { type FoundUser, findUser, type NamedUser } from "./sync/find-user.ts";
import { followWithPhoto } from "./sync/follow-with-photo.ts";
import { closedByNoDraft, lookThroughGate } from "./sync/look-through-gate.ts";
import type { PhotoStore } from "./sync/photo-ports.ts";
import type { EscrowStore, LinkStore, LookPorts, ProvisionPorts } from "./sync/ports.ts";
import { forgetPhoto, provisionPhoto } from "./sync/provision-photo.ts";
import { provisionUser } from "./sync/provision-user.ts";
import { type Receipt, receiveEvents } from "./sync/receive-events.ts";
import { recordDeadLetter } from "./sync/record-dead-letter.ts";
import { type ReplayOrder, replayEscrow } from "./sync/replay-escrow.ts";
import { type PeopleQuery, searchUsers } from "./sync/search-users.ts";
import { type Decision, type Settled, settleConflict } from "./sync/settle-conflict.ts";
import { unlinkUser } from "./sync/unlink-user.ts";

/** What the functions may call. */
export interface App extends AdminAccess {
  readonly authorizeConsole: AuthorizeConsole;
  readonly audit: AuditReader;
  readonly links: Pick<LinkStore, "get" | "holderOf"> & LinkReader;
  readonly configuration: ConfigurationDoor;
  receiveDelivery(delivery: Delivery): Promise<Receipt>;
  provision(request: ProvisionRequest): Promise<Outcome>;
  /** The five steps of one user as they would go now, by the saved configuration or by another; nothing is written. */
  explain(request: ProvisionRequest, candidate?: SyncConfiguration | null): Promise<Explained>;
  readonly photos: Pick<PhotoStore, "get" | "record">;
  /** null: it is on the queue again. */
  answerPhotoRequest(request: PhotoRequest): Promise<PhotoOutcome | null>;
  findUser(named: NamedUser): Promise<FoundUser>;
  /** People of both systems; a side that is away does not hide the other. */
  searchUsers(query: PeopleQuery): Promise<FoundPeople>;
  settle(decision: Decision): Promise<Settled>;
  unlink(drupalUuid: string, actor: string): Promise<boolean>;
  recordDeadLetter(request: ProvisionRequest | null): Promise<void>;
  readonly escrow: EscrowReader & Pick<EscrowStore, "find">;
  /** Tries users in escrow again now; answers how many. */
  replay(order: ReplayOrder): Promise<number>;
  applyRetention(): Promise<Retained>;
  checkHealth(): Promise<Health>;
  readonly cycles: CycleDoor;
  readonly metrics: Pick<MetricsDoor, "read" | "flush">;
  scheduleOf(job: JobName): Schedule;
}

// Of an app, Graph asks Outlook for so many pictures at once (throttling-limits).
const PHOTOS_AT_ONCE = 4;

// Trials of one draft share what they read of groups; after that it is forgotten.
const DRAFTS_REMEMBERED_MS = 10 * 60_000;

// Within the ten minutes that a run may take (host.json), and the five of plans that allow no more.
const RETENTION_BUDGET_MS = 4 * 60_000;

// Charts show at most a week.
const METRICS_DAYS = 7;

/** Builds the app for a configuration. Opens no connection yet. */
export function createApp(config: Config): App {
  const { now } = surroundings;
  const account = storageAccount(config, config.storage);
  const metrics = createMetricsDoor(account);
  const throttles = createThrottleCount(metrics.note, warn, now);
  const shared = budgets(account);
  const pauses = {
    drupal: throttles.ofPauses(shared.drupal),
    entra: throttles.ofAnswers(shared.entra),
  };
  const { drupalSite, graph, drupal, entra, searched, background } = connect(config, pauses);
  const audit = writesCounted(createAuditLog(account), metrics.note);
  const queue = createProvisionQueue(account);
  const links = createLinkStore(account);
  const escrow = createEscrowStore(account);
  const quarantine = createQuarantineStore({
    account,
    credentials: {
      drupal: config.drupal.credentialsFingerprint,
      entra: config.entra.credentialsFingerprint,
      storage: "",
    },
    now,
    pauses,
  });
  const configuration = createConfigurationStore(account, now);
  const auditValues = config.audit.values;
  const grants = createGrantSource(graph, now);
  const draftGrants = forAWhile(() => createGrantSource(graph, now), DRAFTS_REMEMBERED_MS, now);
  const reversals = createReversalSource(audit);
  const read = { drupal, entra, grants, links, configuration, reversals };
  const look: LookPorts = { ...surroundings, ...read };
  const stores = { audit, queue, escrow, quarantine };
  const gate = { ...surroundings, quarantine };
  const ports: ProvisionPorts = { ...look, drupal, entra, links, ...stores, auditValues };
  const photos = createPhotoStore(account, links);
  const photoQueue = createPhotoQueue(account);
  // Never ahead of users: their reads and writes go in the background, and only so many users' at once.
  const takePlace = createPlaces(PHOTOS_AT_ONCE);
  const { entraPhotos, drupalPhotos } = background;
  const photoPorts = {
    ...{ ...look, links },
    ...{ audit, photos, photoQueue, entraPhotos, drupalPhotos },
  };
  const followed = (by: ProvisionPorts) => (request: ProvisionRequest) =>
    followWithPhoto(
      request,
      measured((one) => provisionUser(one, by), metrics.note, now),
      {
        configuration,
        photoQueue,
      },
    );
  const patient = { ...ports, drupal: background.drupal, entra: background.entra };
  const cycles = createCycleDoor({
    ...{ account, background, gate, escrow, links, draftGrants },
    ports: patient,
    provision: followed(patient),
    photos: {
      linked: photos,
      photo: (request, isDryRun) =>
        lookThroughGate(gate, () => provisionPhoto(request, photoPorts, isDryRun)),
    },
    document: configuration,
    writtenBy: reversals.writtenBy,
    initialEveryMs: config.cycles.initialEveryMs,
  });
  const retention: RetentionPorts = {
    now,
    removeAuditBefore: createAuditRetention(account),
    removeCyclesBefore: cycles.removeBefore,
    removeMetricsBefore: metrics.removeBefore,
  };
  const ownName = config.drupal.auth.kind === "basic" ? config.drupal.auth.username : null;

  return {
    ...createAdminAccess(config),
    authorizeConsole: createConsoleAccess(config, createConsoleCheck(config.webhook.secrets, now)),
    audit,
    links,
    receiveDelivery: (delivery) =>
      receiveEvents(readWebhook(delivery, { ...config.webhook, ownName }), {
        now,
        queue,
        ownAccount: () => drupalSite.knownAccount()?.uuid ?? null,
      }),
    configuration: {
      read: configuration.read,
      history: configuration.history,
      version: configuration.version,
      change: (change) =>
        changeConfiguration(change, { ...surroundings, configuration, audit, auditValues }),
      preview: cycles.preview,
    },
    provision: followed(ports),
    photos,
    answerPhotoRequest: (request) =>
      takePlace("background", () => answerPhotoRequest(request, { ...photoPorts, gate })),
    explain: (request, candidate = null) => {
      if (candidate === null) return lookThroughGate(gate, () => explainUser(request, look));
      const saved = { current: async () => candidate };
      const draft = { ...look, grants: draftGrants(), configuration: saved };
      const aside = { ...gate, quarantine: closedByNoDraft(quarantine) };
      return lookThroughGate(aside, () => explainUser(request, draft));
    },
    findUser: (named) => lookThroughGate(gate, () => findUser(named, look)),
    searchUsers: (query) => searchUsers(query, { ...searched, links, gate }),
    settle: (decision) => settleConflict(decision, ports),
    unlink: async (drupalUuid, actor) => {
      const isDone = await unlinkUser(drupalUuid, actor, ports);
      if (isDone) await forgetPhoto(drupalUuid, photoPorts);
      return isDone;
    },
    recordDeadLetter: (request) => recordDeadLetter(request, ports),
    escrow,
    replay: (order) => replayEscrow(order, { now, escrow, queue }),
    applyRetention: () =>
      applyRetention(
        {
          days: config.audit.retentionDays,
          metricsDays: METRICS_DAYS,
          budgetMs: RETENTION_BUDGET_MS,
        },
        retention,
      ),
    cycles,
    metrics,
    scheduleOf: (job) => ({
      text: config.schedules[job],
      timeZone: config.schedules.timeZone,
      plan: config.schedules.plan,
    }),
    checkHealth: createHealthCheck({
      now,
      quarantined: (system) => quarantine.state(system),
      quarantine: (system, reason) => quarantine.close(system, reason, now()),
      probes: {
        storage: async () => {
          await configuration.current();
          await audit.page({ scope: { kind: "all" }, where: {}, limit: 1 });
          return "tables and blobs answer";
        },
        drupal: async () => {
          const { uuid } = await drupal.serviceAccount();
          await drupal.getUser(uuid, {});
          return "signed in, and users can be seen whole";
        },
        entra: async () =>
          `Graph answers; the default domain is ${(await entra.verifiedDomains())[0] ?? "(none)"}`,
      },
    }),
  };
}

let app: App | null = null;

/** The app of this process, built from the environment on first use. Throws what `loadConfig` finds. */
export function currentApp(): App {
  app ??= createApp(loadConfig());
  return app;
}
