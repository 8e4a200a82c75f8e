// Something on every page: a cycle that waits for an approval, a user in escrow, an open conflict, a difference.
import { z } from "zod";
import { eventually, type Stack } from "../e2e/stack.ts";

const cycle = z.looseObject({
  id: z.string(),
  status: z.string(),
  waitsFor: z.looseObject({ kind: z.string() }).nullable(),
});

/** Starts a cycle through the API and waits until it has ended or waits for someone. */
export async function runCycle(stack: Stack, order: object) {
  const started = await stack.api("/cycles", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(order),
  });
  const { id } = cycle.parse(await started.json());
  return eventually("the cycle is over or waits for someone", async () => {
    const seen = cycle.parse(await (await stack.api(`/cycles/${id}?limit=1`)).json());
    const isOver = ["complete", "incomplete", "failed"].includes(seen.status);
    const isHeld = seen.status === "waiting" && seen.waitsFor?.kind !== "time";
    return isOver || isHeld ? seen : null;
  });
}

/** Joins everyone of both sides. */
export async function joinEveryone(stack: Stack): Promise<void> {
  await runCycle(stack, { direction: "drupalToEntra", kind: "initial" });
  await runCycle(stack, { direction: "entraToDrupal", kind: "initial" });
}

const links = z.object({
  items: z.array(z.looseObject({ drupalUuid: z.string(), entraObjectId: z.string().nullable() })),
});

/** Blocks `count` joined people in Drupal without a word from it, and lets a cycle find them: it waits for an approval. */
export async function waitForApproval(stack: Stack, count = 6) {
  const all = links.parse(await (await stack.api("/links?limit=200")).json()).items;
  const leavers: { uuid: string; name: string; entraObjectId: string }[] = [];
  for (const { drupalUuid: uuid, entraObjectId } of all) {
    const account = await stack.drupalUser(uuid);
    if (leavers.length < count && entraObjectId !== null && account?.attributes.status === true)
      leavers.push({ uuid, entraObjectId, name: account.attributes.name });
  }
  await stack.control("drupal", { webhook: { formats: [] } });
  for (const { uuid } of leavers) await stack.editDrupalUser(uuid, { status: false });
  const waiting = await runCycle(stack, { direction: "drupalToEntra", kind: "initial" });
  await stack.control("drupal", { webhook: { formats: ["standard"] } });
  return { cycleId: waiting.id, leavers };
}

/** Fills every page with something to look at. */
export async function fillEveryPage(stack: Stack) {
  const { cycleId, leavers } = await waitForApproval(stack);
  const userId = leavers[0]?.uuid ?? "";
  return { cycleId, userId };
}
