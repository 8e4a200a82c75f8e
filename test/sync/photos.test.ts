// Pictures from Entra to Drupal: what moves, what is kept, and what is never taken from anybody.
import { beforeEach, describe, expect, it } from "vitest";
import { RejectedError, TransientError } from "../../src/rules/errors.ts";
import type { PhotoSettings } from "../../src/rules/photo.ts";
import { provisionPhoto } from "../../src/sync/provision-photo.ts";
import type { CycleWorld } from "../doubles/cycle-world.ts";
import { aPicture, type PhotoWorld } from "../doubles/photo-world.ts";
import { settledWorld } from "../doubles/settled-people.ts";
import { aConfiguration, type Gate, Killed, type Pace } from "../doubles/world.ts";

const PHOTOS = { direction: "entraToDrupal", kind: "photos" } as const;
const HOUR_MS = 3_600_000;
const UPLOAD_MS = 60_000;

let cycles: CycleWorld;
let photos: PhotoWorld;
let uuids: string[];
let uuid = "";
let objectId = "";

const entraOf = (drupalUuid: string) =>
  cycles.world.links.get(drupalUuid)?.link.entraObjectId ?? "";

async function people(count: number) {
  ({ cycles, uuids } = await settledWorld(count));
  photos = cycles.photos;
  uuid = uuids[0] ?? "";
  objectId = entraOf(uuid);
}

const configure = (settings: Partial<PhotoSettings>) => {
  cycles.world.configuration = aConfiguration({ photos: settings });
};

const look = (gate?: Gate, pace?: Pace) => {
  const call = cycles.world.caller(gate, pace);
  const ports = photos.ports(cycles.world.worker(gate, pace, call), call);
  return provisionPhoto({ drupalUuid: uuid, cause: "onDemand", attempt: 0 }, ports);
};

const told = () =>
  cycles.world.audit
    .filter(({ resourceType }) => resourceType === "photo")
    .map(({ operation, status, reason }) => `${operation} ${status} ${reason?.code}`);

beforeEach(() => people(1));

describe("one picture", () => {
  it("is brought over once, kept in Blob Storage, and told", async () => {
    photos.choose(objectId, "Ada");
    expect(await look()).toMatchObject({ status: "success", operation: "create" });
    expect(photos.shownText(uuid)).toBe("Ada");
    expect(photos.blobs.get(uuid)).toMatchObject({ contentType: "image/jpeg" });
    expect(await look()).toMatchObject({ status: "inSync", operation: "none" });
    expect(photos.downloads).toHaveLength(1);
    expect(told()).toEqual(["create success changedInEntra"]);
  });

  it("replaces the one before it, whose file goes", async () => {
    photos.choose(objectId, "Ada");
    await look();
    photos.choose(objectId, "Ada, older");
    expect(await look()).toMatchObject({ status: "success", operation: "update" });
    expect(photos.shownText(uuid)).toBe("Ada, older");
    expect(photos.files.size).toBe(1);
  });

  it("is not sent again under a new version with the same bytes", async () => {
    photos.choose(objectId, "Ada");
    await look();
    const file = photos.shown.get(uuid);
    photos.choose(objectId, "Ada");
    expect(await look()).toMatchObject({ status: "inSync" });
    expect(photos.shown.get(uuid)).toBe(file);
  });

  it("is none of a direction that is off, of pictures that are off, nor of a user without a link", async () => {
    photos.choose(objectId, "Ada");
    configure({ enabled: false });
    expect(await look()).toMatchObject({ status: "skipped", reason: { code: "photosOff" } });
    cycles.world.configuration = aConfiguration({ directions: { entraToDrupal: false } });
    expect(await look()).toMatchObject({ reason: { code: "photosOff" } });
    cycles.world.configuration = aConfiguration();
    cycles.world.links.delete(uuid);
    expect(await look()).toMatchObject({ reason: { code: "notLinked" } });
    expect(photos.shownText(uuid)).toBeNull();
  });
});

describe("a person's own picture", () => {
  it("is kept, and told once", async () => {
    photos.uploadOwn(uuid, "holiday");
    photos.choose(objectId, "Ada");
    expect(await look()).toMatchObject({ status: "skipped", reason: { code: "photoOwn" } });
    await look();
    expect(photos.shownText(uuid)).toBe("holiday");
    expect(told()).toEqual(["none skipped photoOwn"]);
  });

  it("is kept where it replaced ours, whose file goes", async () => {
    photos.choose(objectId, "Ada");
    await look();
    photos.uploadOwn(uuid, "holiday");
    expect(await look()).toMatchObject({ reason: { code: "photoOwn" } });
    expect([...photos.files.values()].map(({ name }) => name)).toEqual(["me.png"]);
  });

  it("is replaced where Entra has the word, and its file is not ours to delete", async () => {
    const own = photos.uploadOwn(uuid, "holiday");
    photos.choose(objectId, "Ada");
    configure({ authority: "entra" });
    expect(await look()).toMatchObject({ status: "success", operation: "update" });
    expect(photos.shownText(uuid)).toBe("Ada");
    expect(photos.files.has(own)).toBe(true);
  });

  it("gives way to a newer one of Entra, and not to an older, where the newest wins", async () => {
    configure({ authority: "newest" });
    photos.uploadOwn(uuid, "holiday");
    photos.choose(objectId, "Ada");
    expect(await look()).toMatchObject({ reason: { code: "photoOwn" } });
    cycles.world.now += HOUR_MS;
    await look();
    photos.uploadOwn(uuid, "wedding");
    photos.choose(objectId, "Ada, older");
    expect(await look()).toMatchObject({ reason: { code: "photoOwn" } });
    cycles.world.now += HOUR_MS;
    await look();
    photos.choose(objectId, "Ada, newest");
    expect(await look()).toMatchObject({ status: "success" });
    expect(photos.shownText(uuid)).toBe("Ada, newest");
  });

  it("was removed: ours stays away until Entra has another one", async () => {
    photos.choose(objectId, "Ada");
    await look();
    photos.shown.delete(uuid);
    expect(await look()).toMatchObject({ reason: { code: "photoTakenAway" } });
    photos.choose(objectId, "Ada, older");
    expect(await look()).toMatchObject({ status: "success", operation: "create" });
    expect(photos.shownText(uuid)).toBe("Ada, older");
  });
});

describe("five ways of having no picture", () => {
  it.each([
    [{ kind: "none" }, "skipped", "photoMissing"],
    [{ kind: "noMailbox" }, "skipped", "photoNoMailbox"],
    [{ kind: "forbidden" }, "failed", "photoForbidden"],
  ] as const)("%j is %s, and takes nothing away", async (answer, status, code) => {
    photos.choose(objectId, "Ada");
    await look();
    photos.answers.set(objectId, answer);
    configure({ whenMissing: "keep" });
    expect(await look()).toMatchObject({ status, reason: { code } });
    expect(photos.shownText(uuid)).toBe("Ada");
    await look();
    expect(told()).toHaveLength(2);
  });

  it("is not told of someone who never had one", async () => {
    expect(await look()).toMatchObject({ status: "skipped", reason: { code: "photoMissing" } });
    expect(told()).toEqual([]);
  });

  it.each(["throttled", "unavailable"] as const)("%s is asked again", async (kind) => {
    photos.answers.set(objectId, { kind, retryAfterMs: 7000 });
    await expect(look()).rejects.toMatchObject({ kind: "transient", retryAfterMs: 7000 });
  });

  it("is believed when it was seen twice, an hour apart, where ours is to be removed", async () => {
    configure({ whenMissing: "remove" });
    photos.choose(objectId, "Ada");
    await look();
    photos.answers.set(objectId, { kind: "none" });
    expect(await look()).toMatchObject({ status: "skipped", operation: "none" });
    expect(await look()).toMatchObject({ operation: "none" });
    cycles.world.now += HOUR_MS;
    expect(await look()).toMatchObject({ status: "success", operation: "delete" });
    expect(photos.shownText(uuid)).toBeNull();
    expect([photos.files.size, photos.blobs.size]).toEqual([0, 0]);
  });

  it("never removes a person's own", async () => {
    configure({ whenMissing: "remove" });
    photos.uploadOwn(uuid, "holiday");
    photos.answers.set(objectId, { kind: "none" });
    await look();
    cycles.world.now += 2 * HOUR_MS;
    expect(await look()).toMatchObject({ status: "skipped", operation: "none" });
    expect(photos.shownText(uuid)).toBe("holiday");
  });
});

describe("pictures that do not fit", () => {
  const big = aPicture("x".repeat(3000));

  it("are asked for in the next smaller size, where the site tells its limit", async () => {
    photos.limits = { maxBytes: 2000, extensions: ["jpg"], maxPixels: null };
    photos.choose(objectId, "", { 0: { ...big, width: 648 }, 240: big, 120: aPicture("small") });
    expect(await look()).toMatchObject({ status: "success" });
    expect(photos.shownText(uuid)).toBe("small");
    expect(photos.downloads).toEqual([`${objectId} 240`, `${objectId} 120`]);
  });

  it("are asked for in the next smaller size, where the site only refuses", async () => {
    photos.refusesAbove = 2000;
    photos.choose(objectId, "", { 0: { ...big, width: 648 }, 240: big, 120: aPicture("small") });
    expect(await look()).toMatchObject({ status: "success" });
    expect(photos.shownText(uuid)).toBe("small");
  });

  it("are refused when no size is small enough, and not downloaded again", async () => {
    photos.limits = { maxBytes: 100, extensions: null, maxPixels: null };
    photos.choose(objectId, "", { 0: big, 240: big });
    expect(await look()).toMatchObject({
      status: "warning",
      reason: { code: "photoRefusedTooLarge" },
    });
    const { length } = photos.downloads;
    await look();
    expect(photos.downloads).toHaveLength(length);
  });

  it("are no larger than the site's field allows", async () => {
    photos.limits = { maxBytes: null, extensions: null, maxPixels: 100 };
    photos.choose(objectId, "", { 0: aPicture("o", { width: 648 }), 96: aPicture("96") });
    await look();
    expect(photos.shownText(uuid)).toBe("96");
  });

  it("are refused for what they are, with a reason, and leave the picture that is there", async () => {
    photos.choose(objectId, "Ada");
    await look();
    const options = { system: "entra", code: "photoRefusedType" } as const;
    const svg = new RejectedError("no picture", options);
    photos.choose(objectId, "", { 0: svg, 240: svg });
    expect(await look()).toMatchObject({ status: "warning", reason: { code: "photoRefusedType" } });
    expect(photos.shownText(uuid)).toBe("Ada");
  });

  it("are refused by a field that does not take their kind", async () => {
    photos.limits = { maxBytes: null, extensions: ["png"], maxPixels: null };
    photos.choose(objectId, "Ada");
    expect(await look()).toMatchObject({ reason: { code: "photoRefusedByField" } });
  });
});

describe("a crash", () => {
  it("anywhere costs a look: the picture is there once, and no file is left over", async () => {
    const calls: string[] = [];
    photos.choose(objectId, "Ada");
    await look();
    photos.choose(objectId, "Ada, older");
    await look((call, phase) => void calls.push(`${phase} ${call}`));
    for (const at of calls.keys()) {
      await people(1);
      photos.choose(objectId, "Ada");
      await look();
      photos.choose(objectId, "Ada, older");
      let step = 0;
      const kill: Gate = (call) => {
        if (step === at) throw new Killed(call);
        step += 1;
      };
      await look(kill).catch(() => undefined);
      cycles.world.now += UPLOAD_MS;
      await look();
      await look();
      expect([photos.shownText(uuid), photos.files.size], calls[at]).toEqual(["Ada, older", 1]);
      expect(photos.records.get(uuid)?.record).toMatchObject({ pending: null, leftovers: [] });
    }
  });

  it("of Drupal after it stored the file: what was announced is recognised, and not sent again", async () => {
    photos.choose(objectId, "Ada");
    let isLost = false;
    const lose: Gate = (call, phase) => {
      if (call !== "drupalPhotos.upload" || phase !== "after" || isLost) return;
      isLost = true;
      throw new TransientError("no answer", { system: "drupal", code: "drupalUnreachable" });
    };
    await expect(look(lose)).rejects.toMatchObject({ kind: "transient" });
    cycles.world.now += UPLOAD_MS;
    expect(await look()).toMatchObject({ status: "success" });
    expect(photos.files.size).toBe(1);
  });

  it("after an upload, and Entra has the picture before it again: that one is shown, and nothing is left over", async () => {
    photos.choose(objectId, "Ada");
    await look();
    photos.choose(objectId, "Ada, older");
    const die: Gate = (call, phase) => {
      if (call === "drupalPhotos.upload" && phase === "after") throw new Killed(call);
    };
    await look(die).catch(() => undefined);
    cycles.world.now += UPLOAD_MS;
    expect(photos.shownText(uuid)).toBe("Ada, older");
    photos.choose(objectId, "Ada");
    await look();
    expect([photos.shownText(uuid), photos.files.size]).toEqual(["Ada", 1]);
    expect((await cycles.run(PHOTOS)).nominated.users).toBe(0);
  });
});

describe("someone else at the same moment", () => {
  const during = async (what: string, act: () => void) => {
    let isDone = false;
    await look((call, phase) => {
      if (call !== what || phase !== "after" || isDone) return;
      isDone = true;
      act();
    }).catch(() => undefined);
  };

  it("who uploads their own picture while ours is downloaded keeps it", async () => {
    photos.choose(objectId, "Ada");
    await during("entraPhotos.download", () => void photos.uploadOwn(uuid, "holiday"));
    expect(photos.shownText(uuid)).toBe("holiday");
    cycles.world.now += UPLOAD_MS;
    expect(await look()).toMatchObject({ reason: { code: "photoOwn" } });
    expect(photos.shownText(uuid)).toBe("holiday");
  });

  it("who takes the link apart meanwhile: nothing is shown", async () => {
    photos.choose(objectId, "Ada");
    await during("entraPhotos.download", () => void cycles.world.links.delete(uuid));
    expect(photos.shownText(uuid)).toBeNull();
  });

  it("is another worker: the second waits for the first", async () => {
    photos.choose(objectId, "Ada");
    let second: unknown = null;
    await look(undefined, async (call, phase) => {
      if (call === "drupalPhotos.upload" && phase === "before")
        second = await look().catch((error: unknown) => error);
    });
    expect(second).toMatchObject({ kind: "concurrency", code: "photoBeingSent" });
    expect([photos.shownText(uuid), photos.files.size]).toEqual(["Ada", 1]);
  });
});

describe("an account that is joined to another person", () => {
  it("does not keep the face of the one before, who has no picture", async () => {
    photos.choose(objectId, "Ada");
    await look();
    const stored = cycles.world.links.get(uuid);
    if (stored === undefined) throw new Error("no link");
    cycles.world.links.set(uuid, {
      ...stored,
      link: { ...stored.link, entraObjectId: crypto.randomUUID() },
    });
    expect(await look()).toMatchObject({ operation: "delete", reason: { code: "photoOfAnother" } });
    expect(photos.shownText(uuid)).toBeNull();
  });
});

describe("a picture that was missing and is back", () => {
  it("is missed twice anew before ours is removed", async () => {
    configure({ whenMissing: "remove" });
    photos.choose(objectId, "Ada");
    await look();
    photos.answers.set(objectId, { kind: "none" });
    await look();
    photos.answers.delete(objectId);
    expect((await cycles.run(PHOTOS)).nominated.users).toBe(1);
    cycles.world.now += 100 * HOUR_MS;
    photos.answers.set(objectId, { kind: "none" });
    expect(await look()).toMatchObject({ operation: "none" });
    expect(photos.shownText(uuid)).toBe("Ada");
  });
});

describe("an account that is gone in Drupal", () => {
  it("keeps no picture with us, and is not looked at again", async () => {
    photos.choose(objectId, "Ada");
    await look();
    cycles.world.drupal.delete(uuid);
    photos.shown.delete(uuid);
    expect(await look()).toMatchObject({ status: "skipped", reason: { code: "drupalUserGone" } });
    expect(photos.blobs.size).toBe(0);
  });
});

describe("a cycle of pictures", () => {
  beforeEach(async () => {
    await people(50);
    for (const one of uuids.slice(0, 30)) photos.choose(entraOf(one), `picture of ${one}`);
  });

  it("uploads what is there, then asks in batches and moves nothing", async () => {
    const first = await cycles.run(PHOTOS);
    expect(first).toMatchObject({
      status: "complete",
      direction: "entraToDrupal",
      reading: { users: 50, unchanged: 0 },
      tally: { outcomes: { written: 30, skipped: 20 }, operations: { create: 30 } },
    });
    photos.downloads.length = 0;
    photos.batches.length = 0;
    const second = await cycles.run(PHOTOS);
    expect(second).toMatchObject({
      status: "complete",
      reading: { users: 50, unchanged: 50 },
      nominated: { users: 0 },
    });
    expect(photos.downloads).toEqual([]);
    expect(photos.batches).toEqual([50]);
    const [one = ""] = uuids;
    photos.choose(entraOf(one), "another");
    const third = await cycles.run(PHOTOS);
    expect(third.tally).toMatchObject({ outcomes: { written: 1 }, operations: { update: 1 } });
    expect([photos.downloads.length, photos.files.size]).toEqual([1, 30]);
  });

  it("notices a person's own upload, and what becomes of it by the settings", async () => {
    await cycles.run(PHOTOS);
    photos.uploadOwn(uuid, "holiday");
    const kept = await cycles.run(PHOTOS);
    expect(kept.tally.outcomes).toEqual({ skipped: 1 });
    expect(photos.shownText(uuid)).toBe("holiday");
    expect((await cycles.run(PHOTOS)).nominated.users).toBe(0);
    configure({ authority: "entra" });
    const replaced = await cycles.run(PHOTOS);
    expect(replaced.tally.operations).toEqual({ update: 1 });
    expect(told().slice(-2)).toEqual(["none skipped photoOwn", "update success changedInEntra"]);
  });

  it("plans in a dry run, and writes nothing", async () => {
    const cycle = await cycles.run({ ...PHOTOS, isDryRun: true });
    expect(cycle).toMatchObject({ tally: { outcomes: { planned: 30, skipped: 20 } } });
    expect([photos.files.size, photos.records.size]).toEqual([0, 0]);
  });

  it("gives each user the outcome of their own trouble, and goes on", async () => {
    const [throttled = "", away = "", forbidden = "", noMailbox = ""] = uuids;
    photos.answers.set(entraOf(forbidden), { kind: "forbidden" });
    photos.answers.set(entraOf(noMailbox), { kind: "noMailbox" });
    photos.answers.set(entraOf(throttled), { kind: "throttled", retryAfterMs: 1000 });
    photos.answers.set(entraOf(away), { kind: "unavailable", retryAfterMs: null });
    cycles.onSave = ({ phase }) => {
      if (phase === "provisioning") photos.answers.delete(entraOf(throttled));
    };
    const cycle = await cycles.run(PHOTOS);
    expect(cycle).toMatchObject({
      status: "incomplete",
      reason: { code: "usersDeferred" },
      tally: { outcomes: { written: 27, skipped: 21, failed: 1 } },
    });
    expect(cycles.world.escrow.size).toBe(0);
  });

  it("says that it may see nobody's picture, and leaves the users' cycles alone", async () => {
    for (const one of uuids) photos.answers.set(entraOf(one), { kind: "forbidden" });
    const cycle = await cycles.run(PHOTOS);
    expect(cycle).toMatchObject({
      status: "incomplete",
      reason: { code: "photoPermissionMissing" },
    });
    const users = await cycles.run({ direction: "entraToDrupal", kind: "initial" });
    expect(users.status).toBe("complete");
  });

  it("removes nobody's picture when most are missing at once: that is a fault of the source", async () => {
    configure({ whenMissing: "remove" });
    await cycles.run(PHOTOS);
    for (const one of uuids) photos.answers.set(entraOf(one), { kind: "none" });
    for (let turn = 0; turn < 3; turn += 1) {
      cycles.world.now += 2 * HOUR_MS;
      const cycle = await cycles.run(PHOTOS);
      expect(cycle).toMatchObject({ status: "incomplete", reason: { code: "photosVanished" } });
    }
    expect(photos.files.size).toBe(30);
  });

  it("waits when Graph throttles several of a page, and then reads it again", async () => {
    for (const one of uuids.slice(0, 20))
      photos.answers.set(entraOf(one), { kind: "throttled", retryAfterMs: 9000 });
    const before = cycles.world.now;
    cycles.onSave = ({ waitsFor }) => {
      if (waitsFor !== null) photos.answers.clear();
    };
    const cycle = await cycles.run(PHOTOS);
    expect(cycle).toMatchObject({ status: "complete", tally: { outcomes: { written: 30 } } });
    expect(cycles.world.now - before).toBeGreaterThanOrEqual(9000);
  });

  it("is one at a time, beside the cycles of users", async () => {
    const started = await cycles.start(PHOTOS);
    expect(started.kind).toBe("started");
    expect(await cycles.start(PHOTOS)).toMatchObject({ kind: "active" });
    expect(await cycles.start({ direction: "entraToDrupal" })).toMatchObject({ kind: "started" });
  });

  it("ends at once where the configuration brings no pictures", async () => {
    configure({ enabled: false });
    expect(await cycles.run(PHOTOS)).toMatchObject({
      status: "complete",
      reason: { code: "photosOff" },
    });
  });
});
