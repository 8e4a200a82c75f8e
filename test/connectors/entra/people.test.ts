// Searching a simulated tenant for people by the beginning of their names and addresses.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEntraPeople } from "../../../src/connectors/entra/people.ts";
import { createEntraUsers } from "../../../src/connectors/entra/users.ts";
import { type SimulatedGraph, startSimulatedGraph } from "./simulated-graph.ts";

let graph: SimulatedGraph;
beforeAll(async () => {
  graph = await startSimulatedGraph();
});
afterAll(() => graph.close());

let made = 0;
async function create(values: Record<string, string>) {
  made += 1;
  const { name = `nobody${made}`, ...others } = values;
  const { objectId } = await createEntraUsers(graph.client(), () => new Date()).createUser({
    userPrincipalName: `${name}@contoso.example`,
    mailNickname: "nick",
    values: { displayName: `Nobody ${made}`, accountEnabled: true, ...others },
  });
  return objectId;
}

const find = async (text: string, most = 50) =>
  (await createEntraPeople(graph.client()).startingWith(text, most)).users.map(
    ({ objectId }) => objectId,
  );

describe("people of a tenant", () => {
  it("are found by the beginning of any of their names, in any case", async () => {
    const id = await create({
      name: "al.upn",
      displayName: "Lovelace, Augusta Ada",
      givenName: "Augusta",
      surname: "Byron",
      mail: "countess@contoso.example",
    });
    for (const text of ["LOVELACE, a", "august", "byr", "Countess@", "al.UPN@contoso"])
      expect(await find(text), text).toEqual([id]);
    for (const text of ["ada", "ovelace", "contoso"]) expect(await find(text), text).toEqual([]);
  });

  it("show what a search box needs", async () => {
    const id = await create({ name: "shown", displayName: "Sho Wn", mail: "sho@contoso.example" });
    expect(await createEntraPeople(graph.client()).startingWith("sho w", 5)).toEqual({
      users: [
        expect.objectContaining({
          objectId: id,
          userPrincipalName: "shown@contoso.example",
          enabled: true,
          attributes: expect.objectContaining({
            displayName: "Sho Wn",
            mail: "sho@contoso.example",
          }),
        }),
      ],
      hasMore: false,
    });
  });

  it("may have any sign in their names: it stays a value", async () => {
    const odd = [
      "O'Brien",
      "A+B & C=D",
      "100% #1",
      "Zoë 🦊 李",
      "x') or startsWith(displayName,'",
      "a/b?c",
      '{[(\\"',
    ];
    for (const displayName of odd) {
      const id = await create({ displayName });
      expect(await find(displayName), displayName).toEqual([id]);
    }
  });

  it("cost one request, whoever they are", async () => {
    const before = await graph.served();
    await find("nobody.at.all");
    expect((await graph.served()) - before).toBe(1);
  });

  it("are as many as were asked for, and the answer says that there are more", async () => {
    for (let at = 0; at < 3; at += 1) await create({ displayName: `Crowd ${at}` });
    const people = createEntraPeople(graph.client());
    expect(await people.startingWith("crowd", 3)).toMatchObject({ hasMore: false });
    const two = await people.startingWith("crowd", 2);
    expect([two.users.length, two.hasMore]).toEqual([2, true]);
  });

  it("are not guessed when Graph does not let us read", async () => {
    const people = createEntraPeople(graph.client("wrong"));
    await expect(people.startingWith("ada", 5)).rejects.toMatchObject({ kind: "access" });
  });
});
