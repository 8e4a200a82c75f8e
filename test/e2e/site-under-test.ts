// The Drupal that a stack runs against: the simulator, or a real site (npm run test:drupal), by one interface.
import { z } from "zod";
import type { Simulation } from "../../infra/local/drupal/simulation.ts";
import type { Site } from "../../infra/local/drupal/site.ts";
import { startDrupalSimulator } from "../../infra/local/drupal/start-drupal-simulator.ts";

/** Known to the app and to the Drupal of the stack. */
export const WEBHOOK_SECRET = `whsec_${Buffer.from("a secret of the end-to-end tests").toString("base64")}`;

/** The docroot of a real Drupal; "" for the simulator. Only test/drupal/vitest.config.ts sets it. */
export const REAL_DRUPAL = process.env.REAL_DRUPAL ?? "";

/** An account, as the site's own tables have it. */
export interface SiteUser {
  readonly uid: number;
  readonly uuid: string;
  readonly name: string;
  readonly mail: string | null;
  readonly department: string | null;
}

/** A picture's file. */
export interface SitePicture {
  /** UUID of the file entity. */
  readonly uuid: string;
  readonly bytes: Buffer;
}

/** Where the site tells its news; what is left out stays as it is. */
export interface NewsTarget {
  readonly url?: string | undefined;
  readonly secret?: string;
  /** None: the site tells nobody. */
  readonly formats?: readonly ("standard" | "contrib")[] | undefined;
  readonly [more: string]: unknown;
}

/** A site that the whole product is run against. */
export interface SiteUnderTest {
  readonly url: string;
  /** With these the app reaches the site. */
  readonly settings: Readonly<Record<string, string>>;
  /** `Authorization` of the service account, and of an administrator. */
  readonly service: string;
  readonly admin: string;
  /** The simulator's inside; throws on a real site. */
  readonly simulation: Simulation;
  tell(target: NewsTarget): Promise<unknown>;
  /** Switches the site's behaviour; refuses what this site cannot do. */
  control(patch: object): Promise<unknown>;
  /** The people that the site was filled with, by uid. */
  people(): Promise<readonly SiteUser[]>;
  /** Takes accounts away as if they had never been there, and tells nobody; the answer brings some of them back. */
  vanish(uuids: readonly string[]): Promise<(uuids: readonly string[]) => Promise<void>>;
  pictureOf(uuid: string): Promise<SitePicture | null>;
  hasFile(uuid: string): Promise<boolean>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** How to start a site. */
export interface SiteOptions {
  /** How many of the shared fictional people it has. */
  readonly people: number;
  /** Fills the simulator beside them. */
  readonly fillSite?: ((site: Site) => void) | undefined;
}

/** `Authorization` of HTTP Basic. */
export const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;

const FIRST_PERSON_UID = 10;
const text = z.string().nullable().catch(null);

async function startSimulatedSite({ people, fillSite }: SiteOptions): Promise<SiteUnderTest> {
  const simulator = await startDrupalSimulator({ people });
  const { url, simulation } = simulator;
  const { site } = simulation;
  fillSite?.(site);
  const control = async (patch: object) => {
    const response = await fetch(`${url}/_control`, {
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(patch),
    });
    if (!response.ok) throw new Error(`${url} answered ${await response.text()}`);
    return await response.json();
  };
  const fileOf = (uuid: string) => {
    const target = site.users.get(uuid)?.user_picture?.target;
    return target === undefined ? undefined : site.files.get(target);
  };
  return {
    url,
    settings: {
      DRUPAL_BASE_URL: url,
      DRUPAL_USERNAME: "svc-sync",
      DRUPAL_PASSWORD: "svc-sync",
    },
    service: basic("svc-sync", "svc-sync"),
    admin: basic("admin", "admin"),
    simulation,
    control,
    tell: (webhook) => control({ webhook }),
    people: async () =>
      site.users
        .inUidOrder()
        .filter(({ uid }) => uid >= FIRST_PERSON_UID)
        .map(({ uid, uuid, name, mail, field_department }) => {
          return { uid, uuid, name, mail, department: text.parse(field_department) };
        }),
    async vanish(uuids) {
      const gone = uuids.flatMap((uuid) => site.users.get(uuid) ?? []);
      for (const { uuid } of gone) site.users.remove(uuid);
      return async (back) => {
        for (const user of gone) if (back.includes(user.uuid)) site.users.put(user);
      };
    },
    async pictureOf(uuid) {
      const file = fileOf(uuid);
      return file === undefined ? null : { uuid: file.uuid, bytes: file.bytes };
    },
    hasFile: async (uuid) => site.files.get(uuid) !== undefined,
    close: () => simulator.close(),
  };
}

/** Starts the site that this run is about. */
export async function startSite(options: SiteOptions): Promise<SiteUnderTest> {
  if (REAL_DRUPAL === "") return startSimulatedSite(options);
  // Loaded only there: it needs PHP.
  const { startRealSite } = await import("../drupal/real-site.ts");
  return startRealSite(REAL_DRUPAL, options);
}
