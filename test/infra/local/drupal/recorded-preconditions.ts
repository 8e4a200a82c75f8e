// What happened between the recordings that are part of this repository: exchanges that were left out, and shell commands.
import { blankUser, type DrupalUser } from "../../../../infra/local/drupal/drupal-user.ts";
import { cancelUser, updateUser } from "../../../../infra/local/drupal/save-user.ts";
import type { Site } from "../../../../infra/local/drupal/site.ts";

/** The account that most recordings are about; its id is the simulator's own. */
const ada = (site: Site): string =>
  (site.users.byName("ada.lovelace") ?? site.users.byName("ada.king"))?.uuid ?? "";
const CLIENT = "entra-sync";

/** Creates what a left-out POST created. */
function user(site: Site, uuid: string, name: string, changes: Partial<DrupalUser> = {}): void {
  const blank = blankUser(site.users.takeUid(), uuid, site.now());
  const mail = `${name}@contoso.example`;
  site.users.put({ ...blank, name, mail, pass: "Init-Pass-9", status: true, ...changes });
}

async function change(site: Site, uuid: string, changes: Partial<DrupalUser>): Promise<void> {
  const before = site.users.get(uuid);
  if (before === undefined) throw new Error(`nobody has the id ${uuid}`);
  await updateUser(site, before, { ...before, ...changes }, null);
}

async function cancel(site: Site, uuid: string): Promise<void> {
  const before = site.users.get(uuid);
  if (before !== undefined) await cancelUser(site, before, null);
}

/** Users that were created and deleted in between used up their uids. */
function useUids(site: Site, last: number): void {
  while (site.users.takeUid() < last);
}

const idOf = (site: Site, name: string): string => site.users.byName(name)?.uuid ?? "";
const seconds = (time: string): number => Date.parse(`2026-11-23T${time}Z`) / 1000;

/** What a user was after changes that happened at a known time of the recorded day. */
function at(site: Site, name: string, time: string, changes: Partial<DrupalUser>): void {
  const before = site.users.byName(name);
  if (before === undefined) throw new Error(`nobody is called ${name}`);
  site.users.put({ ...before, ...changes, changed: seconds(time) });
}

/** Tokens of left-out token requests; the key is the recorded token's `jti`. */
export type Tokens = Map<string, string>;

function token(site: Site, scopes: readonly string[], lifetime?: number): string {
  const client = site.oauth.client(CLIENT);
  if (client === undefined) throw new Error("the observed site has a consumer");
  return site.oauth.issue(client, scopes, lifetime);
}

const ADDRESS = "127.0.0.1";
const FULL = {
  timezone: "Europe/Berlin",
  field_first_name: "Ada",
  field_last_name: "Lovelace",
  field_department: "R&D",
};

/** What to do before a recording, by its number. */
export type Preconditions = Readonly<
  Record<number, (site: Site, tokens: Tokens) => void | Promise<void>>
>;

/** Keyed by the number of the recording before which it happened. */
export const PRECONDITIONS: Preconditions = {
  // Uids 9 to 14 were used up before; 018, 043, 048 and 053 created users.
  4: (site) => useUids(site, 14),
  19: (site) =>
    user(site, "6db0bef9-dc45-40d2-a49d-964b75f477a2", "no.mail.admin", { ...FULL, mail: null }),
  44: (site) =>
    user(site, "b65b81d0-94a0-4466-982d-9221ca3e9341", "num.fn", {
      ...FULL,
      field_first_name: "12",
    }),
  49: (site) =>
    user(site, "a1214746-a628-48e5-8922-268d042a3b37", "set.created", {
      ...FULL,
      created: 1_577_934_245,
    }),
  54: (site) => user(site, "d8202b3a-8323-489a-88d6-f0c29b80a537", "wrong.type", FULL),
  // 133 blocked the account, 178 gave it a role.
  134: (site) => change(site, ada(site), { status: false }),
  179: (site) => change(site, ada(site), { roles: ["editor_role"] }),
  // 193 uploaded ada.png, 590 bytes of 200 x 200.
  194: async (site) => {
    const bytes = Buffer.alloc(590);
    Buffer.from("89504e470d0a1a0a0000000d49484452000000c8000000c8", "hex").copy(bytes);
    const owner = site.users.byName("svc-sync")?.uuid ?? null;
    const uuid = "5dc58b6f-54ec-45c5-997c-9d9b8eb7f32f";
    const now = site.now();
    site.files.put({
      fid: 1,
      uuid,
      filename: "ada.png",
      uri: "public://pictures/2026-11/ada.png",
      mime: "image/png",
      bytes,
      width: 200,
      height: 200,
      permanent: true,
      created: now,
      changed: now,
      owner,
    });
    await change(site, ada(site), {
      user_picture: { target: uuid, alt: null, title: null, width: 200, height: 200 },
    });
  },
  // 258 deleted del.me for the first time; 263 created del.plain.
  256: (site) => user(site, "b0a12013-0390-4d0d-8b31-e7afa49d3ea1", "del.me"),
  259: (site) => cancel(site, "b0a12013-0390-4d0d-8b31-e7afa49d3ea1"),
  264: (site) => user(site, "cd0ce3d5-e4b8-4b0e-a0c6-292d480b6d44", "del.plain"),
  // `drush cset user.settings cancel_method` and a new user before each of these.
  281: (site) => {
    useUids(site, 40);
    user(site, "5d5e2a92-3210-4ce2-9f56-a1d7c7e03e25", "c.user_cancel_block");
  },
  284: (site) => {
    site.settings.cancelMethod = "user_cancel_block_unpublish";
    user(site, "1a92f76c-da20-4459-a9d8-09311b8e1966", "c.user_cancel_block_unpublish");
  },
  287: (site) => {
    site.settings.cancelMethod = "user_cancel_reassign";
    user(site, "33cd112e-d74d-4c38-b904-e9d91dd94e43", "c.user_cancel_reassign");
  },
  290: (site) => {
    site.settings.cancelMethod = "user_cancel_delete";
    user(site, "04851ec3-b94e-4534-ae8c-33132fa90d7a", "c.user_cancel_delete");
  },
  294: (site) => {
    site.settings.cancelMethod = "user_cancel_block";
    site.settings.readOnly = true;
  },
  297: (site) => {
    site.settings.readOnly = false;
  },
  299: (site) => user(site, "b086778b-89e4-4a01-9468-3954ed868064", "mail.me"),
  302: (site) => {
    for (let failure = 0; failure < 51; failure += 1) site.flood.failAddress(ADDRESS);
  },
  // The flood table was cleared, simple_oauth installed, and a benchmark left about 2,000 users.
  305: (site) => {
    at(site, "admin", "23:13:16", { status: true, field_department: null });
    site.flood.clear();
    site.settings.simpleOauth = true;
    for (let number = 0; number < 60; number += 1)
      user(
        site,
        `00000000-0000-4000-8000-0000000000${String(number).padStart(2, "0")}`,
        `seed${number}`,
      );
    useUids(site, 2248);
  },
  324: (site) =>
    user(site, "b6fd2a44-8b8d-4b9e-818b-a74ed72db7f8", "hook.me", { field_first_name: "Hook" }),
  330: (site) => {
    site.settings.cancelMethod = "user_cancel_delete";
  },
  331: (site) => {
    site.settings.cancelMethod = "user_cancel_block";
  },
  344: (site, tokens) => {
    tokens.set("ae5053c2", token(site, ["sync:users"], -1));
  },
  // Tokens from before the service account was blocked and unblocked.
  345: async (site, tokens) => {
    tokens.set("2e507eac", token(site, ["sync:users"]));
    const service = site.users.byName("svc-sync");
    if (service === undefined) throw new Error("the observed site has a service account");
    await change(site, service.uuid, { status: false });
    await change(site, service.uuid, { status: true });
  },
  347: (site, tokens) => {
    tokens.set("585d68f0", token(site, ["sync:users", "sync:roles"]));
  },
  // 338 lifted the block again.
  339: (site) => change(site, idOf(site, "mail.two"), { status: true }),
  // Ada took part in the benchmark.
  351: (site) =>
    at(site, "ada.king", "23:13:15", { field_first_name: "F3", field_last_name: "L2" }),
  // Pairs of PATCHes at once; what the stale cache answered is taken as given.
  354: (site) => {
    useUids(site, 2255);
    const times = { created: seconds("23:29:08"), mail: "losty@contoso.example" };
    user(site, "234c5da3-c107-4332-8a1d-57f4e79265b0", "lost.up3", times);
    at(site, "lost.up3", "23:29:09", { field_department: "D4", field_first_name: "F3" });
  },
  355: (site) =>
    at(site, "lost.up3", "23:29:12", { field_department: "D8", field_first_name: "F9" }),
  356: (site) =>
    at(site, "lost.up3", "23:29:17", { field_department: "D18", field_first_name: "F14" }),
  // `drush state:set system.maintenance_mode 1`, for this and all that follow.
  357: (site) => {
    site.settings.down = true;
  },
};
