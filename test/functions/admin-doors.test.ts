// Every HTTP function asks who may, before anything else; the few that do not are named.
import { describe, expect, it } from "vitest";
import { httpFunctions, OPEN_TO_ANYONE, SIGNED_BY_DRUPAL } from "./http-functions.ts";

const namesOf = (functions: typeof httpFunctions) => functions.map(({ name }) => name);
const guarded = httpFunctions.filter(({ name }) => !OPEN_TO_ANYONE.includes(name));

describe("the doors of the app", () => {
  it("are all seen here", () => {
    expect(guarded.length).toBeGreaterThan(15);
    expect(namesOf(httpFunctions)).toEqual(expect.arrayContaining([...OPEN_TO_ANYONE]));
  });

  it("ask first who may: a reader to read, an operator to do anything else", () => {
    const unguarded = guarded.filter(({ methods, firstAwait }) => {
      const isRead = methods.every((method) => method === "GET" || method === "HEAD");
      return firstAwait !== `authorize(request, "${isRead ? "Audit.Read" : "Sync.Operate"}")`;
    });
    expect(namesOf(unguarded)).toEqual([]);
  });

  it("of Drupal's console ask for its signature first", () => {
    const console = httpFunctions.filter(({ route }) => route.startsWith("console/"));
    expect(namesOf(console).toSorted()).toEqual(SIGNED_BY_DRUPAL);
    const unasked = console.filter(({ firstAwait }) => firstAwait !== "authorizeConsole(request)");
    expect(namesOf(unasked)).toEqual([]);
  });

  it("never mix reads and writes, and answer every failure in the public form", () => {
    const mixed = httpFunctions.filter(
      ({ methods }) => methods.length === 0 || (methods.length > 1 && methods.includes("GET")),
    );
    const bare = httpFunctions.filter(({ handler }) => !handler.startsWith("respond("));
    expect({ mixed: namesOf(mixed), bare: namesOf(bare) }).toEqual({ mixed: [], bare: [] });
  });
});
