// Both connected systems: for those whom somebody waits for, and for cycles, which let the others go first.
import type { Config } from "../config.ts";
import { createDrupalClient, type DrupalClient } from "../connectors/drupal/client.ts";
import { basicCredentials, oauthCredentials } from "../connectors/drupal/credentials.ts";
import { createDrupalFeed } from "../connectors/drupal/feed.ts";
import { createManyDrupalUsers } from "../connectors/drupal/many-users.ts";
import { createDrupalPeople } from "../connectors/drupal/people.ts";
import { createDrupalPhotos } from "../connectors/drupal/photos.ts";
import { createDrupalUsers } from "../connectors/drupal/users.ts";
import { createGraphClient } from "../connectors/entra/client.ts";
import { createEntraFeed } from "../connectors/entra/feed.ts";
import { createManyEntraUsers } from "../connectors/entra/many-users.ts";
import { createEntraPeople } from "../connectors/entra/people.ts";
import { createEntraPhotos } from "../connectors/entra/photos.ts";
import { createEntraUsers } from "../connectors/entra/users.ts";
import { GRAPH_WRITES, NO_QUOTA, type Quota } from "../rules/budget.ts";
import { createSharedBudget } from "../storage/budget.ts";
import { createBudgetRow } from "../storage/budget-row.ts";
import type { StorageAccount } from "../storage/tables.ts";
import { createPace } from "../sync/keep-pace.ts";
import { tokenSource } from "./azure-identity.ts";
import { surroundings } from "./surroundings.ts";

function drupalClient(config: Config): DrupalClient {
  const { baseUrl, auth } = config.drupal;
  const { now } = surroundings;
  const timeoutMs = config.requestTimeoutMs;
  const credentials =
    auth.kind === "basic"
      ? basicCredentials(auth.username, auth.password)
      : oauthCredentials({ ...auth, baseUrl, timeoutMs, now });
  // Drupal locks an account after 5 wrong passwords: fewer may be under way when one stops being right.
  const maxConcurrent = auth.kind === "basic" ? 2 : 8;
  return createDrupalClient({ baseUrl, credentials, timeoutMs, now, maxConcurrent });
}

/** What each target allows, shared by all instances. */
export function budgets(account: StorageAccount) {
  const shared = (target: string, quota: Quota) =>
    createSharedBudget({ row: createBudgetRow(account, target), quota, now: surroundings.now });
  return { drupal: shared("drupal", NO_QUOTA), entra: shared("entra", GRAPH_WRITES) };
}

/** Both sides for those whom somebody waits for; `background` is what cycles get: the same sides, where the others go
 * first, and the pace at which they may be written. */
export function connect(config: Config, { drupal, entra }: ReturnType<typeof budgets>) {
  const { now } = surroundings;
  const { baseUrl } = config.entra;
  const timeoutMs = config.requestTimeoutMs;
  const options = { baseUrl, token: tokenSource(config), timeoutMs, now, meter: entra };
  const drupalSite = drupalClient(config);
  const graph = createGraphClient(options);
  const patientSite = drupalSite.inBackground();
  const patientGraph = createGraphClient({ ...options, priority: "low" });
  return {
    drupalSite,
    graph,
    drupal: createDrupalUsers(drupalSite, now),
    entra: createEntraUsers(graph, now),
    searched: {
      people: { drupal: createDrupalPeople(drupalSite), entra: createEntraPeople(graph) },
      many: { drupal: createManyDrupalUsers(drupalSite), entra: createManyEntraUsers(graph) },
    },
    background: {
      drupal: createDrupalUsers(patientSite, now),
      entra: createEntraUsers(patientGraph, now),
      feeds: {
        drupalToEntra: createDrupalFeed(patientSite, now),
        entraToDrupal: createEntraFeed(patientGraph),
      },
      many: {
        drupal: createManyDrupalUsers(patientSite),
        entra: createManyEntraUsers(patientGraph),
      },
      entraPhotos: createEntraPhotos(patientGraph),
      drupalPhotos: createDrupalPhotos(patientSite, now),
      pace: createPace({ drupal, entra }, surroundings),
    },
  };
}
