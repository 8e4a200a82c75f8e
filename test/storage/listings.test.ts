// Listings against Azurite: a page counts once however often it is added.
import { describe, expect, it } from "vitest";
import { createListingStore } from "../../src/storage/listings.ts";
import type { ListedUser } from "../../src/sync/cycle-ports.ts";
import { azuriteAccount } from "./azurite-account.ts";

const listings = createListingStore(await azuriteAccount());
const uuid = () => crypto.randomUUID();
const user = (name: string): ListedUser => ({ id: uuid(), name, isEnabled: true });
const read = async (cycleId: string) => {
  const users: ListedUser[] = [];
  for await (const one of listings.read(cycleId)) users.push(one);
  return users;
};

describe("the listing store", () => {
  it("gives back every user in the order of pages, and nobody of a listing that is not there", async () => {
    const id = uuid();
    expect(await read(id)).toEqual([]);
    const [ada, grace] = [user("Ada"), { ...user("Grace\n“𝒢”"), rows: { mail: "print" } }];
    await listings.append(id, 0, [ada]);
    await listings.append(id, 1, []);
    await listings.append(id, 2, [grace, { ...ada, isEnabled: false }]);
    expect(await read(id)).toEqual([ada, grace, { ...ada, isEnabled: false }]);
  });

  it("counts everyone once whom a page showed that was added again after a crash, as read last", async () => {
    const id = uuid();
    const [a, b, c, d] = [user("a"), user("b"), user("c"), user("d")];
    await listings.append(id, 0, [a]);
    await listings.append(id, 1, [a, b]);
    await listings.append(id, 1, [{ ...b, isEnabled: false }, c]);
    await listings.append(id, 2, [d]);
    expect(await read(id)).toEqual([a, a, { ...b, isEnabled: false }, c, d]);
  });

  it("passes over what a worker adds who has lost the cycle without knowing", async () => {
    const id = uuid();
    const [a, b, c] = [user("a"), user("b"), user("c")];
    await listings.append(id, 0, [a]);
    await listings.append(id, 1, [b]);
    await listings.append(id, 0, [c]);
    expect(await read(id)).toEqual([a, b]);
  });

  it("reads lines that are longer than the pieces in which they arrive", async () => {
    const id = uuid();
    const pages = [0, 1, 2].map((page) =>
      Array.from({ length: 3000 }, (_, index) => user(`ä𝒜 ${page} ${index}`)),
    );
    for (const [page, users] of pages.entries()) await listings.append(id, page, users);
    expect(await read(id)).toEqual(pages.flat());
  });

  it("keeps who was absent, and forgets a listing whole", async () => {
    const id = uuid();
    expect(await listings.absent(id)).toEqual([]);
    const absent = [uuid(), uuid()];
    await listings.putAbsent(id, absent);
    await listings.append(id, 0, [user("Ada")]);
    expect(await listings.absent(id)).toEqual(absent);
    await listings.remove(id);
    await listings.remove(id);
    expect([await read(id), await listings.absent(id)]).toEqual([[], []]);
  });
});
