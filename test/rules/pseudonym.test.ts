// The name of a user in logs.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pseudonym } from "../../src/rules/pseudonym.ts";

const ID = "8f14e45f-ceea-467f-a34b-2c1d3e4f5a6b";

describe("a pseudonym", () => {
  it("is the same for an id however it is spelled, and another for another id", () => {
    expect(pseudonym(ID)).toBe(pseudonym(ID.toUpperCase()));
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (one, other) => {
        expect(pseudonym(one) === pseudonym(other)).toBe(one === other);
      }),
    );
  });

  it("holds nothing of the id", () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(pseudonym(id)).toMatch(/^u-[0-9a-f]{16}$/);
        expect(pseudonym(id)).not.toContain(id.slice(0, 8));
      }),
    );
  });

  // infra/azure/queries.kql: strcat("u-", substring(hash_sha256(strcat("drupal-entra-user-sync:", tolower(id))), 0, 16))
  it("can be made by a query, which has SHA-256 in hex", () => {
    const hex = createHash("sha256").update(`drupal-entra-user-sync:${ID}`).digest("hex");
    expect(pseudonym(ID)).toBe(`u-${hex.slice(0, 16)}`);
  });
});
