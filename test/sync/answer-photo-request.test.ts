// Messages of the photo queue: what cannot be now comes back, and a closed system is not asked.
import { beforeEach, expect, it } from "vitest";
import { AccessError, RejectedError, TransientError } from "../../src/rules/errors.ts";
import type { PhotoRequest } from "../../src/rules/photo-request.ts";
import { answerPhotoRequest } from "../../src/sync/answer-photo-request.ts";
import type { CycleWorld } from "../doubles/cycle-world.ts";
import { settledWorld } from "../doubles/settled-people.ts";
import type { Gate } from "../doubles/world.ts";

let cycles: CycleWorld;
let request: PhotoRequest;
let sent: { readonly request: PhotoRequest; readonly delayMs: number }[];
beforeEach(async () => {
  const settled = await settledWorld(1);
  cycles = settled.cycles;
  request = { drupalUuid: settled.uuids[0] ?? "", cause: "onDemand", attempt: 0 };
  sent = [];
});

function answer(gate: Gate = () => undefined, asked = request) {
  const call = cycles.world.caller(gate);
  const worker = cycles.world.worker(gate, undefined, call);
  const photoQueue = {
    send: async (one: PhotoRequest, delayMs = 0) => void sent.push({ request: one, delayMs }),
  };
  const ports = { ...cycles.photos.ports(worker, call), random: () => 0, photoQueue, gate: worker };
  return answerPhotoRequest(asked, ports);
}

const failing =
  (error: Error): Gate =>
  (call, phase) => {
    if (call === "drupalPhotos.picture" && phase === "before") throw error;
  };

it("waits at least as long as the target asks for, and counts the try", async () => {
  const options = { system: "drupal", code: "drupalThrottled", retryAfterMs: 90_000 } as const;
  expect(await answer(failing(new TransientError("429", options)))).toBeNull();
  expect(sent).toEqual([{ request: { ...request, attempt: 1 }, delayMs: 90_000 }]);
});

it("closes a system that does not let us in, and asks it no more while it is closed", async () => {
  const options = { system: "drupal", code: "drupalCredentialsRefused" } as const;
  expect(await answer(failing(new AccessError("401", options)))).toBeNull();
  const calls: string[] = [];
  expect(await answer((call) => void calls.push(call))).toBeNull();
  expect(calls.filter((call) => /^(drupal|entra)Photos/.test(call))).toEqual([]);
  expect(sent).toHaveLength(2);
});

it("gives up what is refused, and what failed often enough: the next cycle looks again", async () => {
  const options = { system: "drupal", code: "photoFieldMissing" } as const;
  expect(await answer(failing(new RejectedError("400", options)))).toMatchObject({
    status: "failed",
    reason: { code: "photoFieldMissing" },
  });
  const away = new TransientError("503", { system: "drupal", code: "drupalUnavailable" });
  expect(await answer(failing(away), { ...request, attempt: 8 })).toMatchObject({
    reason: { code: "drupalUnavailable" },
  });
  expect(sent).toEqual([]);
});
