// A listing of more pages than an append blob takes blocks (50,000) goes on in the next blob.
import { expect, it } from "vitest";
import { createListingStore } from "../../src/storage/listings.ts";
import type { ListedUser } from "../../src/sync/cycle-ports.ts";
import { azuriteAccount } from "./azurite-account.ts";

const account = await azuriteAccount();
const user = (name: string): ListedUser => ({ id: crypto.randomUUID(), name, isEnabled: true });

it("is read whole, in order, over several blobs, and forgotten whole", async () => {
  const listings = createListingStore(account, 2);
  const read = async (cycleId: string) => {
    const users: ListedUser[] = [];
    for await (const one of listings.read(cycleId)) users.push(one);
    return users;
  };
  const id = crypto.randomUUID();
  const all = ["a", "b", "c", "d", "e"].map(user);
  for (const [page, one] of all.entries()) await listings.append(id, page, [one]);
  const [, , , fourth] = all;
  if (fourth === undefined) throw new Error("four of five");
  // Read once more after a crash, and by someone who had lost the cycle.
  await listings.append(id, 3, [{ ...fourth, isEnabled: false }]);
  await listings.append(id, 0, all.slice(0, 1));
  const found = await read(id);
  expect(found.map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e"]);
  await listings.remove(id);
  expect(await read(id)).toEqual([]);
});
