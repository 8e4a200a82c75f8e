// A real Drupal as the site under test: the module is turned on there, makes its own account, and sends its own events.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { people } from "../../infra/local/people.ts";
import {
  basic,
  type NewsTarget,
  type SiteOptions,
  type SiteUnderTest,
} from "../e2e/site-under-test.ts";
import { callSite } from "./call-site.ts";
import { type PhpServer, servePhp } from "./serve-php.ts";
import { type SiteFront, startSiteFront } from "./site-front.ts";

const PATH = "/api/webhooks/drupal";

const control = z.strictObject({
  latencyMs: z.number().min(0).optional(),
  down: z.boolean().optional(),
  cancelMethod: z.enum(["user_cancel_block", "user_cancel_delete"]).optional(),
  webhook: z.strictObject({ url: z.url().optional(), formats: z.tuple([]).optional() }).optional(),
});
const user = z.object({
  uid: z.number(),
  uuid: z.string(),
  name: z.string(),
  mail: z.string().nullable(),
  department: z.string().nullable(),
});
const picture = z.object({ uuid: z.string(), bytes: z.base64() });
const outboxRow = z.looseObject({
  uuid: z.string(),
  kind: z.string(),
  sequence: z.coerce.number(),
  attempts: z.coerce.number(),
});
/** A row that waits in the module's outbox. */
export type OutboxRow = z.infer<typeof outboxRow>;

/** What only a real site can do. */
export interface RealSite extends SiteUnderTest {
  /** A command of site.php. */
  call(command: string, input?: object): Promise<unknown>;
  outbox(): Promise<readonly OutboxRow[]>;
  /** Kills PHP in the middle of whatever it does. */
  killPhp(): Promise<void>;
  /** Starts it again. */
  servePhp(): Promise<void>;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** One run at a time: they would take each other's people away. The lock of a run that was killed is taken over. */
function lockSite(docroot: string): () => void {
  const path = join(docroot, "sites/default/files/entra_user_sync_tests.lock");
  const holder = existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
  if (holder > 0 && isAlive(holder))
    throw new Error(`Another run (process ${holder}) is at this site: ${path}`);
  writeFileSync(path, String(process.pid));
  return () => rmSync(path, { force: true });
}

/** Takes over a throw-away site: the accounts that were there are gone. */
export async function startRealSite(docroot: string, options: SiteOptions): Promise<RealSite> {
  if (options.fillSite !== undefined)
    throw new Error("a real site cannot be filled by the simulator's means");
  const unlock = lockSite(docroot);
  const front = await startSiteFront();
  try {
    return await takeOver(docroot, options.people, front, unlock);
  } catch (error) {
    await front.close();
    unlock();
    throw error;
  }
}

async function takeOver(
  docroot: string,
  count: number,
  front: SiteFront,
  unlock: () => void,
): Promise<RealSite> {
  const call = (command: string, input: object = {}) => callSite(docroot, command, input);
  const settings = z
    .record(z.string(), z.string())
    .parse(await call("begin", { url: front.url, people: people(count) }));
  let php: PhpServer = await servePhp(docroot);
  front.port = php.port;
  // A test that took the webhook away wants the news lost, as with a sender that forgets.
  let isMuted = false;
  const tell = async ({ url, formats }: NewsTarget) => {
    const isNowMuted = formats?.length === 0 || url === "http://127.0.0.1:9/";
    const address = formats?.length === 0 ? "" : (url ?? "").replace(PATH, "").replace(/\/$/, "");
    await call("tell", { address, forget: isMuted });
    isMuted = isNowMuted;
  };
  return {
    url: front.url,
    settings,
    service: basic(settings.DRUPAL_USERNAME ?? "", settings.DRUPAL_PASSWORD ?? ""),
    admin: basic("admin", "admin"),
    get simulation(): never {
      throw new Error("this test looks into the simulator, and the site is real");
    },
    call,
    tell,
    async control(patch) {
      const { latencyMs, webhook, ...rest } = control.parse(patch);
      if (latencyMs !== undefined) front.latencyMs = latencyMs;
      if (webhook !== undefined) await tell(webhook);
      if (Object.keys(rest).length > 0) await call("control", rest);
    },
    people: async () => z.array(user).parse(await call("people")),
    async vanish(uuids) {
      const kept = z
        .record(z.string(), z.record(z.string(), z.unknown()))
        .parse(await call("vanish", { uuids }));
      return async (back) => {
        for (const uuid of back) await call("restore", { tables: kept[uuid] });
      };
    },
    async pictureOf(uuid) {
      const found = z.union([picture, z.tuple([])]).parse(await call("picture", { uuid }));
      if (Array.isArray(found)) return null;
      return { uuid: found.uuid, bytes: Buffer.from(found.bytes, "base64") };
    },
    hasFile: async (uuid) => z.object({ is: z.boolean() }).parse(await call("file", { uuid })).is,
    outbox: async () => z.array(outboxRow).parse(await call("outbox")),
    killPhp: () => php.kill(),
    async servePhp() {
      php = await servePhp(docroot);
      front.port = php.port;
    },
    async close() {
      await php.kill();
      await front.close();
      unlock();
    },
  };
}
